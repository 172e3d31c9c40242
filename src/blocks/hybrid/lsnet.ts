/**
 * LSNet's block: a token mixer, then a narrow MLP of 1×1 convolutions with batch norm.
 * https://arxiv.org/abs/2503.23135, following jameslahm/lsnet, model/lsnet.py and ska.py; x `[b,h,w,c]` →
 * `[b,h,w,c]`
 *   repvgg     depthwise 3×3 + depthwise 1×1 + identity, then squeeze-excitation
 *   ls         LS convolution: a branch with a large kernel predicts 3×3 weights for each pixel, and a small
 *              kernel aggregates the neighbours with them
 *   attention  LeViT's, with a depthwise 3×3 on the queries and a bias for each absolute offset (last stage)
 * Mixers alternate within a stage: the first, third, … block has `repvgg`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { assertPositionPairs, scaledDotProductAttention } from '../layers/attention.js';
import { conv, depthwise } from '../layers/conv.js';
import { batchNorm, groupNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { roundedChannels } from '../layers/rounded-channels.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  mixer: {
    kind: 'choice',
    oneOf: ['ls', 'attention', 'repvgg'],
    default: 'ls',
    doc: 'mixer of every second block of the stage; the others are repvgg',
  },
  alternate: {
    kind: 'bool',
    default: true,
    doc: 'the first, third, … block of the stage has the repvgg mixer; else all have the one named',
  },
  kernel: {
    kind: 'int',
    min: 1,
    max: 51,
    odd: true,
    default: 7,
    doc: 'side of the perceiving depthwise convolution in pixels',
  },
  groups: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 8,
    doc: 'channels that share the perceived weights; must divide the width',
  },
  heads: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 4,
    doc: 'heads of the attention mixer; must divide the width',
  },
  'key-dim': { kind: 'int', min: 1, max: 512, default: 16, doc: 'channels of a query or key' },
  form: {
    kind: 'choice',
    oneOf: ['training', 'merged'],
    default: 'training',
    doc:
      'the repvgg mixer’s parallel branches and norms, ' +
      'or the one convolution they merge into (`mergeLSNet`)',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 2, doc: 'hidden channels of the MLP / width' },
} as const;

const convNorm = <T>(ops: TensorOps<T>, x: T, name: string, width: number, gain = 1): T =>
  batchNorm(ops, conv(ops, x, name, width), `${name}-norm`, { gain });

function repVgg<T>(ops: TensorOps<T>, x: T, form: string): T {
  const reduced = roundedChannels(ops.shape(x).at(-1)! / 4);
  if (form === 'merged')
    return squeezeExcite(
      ops,
      depthwise(ops, x, 'depthwise', { kernel: 3, bias: true }),
      'se',
      reduced,
      'relu',
    );
  const wide = batchNorm(ops, depthwise(ops, x, 'depthwise', { kernel: 3 }), 'depthwise-norm');
  const point = batchNorm(ops, depthwise(ops, x, 'pointwise', { kernel: 1 }), 'pointwise-norm');
  const summed = ops.binary(ops.binary(wide, point, 'add'), x, 'add');
  return squeezeExcite(ops, summed, 'se', reduced, 'relu');
}

/** y[p,c] = Σ over k in 3×3 of w[p, k, c mod C/groups] · x[p+k, c]; w `[b,h,w,9·C/groups]`, channel-major. */
function aggregate<T>(ops: TensorOps<T>, x: T, weights: T, groups: number): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const shared = channels / groups;
  const padded = ops.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  // [b,9,hw,shared]
  const byTap = ops.transpose(ops.reshape(weights, [batch, height * width, shared, 9]), [0, 3, 1, 2]);
  let sum: T | undefined;
  for (let tap = 0; tap < 9; tap++) {
    const weight = ops.reshape(ops.slice(byTap, [0, tap, 0, 0], [-1, 1, -1, -1]), [
      batch,
      height,
      width,
      1,
      shared,
    ]);
    const neighbour = ops.reshape(
      ops.slice(padded, [0, Math.floor(tap / 3), tap % 3, 0], [-1, height, width, -1]),
      [batch, height, width, groups, shared],
    );
    const product = ops.binary(neighbour, weight, 'mul');
    sum = sum === undefined ? product : ops.binary(sum, product, 'add');
  }
  return ops.reshape(sum!, [batch, height, width, channels]);
}

