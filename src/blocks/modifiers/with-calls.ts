/**
 * Weight sharing over depth: applies the block several times in a row with the same weights.
 * https://arxiv.org/abs/1909.11942
 */
import { violation } from '../../util/params.js';
import { keepsShape, type Modifier } from './modifier.js';

export const withCalls: Modifier<number> = {
  name: 'with-calls',
  summary: 'the block several times in a row with shared weights',
  source: 'https://arxiv.org/abs/1909.11942',
  spec: { kind: 'int', min: 1, max: 16, doc: 'times the block is called in a row with the same weights' },
  problem: (calls, input, context) =>
    calls === 1 || keepsShape(input, context)
      ? undefined
      : violation(
          ['with-calls'],
          'with-calls needs a block that keeps shape and width, ' +
            `got ${input.channels} to ${context.width} channels at stride ${context.stride}`,
        ),
  wrap: (run, calls) => (ops, x, context) => {
    let y = x;
    for (let call = 0; call < calls; call++) y = run(ops, y, context);
    return y;
  },
};
