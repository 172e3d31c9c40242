/**
 * Squeeze-and-excitation on the block's residual branch, as in SE-ResNet. https://arxiv.org/abs/1709.01507
 */
import { squeezeExcite } from '../layers/squeeze-excite.js';
import { mapResidualBranch } from './map-residual-branch.js';
import type { Modifier } from './modifier.js';

export const withSqueezeExcite: Modifier<number> = {
  name: 'with-se',
  summary: 'squeeze-and-excitation on what the block adds',
  source: 'https://arxiv.org/abs/1709.01507',
  spec: {
    kind: 'number',
    min: 0.001,
    max: 4,
    doc: 'squeeze-and-excitation on what the block adds: reduced channels / width',
  },
  wrap: (run, ratio) => (ops, x, context) =>
    mapResidualBranch(ops, x, run(ops, x, context), (branch) =>
      squeezeExcite(ops, branch, 'with-se', Math.max(1, Math.round(ratio * context.width)), 'relu'),
    ),
};