function lsConv<T>(ops: TensorOps<T>, x: T, kernel: number, groups: number): T {
  const channels = ops.shape(x).at(-1)!;
  const half = Math.floor(channels / 2);
  let y = ops.activation(convNorm(ops, x, 'reduce', half), 'relu');
  y = batchNorm(ops, depthwise(ops, y, 'perceive', { kernel }), 'perceive-norm');
  y = ops.activation(convNorm(ops, y, 'mix', half), 'relu');
  y = groupNorm(
    ops,
    conv(ops, y, 'weights', (9 * channels) / groups, { bias: true }),
    'weights-norm',
    channels / groups,
  );
  return ops.binary(batchNorm(ops, aggregate(ops, x, y, groups), 'norm'), x, 'add');
}

/** For each ordered pair of pixels, the row of its absolute offset (|δy|, |δx|) in the bias table. */
function absoluteOffsets(height: number, width: number): Int32Array {
  assertPositionPairs(height, width);
  const rows = new Int32Array((height * width) ** 2);
  for (let query = 0; query < height * width; query++) {
    for (let key = 0; key < height * width; key++) {
      const dy = Math.abs(Math.floor(query / width) - Math.floor(key / width));
      rows[query * height * width + key] = dy * width + Math.abs((query % width) - (key % width));
    }
  }
  return rows;
}

function attention<T>(ops: TensorOps<T>, x: T, heads: number, keyDim: number, dropPath: number): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const tokens = height * width;
  const keys = heads * keyDim;
  const qkv = convNorm(ops, x, 'qkv', 2 * keys + channels);
  const part = (begin: number, size: number): T => ops.slice(qkv, [0, 0, 0, begin], [-1, -1, -1, size]);
  const split = (y: T, dim: number): T =>
    ops.transpose(ops.reshape(y, [batch, tokens, heads, dim]), [0, 2, 1, 3]);
  const q = batchNorm(ops, depthwise(ops, part(0, keys), 'query', { kernel: 3 }), 'query-norm');
  const table = ops.weight('bias-table', [heads, tokens], { kind: 'zeros' });
  const bias = ops.reshape(ops.gather(table, absoluteOffsets(height, width), 1), [1, heads, tokens, tokens]);
  const attended = scaledDotProductAttention(
    ops,
    split(q, keyDim),
    split(part(keys, keys), keyDim),
    split(part(2 * keys, channels), channels / heads),
    { bias },
  );
  const joined = ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), [batch, height, width, channels]);
  return addBranch(ops, x, convNorm(ops, ops.activation(joined, 'relu'), 'project', channels, 0.5), dropPath);
}

export const lsnet = {
  name: 'lsnet',
  letter: 'C',
  summary: 'see large, focus small: perceived per-pixel kernels, or attention, with a narrow MLP',
  source: 'https://arxiv.org/abs/2503.23135',
  params,
  reduces: false,
  problem(p, _, context) {
    if (context.width % p.groups !== 0)
      return violation(['groups'], `groups must divide the width ${context.width}, got ${p.groups}`);
    return context.width % p.heads === 0 || p.mixer !== 'attention'
      ? undefined
      : violation(['heads'], `heads must divide the width ${context.width}, got ${p.heads}`);
  },
  forward(ops, x, p, context) {
    const mixer = p.alternate && context.index % 2 === 0 ? 'repvgg' : p.mixer;
    const mixed = ops.scope('mixer', () => {
      if (mixer === 'repvgg') return repVgg(ops, x, p.form);
      if (mixer === 'ls') return lsConv(ops, x, p.kernel, p.groups);
      return attention(ops, x, p.heads, p['key-dim'], context.dropPath);
    });
    const expanded = ops.activation(
      convNorm(ops, mixed, 'expand', Math.max(1, Math.floor(p.mlp * context.width))),
      'relu',
    );
    return addBranch(ops, mixed, convNorm(ops, expanded, 'project', context.width, 0.5), context.dropPath);
  },
} as const satisfies Block<typeof params>;
