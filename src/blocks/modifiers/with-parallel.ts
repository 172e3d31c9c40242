/**
 * Shallow-parallel stages: k residual blocks in parallel instead of in sequence, y = x + Σ (Bᵢ(x) − x).
 * Parameters and MACs are those of k blocks, the depth that of one. Each block has its own weights. "Make
 * Deep Networks Shallow Again", https://arxiv.org/abs/2309.08414
 */
import { violation } from '../../util/params.js';
import { keepsShape, type Modifier } from './modifier.js';

export const withParallel: Modifier<number> = {
  name: 'with-parallel',
  summary: 'several copies of the block side by side, their residuals summed',
  source: 'https://arxiv.org/abs/2309.08414',
  spec: {
    kind: 'int',
    min: 2,
    max: 64,
    doc: 'copies of the block side by side, whose residual parts are summed',
  },
  problem: (_, input, context) =>
    keepsShape(input, context)
      ? undefined
      : violation(
          ['with-parallel'],
          'with-parallel needs a block that keeps shape and width, ' +
            `got ${input.channels} to ${context.width} channels at stride ${context.stride}`,
        ),
  wrap: (run, copies) => (ops, x, context) => {
    let y = x;
    for (let copy = 1; copy <= copies; copy++)
      y = ops.binary(
        y,
        ops.binary(
          ops.scope(`parallel${copy}`, () => run(ops, x, context)),
          x,
          'sub',
        ),
        'add',
      );
    return y;
  },
};
