/** Global mean, optional norm, linear classifier. */
import type { Head } from '../contract.js';
import { linear, outputInit } from '../layers/linear.js';
import { batchNorm, layerNorm } from '../layers/norm.js';

const params = {
  norm: { kind: 'choice', oneOf: ['layer', 'batch', 'none'], default: 'layer', doc: 'norm beside the pooling' },
  'norm-first': { kind: 'bool', default: false, doc: 'norm before the pooling (Swin) in place of after it (ConvNeXt)' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the norm' },
} as const;

export const poolLinear = {
  name: 'pool-linear',
  summary: 'global mean, norm, linear classifier',
  source: 'https://arxiv.org/abs/2201.03545',
  params,
  forward(ops, x, p, classes) {
    const norm = (y: typeof x): typeof x => (p.norm === 'none' ? y : (p.norm === 'layer' ? layerNorm : batchNorm)(ops, y, 'norm', { epsilon: p.epsilon }));
    const pooled = ops.reduce(p['norm-first'] ? norm(x) : x, 'mean', [1, 2]); // [b,c]
    return linear(ops, p['norm-first'] ? pooled : norm(pooled), 'classifier', classes, { init: outputInit });
  },
} as const satisfies Head<typeof params>;
