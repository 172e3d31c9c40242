/**
 * Stochastic depth at a rate of this block's own, which replaces the recipe's rate that rises with depth.
 * The recipe's schedule (NASNet's scheduled drop-path) scales both. https://arxiv.org/abs/1603.09382,
 * https://arxiv.org/abs/1707.07012
 */
import type { Modifier } from './modifier.js';

export const withDropPath: Modifier<number> = {
  name: 'with-drop-path',
  summary: 'stochastic depth at a rate of the block’s own',
  source: 'https://arxiv.org/abs/1603.09382',
  spec: {
    kind: 'number',
    min: 0,
    max: 0.95,
    doc: 'rate at which training drops the block’s branches, in place of the recipe’s',
  },
  wrap: (run, rate) => (ops, x, context) => run(ops, x, { ...context, dropPath: ops.training ? rate : 0 }),
};
