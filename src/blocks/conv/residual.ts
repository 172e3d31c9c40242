/**
 * ResNet's blocks. `basic`: two 3×3. `bottleneck`: 1×1 to a quarter of the width, 3×3 (which strides), 1×1.
 * Batch norm after each, ReLU after the sum; shortcut by strided 1×1 and norm where the shape changes.
 * https://arxiv.org/abs/1512.03385 `spatial: max-pool` puts a parameter-free 3×3 maximum in place of the
 * bottleneck's 3×3 convolution and `hybrid` keeps the convolution (behind a mean pooling) where the block
 * strides: PfLayer. https://github.com/naver-ai/PfLayer `form: fastervit`: 3×3 BN GELU, 3×3 BN, layer scale,
 * residual without a final activation. https://arxiv.org/abs/2306.06189
 */
import type { Block } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { layerScale } from '../layers/layer-scale.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  form: { kind: 'choice', oneOf: ['basic', 'bottleneck', 'fastervit'], default: 'basic', doc: 'which block' },
  kernel: {
    kind: 'int',
    min: 1,
    max: 15,
    odd: true,
    default: 3,
    doc: 'side of the k×k convolutions in pixels',
  },
  ratio: { kind: 'number', min: 0.0625, max: 4, default: 0.25, doc: 'channels inside a bottleneck / width' },
  spatial: {
    kind: 'choice',
    oneOf: ['conv', 'max-pool', 'hybrid'],
    default: 'conv',
    doc: 'what stands in the middle of a bottleneck',
  },
  act: activationParam('relu'),
  bias: {
    kind: 'bool',
    default: false,
    doc: 'biases of the k×k convolutions of a basic block (FasterViT has them)',
  },
  'layer-scale': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    doc: 'start of the layer scale (form fastervit), 0 for none',
  },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norms' },
} as const;

export const residual = {
  name: 'residual',
  letter: 'C',
  summary: 'ResNet’s basic or bottleneck block, also with max pooling in the middle',
  source: 'https://arxiv.org/abs/1512.03385',
  params,
  reduces: true,
  forward(ops, x, p, context) {
    const { stride, width } = context;
    const norm = (y: typeof x, name: string, gain = 1): typeof x =>
      batchNorm(ops, y, name, { epsilon: p.epsilon, gain });
    const spatial = (y: typeof x, name: string, channels: number, by: 1 | 2): typeof x =>
      conv(ops, y, name, channels, {
        kernel: p.kernel,
        stride: by,
        bias: p.bias && p.form !== 'bottleneck',
        padding: paddingOf(p.padding, p.kernel, by),
      });
    const changes = stride === 2 || ops.shape(x).at(-1) !== width;
    const shortcut = changes ? norm(conv(ops, x, 'shortcut', width, { stride }), 'shortcut-norm') : x;
    if (p.form !== 'bottleneck') {
      let y = activate(ops, norm(spatial(x, 'conv1', width, stride), 'norm1'), p.act);
      y = norm(spatial(y, 'conv2', width, 1), 'norm2', 0.5);
      if (p.form === 'fastervit' && p['layer-scale'] > 0)
        y = layerScale(ops, y, 'layer-scale', p['layer-scale']);
      const sum = addBranch(ops, shortcut, y, context.dropPath);
      return p.form === 'fastervit' ? sum : activate(ops, sum, p.act);
    }
    const inside = Math.max(1, Math.round(p.ratio * width));
    let y = activate(ops, norm(conv(ops, x, 'conv1', inside), 'norm1'), p.act);
    if (p.spatial === 'max-pool' || (p.spatial === 'hybrid' && stride === 1)) {
      y = ops.maxPool(y, { window: 3, stride, padding: paddingOf(p.padding, 3, stride) });
    } else {
      if (p.spatial === 'hybrid') y = ops.avgPool(y, { window: 2, stride: 2, padding: 'same' });
      y = activate(
        ops,
        norm(spatial(y, 'conv2', inside, p.spatial === 'hybrid' ? 1 : stride), 'norm2'),
        p.act,
      );
    }
    y = norm(conv(ops, y, 'conv3', width), 'norm3', 0.5);
    return activate(ops, addBranch(ops, shortcut, y, context.dropPath), p.act);
  },
} as const satisfies Block<typeof params>;
