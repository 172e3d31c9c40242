/**
 * Inverted residual with a depthwise convolution. Parameter `form` chooses one of three published orders:
 *   efficientnet  1×1 BN act, depthwise BN act, SE, 1×1 BN. Without SE and with ReLU6 it is MobileNetV2's.
 *                 https://arxiv.org/abs/1905.11946
 *   maxvit        BN, 1×1 BN act, depthwise BN act, SE, 1×1 with bias. The shortcut is a 2×2 mean and a 1×1
 *                 where the shape changes. https://arxiv.org/abs/2204.01697 (timm, models/maxxvit.py)
 *   coatnet-rw    As maxvit, but: activation after the first norm, 2×2 mean there instead of a stride, hidden
 *                 width from the input's channels, SE with ReLU before the second norm, no biases. timm's
 *                CoAtNets.
 * x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { ParamsOf } from '../../util/params.js';
import type { Block, BlockContext } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv, depthwise } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';
import { addBranch, meanPoolByStride } from '../layers/residual-branch.js';
import { roundedChannels } from '../layers/rounded-channels.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  expand: {
    kind: 'number',
    min: 1,
    max: 16,
    default: 4,
    doc: 'hidden channels / input channels (form maxvit: / output channels)',
  },
  kernel: {
    kind: 'int',
    min: 1,
    max: 15,
    odd: true,
    default: 3,
    doc: 'side of the depthwise convolution in pixels',
  },
  se: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    doc:
      'squeeze-excitation channels / input channels (form maxvit: / output, coatnet-rw: ' +
      '/ hidden), 0 for none',
  },
  act: activationParam('silu'),
  form: {
    kind: 'choice',
    oneOf: ['efficientnet', 'maxvit', 'coatnet-rw'],
    default: 'efficientnet',
    doc: 'order of norms and shape of the shortcut',
  },
  'round-to': {
    kind: 'int',
    min: 1,
    max: 64,
    default: 1,
    doc: 'hidden channels are rounded to multiples of this',
  },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norms' },
} as const;
type Params = ParamsOf<typeof params>;

const hiddenChannels = (p: Params, channels: number): number =>
  p['round-to'] === 1 ? Math.round(p.expand * channels) : roundedChannels(p.expand * channels, p['round-to']);

function efficientnet<T>(ops: TensorOps<T>, x: T, p: Params, context: BlockContext): T {
  const channels = ops.shape(x).at(-1)!;
  const residual = context.stride === 1 && channels === context.width;
  const norm = (y: T, name: string, gain = 1): T => batchNorm(ops, y, name, { epsilon: p.epsilon, gain });
  let y = x;
  if (p.expand !== 1)
    y = activate(ops, norm(conv(ops, y, 'expand', hiddenChannels(p, channels)), 'expand-norm'), p.act);
  y = activate(
    ops,
    norm(
      depthwise(ops, y, 'depthwise', {
        kernel: p.kernel,
        stride: context.stride,
        padding: paddingOf(p.padding, p.kernel, context.stride),
      }),
      'depthwise-norm',
    ),
    p.act,
  );
  if (p.se > 0) y = squeezeExcite(ops, y, 'se', Math.max(1, Math.round(p.se * channels)), p.act);
  y = norm(conv(ops, y, 'project', context.width), 'project-norm', residual ? 0.5 : 1);
  return residual ? addBranch(ops, x, y, context.dropPath) : y;
}

function maxvit<T>(ops: TensorOps<T>, x: T, p: Params, context: BlockContext): T {
  const hidden = hiddenChannels(p, context.width);
  const norm = (y: T, name: string): T => batchNorm(ops, y, name, { epsilon: p.epsilon });
  let shortcut = x;
  if (context.stride === 2) shortcut = ops.avgPool(shortcut, { window: 2, stride: 2, padding: 'same' });
  if (ops.shape(x).at(-1) !== context.width)
    shortcut = conv(ops, shortcut, 'shortcut', context.width, { bias: true });
  let y = norm(x, 'norm');
  y = activate(ops, norm(conv(ops, y, 'expand', hidden), 'expand-norm'), p.act);
  y = activate(
    ops,
    norm(
      depthwise(ops, y, 'depthwise', {
        kernel: p.kernel,
        stride: context.stride,
        padding: paddingOf(p.padding, p.kernel, context.stride),
      }),
      'depthwise-norm',
    ),
    p.act,
  );
  if (p.se > 0) y = squeezeExcite(ops, y, 'se', Math.max(1, Math.round(p.se * context.width)), 'silu');
  y = conv(ops, y, 'project', context.width, {
    bias: true,
    init: { kind: 'truncated-normal', std: 0.7 / Math.sqrt(hidden) },
  });
  return addBranch(ops, shortcut, y, context.dropPath);
}

function coatnetRw<T>(ops: TensorOps<T>, x: T, p: Params, context: BlockContext): T {
  const channels = ops.shape(x).at(-1)!;
  const hidden = hiddenChannels(p, channels);
  const norm = (y: T, name: string): T =>
    activate(ops, batchNorm(ops, y, name, { epsilon: p.epsilon }), p.act);
  let shortcut = meanPoolByStride(ops, x, context.stride);
  if (channels !== context.width) shortcut = conv(ops, shortcut, 'shortcut', context.width);
  let y = meanPoolByStride(ops, norm(x, 'norm'), context.stride);
  y = norm(conv(ops, y, 'expand', hidden), 'expand-norm');
  y = depthwise(ops, y, 'depthwise', { kernel: p.kernel, padding: paddingOf(p.padding, p.kernel, 1) });
  if (p.se > 0) y = squeezeExcite(ops, y, 'se', Math.max(1, Math.floor(p.se * hidden)), 'relu');
  y = conv(ops, norm(y, 'depthwise-norm'), 'project', context.width, {
    init: { kind: 'truncated-normal', std: 0.7 / Math.sqrt(hidden) },
  });
  return addBranch(ops, shortcut, y, context.dropPath);
}

export const mbconv = {
  name: 'mbconv',
  letter: 'C',
  summary: '1×1 expansion, depthwise convolution, squeeze-excitation, 1×1 projection',
  source: 'https://arxiv.org/abs/1905.11946',
  params,
  reduces: true,
  forward(ops, x, p, context) {
    if (p.form === 'maxvit') return maxvit(ops, x, p, context);
    if (p.form === 'coatnet-rw') return coatnetRw(ops, x, p, context);
    return efficientnet(ops, x, p, context);
  },
} as const satisfies Block<typeof params>;
