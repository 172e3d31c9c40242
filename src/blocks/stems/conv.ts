/** Convolutional stem: `layers` convolutions with batch norm and activation, the first of which stride (AsCAN: two, to half size). */
import type { Layer } from '../contract.js';
import { activationOf, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm.js';

const params = {
  layers: { kind: 'int', min: 1, max: 8, default: 2, doc: 'number of convolutions' },
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of each convolution in pixels' },
  stride: { kind: 'int', min: 1, max: 16, default: 2, doc: 'whole stride, a power of two: the first convolutions halve, one each' },
  act: activationParam('gelu'),
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norms' },
} as const;

export const convStem = {
  name: 'conv',
  summary: 'convolutions with batch norm and activation, the first ones strided',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  problem(p) {
    const halvings = Math.log2(p.stride);
    if (!Number.isInteger(halvings)) return `stride must be a power of two, got ${p.stride}`;
    return halvings > p.layers ? `stride ${p.stride} needs at least ${halvings} layers, got ${p.layers}` : undefined;
  },
  forward(ops, x, p, width) {
    let y = x;
    for (let layer = 0; layer < p.layers; layer++) {
      y = conv(ops, y, `conv${layer + 1}`, width, { kernel: p.kernel, stride: layer < Math.log2(p.stride) ? 2 : 1 });
      y = ops.activation(batchNorm(ops, y, `norm${layer + 1}`, { epsilon: p.epsilon }), activationOf(p.act));
    }
    return y;
  },
} as const satisfies Layer<typeof params>;
