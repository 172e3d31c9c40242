/** Strided convolution between stages, with batch norm, or with a bias in its place. */
import type { Layer } from '../contract.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm.js';

const params = {
  kernel: { kind: 'int', min: 1, max: 15, default: 3, doc: 'side of the convolution in pixels' },
  stride: { kind: 'int', min: 1, max: 4, default: 2, doc: 'how many times smaller the map becomes' },
  norm: { kind: 'bool', default: true, doc: 'batch norm after it; without, it has a bias' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norm' },
} as const;

export const convDownsample = {
  name: 'conv',
  summary: 'strided convolution and batch norm',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  forward(ops, x, p, width) {
    const y = conv(ops, x, 'conv', width, { kernel: p.kernel, stride: p.stride, bias: !p.norm });
    return p.norm ? batchNorm(ops, y, 'norm', { epsilon: p.epsilon }) : y;
  },
} as const satisfies Layer<typeof params>;
