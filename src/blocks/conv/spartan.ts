/**
 * SpaRTAN's block: a spatial mixer of two receptive fields, then a channel mixer. Each has a group norm of
 * one group before it and a learned scale after it. https://arxiv.org/abs/2507.10999, following
 * henry-pay/SpaRTAN, src/model/spartan.py
 * The channel mixer adds to the gated channels of each pixel those of its strongest channel, and multiplies
 * pairs of channels as complex numbers. `dense` uses full convolutions (first stages), otherwise they are
 * grouped. x `[b,h,w,c]` → `[b,h,w,c]`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { conv } from '../layers/conv.js';
import { layerScale } from '../layers/layer-scale.js';
import { batchNorm, groupNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  expand: { kind: 'int', min: 2, max: 16, default: 2, doc: 'hidden channels of the channel mixer / width' },
  dense: { kind: 'bool', default: false, doc: 'full convolutions in place of grouped ones' },
  'layer-scale': { kind: 'number', min: 1e-8, max: 1, default: 1e-5, doc: 'start of the learned scales' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the norms' },
} as const;
interface Options {
  readonly expand: number;
  readonly dense: boolean;
  readonly 'layer-scale': number;
  readonly epsilon: number;
}

function spatialMixer<T>(ops: TensorOps<T>, x: T, p: Options): T {
  const channels = ops.shape(x).at(-1)!;
  const inside = channels / 2;
  const groups = p.dense ? 1 : inside;
  const last = (y: T, name: string, dilation: number): T =>
    ops.activation(
      batchNorm(ops, conv(ops, y, name, inside, { kernel: 3, groups, dilation }), `${name}-norm`, {
        epsilon: p.epsilon,
      }),
      'gelu',
    );
  let y = conv(ops, x, 'in', inside, { bias: true });
  const sharp = ops.binary(y, ops.reduce(y, 'mean', [1, 2], { keepDims: true }), 'sub');
  y = ops.binary(y, layerScale(ops, sharp, 'detail-scale', p['layer-scale']), 'add');
  const near = squeezeExcite(ops, last(y, 'near', 1), 'near-se', Math.max(1, Math.floor(inside / 4)), 'relu');
  const far = squeezeExcite(
    ops,
    last(conv(ops, y, 'far1', inside, { kernel: 3, groups, dilation: 2 }), 'far2', 2),
    'far-se',
    Math.max(1, Math.floor(inside / 4)),
    'relu',
  );
  return conv(ops, ops.concat([near, far], 3), 'out', channels, { bias: true });
}

/** One-hot map of each pixel's strongest channel, x `[b,h,w,c]` → `[b,h,w,c]`. */
function argMaxMask<T>(ops: TensorOps<T>, x: T): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const index = ops.reshape(ops.argMax(x, 3), [batch, height, width, 1]);
  const distance = ops.unary(
    ops.binary(
      index,
      ops.constant(
        Float32Array.from({ length: channels }, (_, channel) => channel),
        [channels],
      ),
      'sub',
    ),
    'abs',
  );
  return ops.activation(ops.scale(distance, -1, 1), 'relu'); // 1 at distance 0, otherwise 0
}

function channelMixer<T>(ops: TensorOps<T>, x: T, p: Options): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const hidden = p.expand * channels;
  const gate = ops.activation(conv(ops, x, 'gate', hidden, { bias: true }), 'gelu');
  const value = conv(ops, x, 'value', hidden, { bias: true });
  const mark = argMaxMask(ops, x); // [b,h,w,c]; indices of x name the first c hidden channels
  const first = (y: T): T =>
    ops.reduce(ops.binary(ops.slice(y, [0, 0, 0, 0], [-1, -1, -1, channels]), mark, 'mul'), 'sum', [3], {
      keepDims: true,
    });
  const product = ops.binary(
    ops.binary(gate, value, 'mul'),
    ops.binary(first(gate), first(value), 'mul'),
    'add',
  );

  const pairs = ops.reshape(product, [batch, height, width, hidden / 2, 2]);
  const turn = ops.weight('rotation', [hidden / 2, 2], { kind: 'normal', std: 1 });
  const part = (y: T, index: number, rank: 2 | 5): T =>
    ops.slice(y, rank === 5 ? [0, 0, 0, 0, index] : [0, index], rank === 5 ? [-1, -1, -1, -1, 1] : [-1, 1]);
  const [real, imaginary, cos, sin] = [
    part(pairs, 0, 5),
    part(pairs, 1, 5),
    part(turn, 0, 2),
    part(turn, 1, 2),
  ];
  const mul = (a: T, b: T): T => ops.binary(a, b, 'mul');
  const turned = ops.concat(
    [
      ops.binary(mul(real, cos), mul(imaginary, sin), 'sub'),
      ops.binary(mul(real, sin), mul(imaginary, cos), 'add'),
    ],
    4,
  );
  let y = ops.reshape(turned, [batch, height, width, hidden]);
  y = conv(ops, y, 'mix', hidden, { kernel: 3, groups: p.dense ? hidden : channels });
  y = ops.activation(batchNorm(ops, y, 'mix-norm', { epsilon: p.epsilon }), 'gelu');
  return conv(
    ops,
    squeezeExcite(ops, y, 'se', Math.max(1, Math.floor(channels / 4)), 'relu'),
    'out',
    channels,
    { bias: true },
  );
}

export const spartan = {
  name: 'spartan',
  letter: 'C',
  summary: 'spatial mixer of two receptive fields, channel mixer with complex products',
  source: 'https://arxiv.org/abs/2507.10999',
  params,
  reduces: false,
  problem(_, __, context) {
    return context.width % 8 === 0
      ? undefined
      : violation([], `the width must be a multiple of 8, got ${context.width}`);
  },
  forward(ops, x, p, context) {
    const space = ops.scope('spatial', () =>
      spatialMixer(ops, groupNorm(ops, x, 'norm', 1, { epsilon: p.epsilon }), p),
    );
    const mixed = addBranch(
      ops,
      x,
      layerScale(ops, space, 'spatial-scale', p['layer-scale']),
      context.dropPath,
    );
    const channels = ops.scope('channel', () =>
      channelMixer(ops, groupNorm(ops, mixed, 'norm', 1, { epsilon: p.epsilon }), p),
    );
    return addBranch(
      ops,
      mixed,
      layerScale(ops, channels, 'channel-scale', p['layer-scale']),
      context.dropPath,
    );
  },
} as const satisfies Block<typeof params>;
