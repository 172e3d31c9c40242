/**
 * No layer between the stages: the first block of the stage strides and changes the width. Architecture
 * values write it as `downsample: null` and `firstStride`; this name exists for space files.
 */
import type { StemOrDownsample } from '../block.js';

const params = {} as const;

export const noDownsample = {
  name: 'none',
  summary: 'nothing; the first block of the stage reduces by itself',
  source: 'https://arxiv.org/abs/1512.03385',
  params,
  forward: (_ops, x) => x,
} as const satisfies StemOrDownsample<typeof params>;
