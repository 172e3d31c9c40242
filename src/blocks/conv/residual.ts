/**
 * ResNet's residual blocks. https://arxiv.org/abs/1512.03385
 *   basic       y = act(shortcut(x) + BN(Conv3(act(BN(Conv3(x))))))
 *   bottleneck  y = act(shortcut(x) + BN(Conv1(act(BN(Conv3(act(BN(Conv1(x)))))))), inner width ratio · width
 *   fastervit   y = shortcut(x) + γ · BN(Conv3(GELU(BN(Conv3(x))))), https://arxiv.org/abs/2306.06189
 * x `[b,h,w,c]` → y `[b,h/stride,w/stride,width]`. The shortcut is the identity, or a strided 1×1
 * convolution and batch norm where the shape changes. PfLayer's variants of the bottleneck: `spatial:
 * max-pool` replaces the 3×3 convolution by a parameter-free 3×3 maximum. `hybrid` does so only at stride 1;
 * at stride 2 it applies a 2×2 mean and then the convolution. https://github.com/naver-ai/PfLayer
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
