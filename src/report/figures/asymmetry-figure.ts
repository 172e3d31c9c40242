/** The score against the asymmetry score of each layout. */
import { asymmetryScore } from '../../architecture/layout.js';
import type { Figure } from './figure.js';
import { type ShareInfo, shareChart, shareInfo } from './kind-points.js';
import { someText } from './some-lines.js';

export const asymmetryFigure = {
  name: 'asymmetry',
  title: ({ score }) => `${score.label} against asymmetry`,
  caption: ({ points, of }) =>
    [
      'Asymmetry score: the mean of |C − T| / (C + T) over the stages that mix both;',
      '0 is symmetric or unmixed.',
      'Bars are 95 % intervals; where they are missing, the scatter is unknown.',
      ...someText('layouts', points.length, of),
    ].join(' '),
  info: (result) => shareInfo(result, asymmetryScore),
  chart: (info) => shareChart(info, 'Asymmetry score of the layout'),
} satisfies Figure<ShareInfo>;
