/** The score against the share of transformer blocks of each layout. */
import type { Figure } from './figure.js';
import { type ShareInfo, shareChart, shareInfo } from './kind-points.js';
import { someText } from './some-lines.js';
import { transformerShare } from './transformer-share.js';

export const transformerShareFigure = {
  name: 'transformerShare',
  title: ({ score }) => `${score.label} against the share of transformer blocks`,
  caption: ({ points, of }) =>
    [
      'Share of T among the C and T blocks of each layout, counted over all stages.',
      'Bars are 95 % intervals; where they are missing, the scatter is unknown.',
      ...someText('layouts', points.length, of),
    ].join(' '),
  info: (result) => shareInfo(result, transformerShare),
  chart: (info) => shareChart(info, 'Share of T among C and T blocks'),
} satisfies Figure<ShareInfo>;
