/**
 * Strided maximum; where the width changes, a 1×1 convolution with batch norm follows. SimpleNet pools so
 * between its layers. https://arxiv.org/abs/1608.06037
 */
import type { StemOrDownsample } from '../block.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';

const params = {
  window: { kind: 'int', min: 2, max: 15, default: 2, doc: 'side of the window in pixels' },
  stride: { kind: 'int', min: 1, max: 4, default: 2, doc: 'how many times smaller the map becomes' },
  project: {
    kind: 'bool',
    default: true,
    doc: 'where the width changes, a 1×1 convolution does it here; else the first block does',
  },
  padding: paddingParam,
} as const;

export const maxPoolDownsample = {
  name: 'max-pool',
  summary: 'strided maximum, 1×1 convolution where the width changes',
  source: 'https://arxiv.org/abs/1608.06037',
  params,
  forward(ops, x, p, width) {
    const y = ops.maxPool(x, {
      window: p.window,
      stride: p.stride,
      padding: p.window % 2 === 0 ? 'same' : paddingOf(p.padding, p.window, p.stride),
    });
    return p.project && ops.shape(y).at(-1) !== width
      ? batchNorm(ops, conv(ops, y, 'project', width), 'norm')
      : y;
  },
} as const satisfies StemOrDownsample<typeof params>;
