/**
 * Swin's patch merging: concatenates the four pixels of each 2×2 square, then layer norm and a linear layer
 * without bias. x `[b,h,w,c]` → `[b,h/2,w/2,width]`. https://arxiv.org/abs/2103.14030
 */
import type { StemOrDownsample } from '../block.js';
import { linear } from '../layers/linear-layer.js';
import { layerNorm } from '../layers/norm-layers.js';
import { padToWindows } from '../layers/windows.js';

const params = {
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the norm' },
} as const;

export const patchMerge = {
  name: 'patch-merge',
  summary: '2×2 pixels side by side, layer norm, linear layer',
  source: 'https://arxiv.org/abs/2103.14030',
  params,
  forward(ops, x, p, width) {
    const even = padToWindows(ops, x, { height: 2, width: 2 });
    const [batch, height, columns, channels] = ops.shape(even) as [number, number, number, number];
    const split = ops.reshape(even, [batch, height / 2, 2, columns / 2, 2, channels]);
    // Pixels of a square in column order, (0,0), (1,0), (0,1), (1,1), as published weights expect.
    const squares = ops.reshape(ops.transpose(split, [0, 1, 3, 4, 2, 5]), [
      batch,
      height / 2,
      columns / 2,
      4 * channels,
    ]);
    return linear(ops, layerNorm(ops, squares, 'norm', { epsilon: p.epsilon }), 'project', width, {
      bias: false,
    });
  },
} as const satisfies StemOrDownsample<typeof params>;
