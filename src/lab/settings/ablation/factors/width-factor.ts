/** `width(stage: 2, to: {32, 48})`: channels of a stage. */
import type { Architecture } from '../../../../architecture/architecture.js';
import { type FactorKind, stageParam } from '../factor.js';
import { withWidths } from '../scale-width.js';
import { readWholeNumber } from './read-level.js';

const widthsOf = ({ stages }: Architecture): number[] => stages.map(({ width }) => width);

export const widthFactor: FactorKind = {
  doc: 'channels of a stage: to: {32, 48}',
  params: { stage: { ...stageParam, min: 1, default: 1 } },
  nameOf: ({ stage }) => `width ${stage}`,
  current: ({ architecture }, { stage }) => String(widthsOf(architecture)[Number(stage) - 1] ?? ''),
  level(term, { stage }, { diagnostics }) {
    const width = readWholeNumber(term, 'width: to', 1, 65_536, diagnostics);
    return width === undefined
      ? undefined
      : {
          label: String(width),
          meaning: width,
          apply: (variant) => ({
            ...variant,
            architecture: withWidths(
              variant.architecture,
              widthsOf(variant.architecture).map((each, index) => (index + 1 === stage ? width : each)),
            ),
          }),
        };
  },
};
