/**
 * Global mean, optional norm, optional hidden layer, linear classifier: x `[b,h,w,c]` → `[b,classes]`.
 * `pool: class-token` takes the first token of a row of tokens in place of the mean.
 */
import { violation } from '../../util/params.js';
import type { Head } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { applyNorm, normParam } from '../layers/norm-layers.js';

const params = {
  pool: {
    kind: 'choice',
    oneOf: ['mean', 'class-token'],
    default: 'mean',
    doc: 'mean over the map, or the first token of a row of tokens',
  },
  norm: normParam('layer'),
  'norm-first': {
    kind: 'bool',
    default: false,
    doc: 'norm before the pooling (Swin, ViT) in place of after it (ConvNeXt)',
  },
  hidden: { kind: 'int', min: 0, max: 65536, default: 0, doc: 'channels of a hidden linear layer; 0: none' },
  'hidden-act': activationParam('tanh'),
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the norm' },
} as const;

export const poolLinear = {
  name: 'pool-linear',
  summary: 'global mean, norm, linear classifier',
  source: 'https://arxiv.org/abs/2201.03545',
  params,
  problem(p, input) {
    return p.pool === 'class-token' && input.height !== 1
      ? violation(
          ['pool'],
          `pool class-token needs a row of tokens, got a map of ${input.height}×${input.width}`,
        )
      : undefined;
  },
  forward(ops, x, p, classes) {
    const norm = (y: typeof x): typeof x => applyNorm(ops, y, 'norm', p.norm, { epsilon: p.epsilon });
    const normed = p['norm-first'] ? norm(x) : x;
    const channels = ops.shape(x).at(-1)!;
    const pooled =
      p.pool === 'mean'
        ? ops.reduce(normed, 'mean', [1, 2])
        : ops.reshape(ops.slice(normed, [0, 0, 0, 0], [-1, 1, 1, -1]), [-1, channels]); // [b,c]
    let y = p['norm-first'] ? pooled : norm(pooled);
    if (p.hidden > 0) y = activate(ops, linear(ops, y, 'hidden', p.hidden), p['hidden-act']);
    return linear(ops, y, 'classifier', classes, { init: outputInit });
  },
} as const satisfies Head<typeof params>;
