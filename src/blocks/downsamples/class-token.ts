/**
 * Adds a learned class token between stages: x `[b,h,w,c]` → `[b,1,1+h·w,c]`, the class token first. ConViT
 * does this after its convolution-like layers. https://arxiv.org/abs/2103.10697
 */
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { withClassToken } from '../layers/token-embeddings.js';

const params = {} as const;

export const classToken = {
  name: 'class-token',
  summary: 'a learned class token joins the pixels, in a row',
  source: 'https://arxiv.org/abs/2103.10697',
  params,
  problem(_, input, width) {
    return input.channels === width
      ? undefined
      : violation([], `the width must stay ${input.channels}, got ${width}`);
  },
  forward: (ops, x) => withClassToken(ops, x),
} as const satisfies StemOrDownsample<typeof params>;
