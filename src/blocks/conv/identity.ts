/**
 * The identity. It changes nothing where the shape stays: x `[b,h,w,c]` → x.
 * Where the context asks for another resolution or width, it is a strided 1×1 convolution without bias and a
 * batch norm, as in NAS-Bench-Macro. https://arxiv.org/abs/2103.11922
 */
import type { Block } from '../block.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';

const params = {} as const;

export const identity = {
  name: 'identity',
  letter: 'I',
  summary: 'passes its input; a strided 1×1 convolution and norm where the shape changes',
  source: 'https://arxiv.org/abs/2103.11922',
  params,
  reduces: true,
  forward(ops, x, _, context) {
    if (context.stride === 1 && ops.shape(x).at(-1) === context.width) return x;
    return batchNorm(ops, conv(ops, x, 'shortcut', context.width, { stride: context.stride }), 'norm');
  },
} as const satisfies Block<typeof params>;
