/**
 * ConvNeXt's block: y = x + γ · MLP(LN(depthwise k×k(x))), the MLP 1×1 to 4C, GELU, 1×1.
 * x `[b,h,w,c]` → `[b,h,w,c]`. https://arxiv.org/abs/2201.03545, following timm, models/convnext.py
 */
import type { Block } from '../block.js';
import { activationParam } from '../layers/activations.js';
import { depthwise } from '../layers/conv.js';
import { layerScale } from '../layers/layer-scale.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  kernel: {
    kind: 'int',
    min: 1,
    max: 51,
    odd: true,
    default: 7,
    doc: 'side of the depthwise convolution in pixels',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels / width' },
  'layer-scale': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 1e-6,
    doc: 'start of the layer scale, 0 for none',
  },
  act: activationParam('gelu'),
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norm' },
} as const;

export const convnext = {
  name: 'convnext',
  letter: 'C',
  summary: 'large depthwise convolution, layer norm, inverted bottleneck MLP',
  source: 'https://arxiv.org/abs/2201.03545',
  params,
  reduces: false,
  forward(ops, x, p, context) {
    let y = depthwise(ops, x, 'depthwise', { kernel: p.kernel, bias: true });
    y = layerNorm(ops, y, 'norm', { epsilon: p.epsilon });
    y = mlp(ops, y, 'mlp', Math.max(1, Math.round(p.mlp * context.width)), { act: p.act });
    if (p['layer-scale'] > 0) y = layerScale(ops, y, 'layer-scale', p['layer-scale']);
    return addBranch(ops, x, y, context.dropPath);
  },
} as const satisfies Block<typeof params>;
