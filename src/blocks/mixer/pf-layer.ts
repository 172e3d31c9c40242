/**
 * PfLayer: a transformer block with a parameter-free maximum in place of attention.
 * y = x + 1×1(GELU(max3×3(GELU(1×1(LN x))))), hidden width 3C; then y + MLP(LN y). x `[b,h,w,c]` →
 * `[b,h,w,c]`. "Learning Features with Parameter-Free Layers", https://arxiv.org/abs/2202.02777, following
 * naver-ai/PfLayer, vit_pf.py
 */
import type { Block } from '../block.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  ratio: { kind: 'number', min: 0.25, max: 16, default: 3, doc: 'channels under the maximum / width' },
  window: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the maximum in pixels' },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

export const pfLayer = {
  name: 'pf-layer',
  letter: 'C',
  summary: 'max pooling between two 1×1 convolutions in the place of attention, MLP',
  source: 'https://arxiv.org/abs/2202.02777',
  params,
  reduces: false,
  forward(ops, x, p, context) {
    const mixed = ops.scope('pool', () => {
      const expanded = ops.activation(
        linear(
          ops,
          layerNorm(ops, x, 'norm', { epsilon: p.epsilon }),
          'expand',
          Math.max(1, Math.round(p.ratio * context.width)),
        ),
        'gelu',
      );
      const highest = ops.activation(
        ops.maxPool(expanded, { window: p.window, stride: 1, padding: 'same' }),
        'gelu',
      );
      return linear(ops, highest, 'project', context.width, { init: outputInit });
    });
    const attended = addBranch(ops, x, mixed, context.dropPath);
    const mlpInput = layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon });
    return addBranch(
      ops,
      attended,
      mlp(ops, mlpInput, 'mlp', Math.max(1, Math.round(p.mlp * context.width))),
      context.dropPath,
    );
  },
} as const satisfies Block<typeof params>;
