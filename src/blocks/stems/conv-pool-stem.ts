/**
 * ResNet's stem: a large convolution of stride 2, batch norm, activation, 3×3 maximum of stride 2. x
 * `[b,h,w,3]` → `[b,h/4,w/4,width]`. https://arxiv.org/abs/1512.03385
 */
import type { StemOrDownsample } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';

const params = {
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 7, doc: 'side of the convolution in pixels' },
  act: activationParam('relu'),
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norm' },
} as const;

export const convPoolStem = {
  name: 'conv-pool',
  summary: 'large strided convolution, then strided maximum: a quarter of the size',
  source: 'https://arxiv.org/abs/1512.03385',
  params,
  forward(ops, x, p, width) {
    const y = batchNorm(
      ops,
      conv(ops, x, 'conv', width, {
        kernel: p.kernel,
        stride: 2,
        padding: paddingOf(p.padding, p.kernel, 2),
      }),
      'norm',
      { epsilon: p.epsilon },
    );
    return ops.maxPool(activate(ops, y, p.act), {
      window: 3,
      stride: 2,
      padding: paddingOf(p.padding, 3, 2),
    });
  },
} as const satisfies StemOrDownsample<typeof params>;
