/** `depth(stage: 3, to: {2, 8})`: blocks of a stage; its letters keep their shares and order. */

import { type FactorKind, mapStages, stageParam } from '../factor.js';
import { resampledBlocks } from '../scale-depth.js';
import { readWholeNumber } from './read-level.js';

export const depthFactor: FactorKind = {
  doc: 'blocks of a stage: to: {2, 8}; letters keep their shares and order',
  params: { stage: stageParam },
  nameOf: ({ stage }) => (stage === 0 ? 'depth' : `depth ${stage}`),
  current: ({ architecture }, { stage }) =>
    architecture.stages
      .filter((_, index) => stage === 0 || stage === index + 1)
      .map(({ blocks }) => blocks.length)
      .join('-'),
  level(term, { stage }, { diagnostics }) {
    const depth = readWholeNumber(term, 'depth: to', 1, 1024, diagnostics);
    return depth === undefined
      ? undefined
      : {
          label: String(depth),
          meaning: depth,
          apply: (variant) => ({
            ...variant,
            architecture: mapStages(variant.architecture, stage, (each) => ({
              ...each,
              blocks: resampledBlocks(each.blocks, depth),
            })),
          }),
        };
  },
};
