/** A learned factor per channel on the block's residual branch. https://arxiv.org/abs/2103.17239 */
import { layerScale } from '../layers/layer-scale.js';
import { mapResidualBranch } from './map-residual-branch.js';
import type { Modifier } from './modifier.js';

export const withLayerScale: Modifier<number> = {
  name: 'with-layer-scale',
  summary: 'a learned factor per channel on what the block adds',
  source: 'https://arxiv.org/abs/2103.17239',
  spec: {
    kind: 'number',
    min: 1e-8,
    max: 1,
    doc: 'learned factors on what the block adds, starting at this',
  },
  wrap: (run, start) => (ops, x, context) =>
    mapResidualBranch(ops, x, run(ops, x, context), (branch) =>
      layerScale(ops, branch, 'with-layer-scale', start),
    ),
};
