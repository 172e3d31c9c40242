/** Concurrent spatial and channel squeeze-excitation after the block. https://arxiv.org/abs/1803.02579 */
import { scse } from '../conv/scse.js';
import type { Modifier } from './modifier.js';

export const withScse: Modifier<string> = {
  name: 'with-scse',
  summary: 'channel gate and pixel gate after the block',
  source: 'https://arxiv.org/abs/1803.02579',
  spec: {
    kind: 'choice',
    oneOf: ['maximum', 'add'],
    doc: 'channel gate and pixel gate after the block, and how they join',
  },
  wrap: (run, combine) => (ops, x, context) => {
    const y = run(ops, x, context);
    return ops.scope('with-scse', () => scse.forward(ops, y, { ratio: 0.5, combine }, context));
  },
};
