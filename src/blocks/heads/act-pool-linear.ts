/** NASNet's head: activation, global mean, linear classifier. https://arxiv.org/abs/1707.07012 */
import type { Head } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { linear, outputInit } from '../layers/linear-layer.js';

const params = { act: activationParam('relu') } as const;

export const actPoolLinear = {
  name: 'act-pool-linear',
  summary: 'activation, global mean, linear classifier',
  source: 'https://arxiv.org/abs/1707.07012',
  params,
  forward: (ops, x, p, classes) =>
    linear(ops, ops.reduce(activate(ops, x, p.act), 'mean', [1, 2]), 'classifier', classes, {
      init: outputInit,
    }),
} as const satisfies Head<typeof params>;
