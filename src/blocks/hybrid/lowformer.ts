/**
 * LowFormer's block: attention at a lower resolution, then an MLP, then a local convolutional block.
 * https://arxiv.org/abs/2409.03460, following altair199797/LowFormer, lowformer_model.py; x `[b,h,w,c]` →
 * `[b,h,w,c]`
 * A strided depthwise convolution precedes the attention and a transposed convolution follows it. Attention
 * works on half of the channels, with one head per 30 of them. The local block is fused below 256 channels.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { Block } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { scaledDotProductAttention } from '../layers/attention.js';
import { conv, depthwise } from '../layers/conv.js';
import { inputInit, outputInit } from '../layers/linear-layer.js';
import { batchNorm, groupNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  stride: {
    kind: 'int',
    min: 1,
    max: 4,
    default: 2,
    doc: 'how many times smaller the map is for the attention',
  },
  expand: { kind: 'number', min: 1, max: 16, default: 4, doc: 'hidden channels of the local block / width' },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  local: {
    kind: 'choice',
    oneOf: ['auto', 'fused', 'depthwise', 'none'],
    default: 'auto',
    doc: 'local block at the end; auto: fused below 256 channels',
  },
  act: activationParam('hard-swish'),
} as const;

/**
 * Attention at a resolution lower by `stride`, x `[b,h,w,c]` → `[b,h,w,c]`. One projection holds query, key
 * and value of each head next to each other.
 */
function lowAttention<T>(ops: TensorOps<T>, x: T, stride: number): T {
  const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const kernel = stride > 1 ? 5 : 3;
  const heads = Math.max(1, Math.floor((channels * 0.5) / 30));
  const dim = Math.floor(Math.floor(channels / heads) * 0.5);
  const low = batchNorm(
    ops,
    depthwise(ops, x, 'down', { kernel, stride, padding: stride > 1 ? Math.floor(kernel / 2) : 'same' }),
    'down-norm',
  );
  const [batch, rows, columns] = ops.shape(low) as [number, number, number, number];
  const qkv = ops.transpose(
    ops.reshape(conv(ops, low, 'qkv', 3 * heads * dim, { init: inputInit(channels) }), [
      batch,
      rows * columns,
      heads,
      3 * dim,
    ]),
    [0, 2, 1, 3],
  );
  const part = (index: number): T => ops.slice(qkv, [0, 0, 0, index * dim], [-1, -1, -1, dim]);
  const attended = scaledDotProductAttention(ops, part(0), part(1), part(2)); // [b,heads,n,dim]
  const joined = ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), [batch, rows, columns, heads * dim]);
  return ops.scope('up', () => {
    const size = stride === 1 ? 3 : 2 * stride;
    const up = ops.conv2dTranspose(
      joined,
      ops.weight('filter', [size, size, channels, heads * dim], outputInit),
      { stride },
    );
    const whole = ops.binary(up, ops.weight('bias', [channels], { kind: 'zeros' }), 'add');
    return rows * stride === height && columns * stride === width
      ? whole
      : ops.slice(whole, [0, 0, 0, 0], [-1, height, width, -1]);
  });
}

function localBlock<T>(ops: TensorOps<T>, x: T, fused: boolean, expand: number, act: string): T {
  const channels = ops.shape(x).at(-1)!;
  const hidden = Math.round(expand * channels);
  let y = x;
  if (fused) {
    y = activate(
      ops,
      batchNorm(ops, conv(ops, y, 'expand', hidden, { kernel: 3, bias: true }), 'expand-norm'),
      act,
    );
  } else {
    y = activate(ops, conv(ops, y, 'expand', hidden, { bias: true }), act);
    y = activate(ops, depthwise(ops, y, 'depthwise', { kernel: 3, bias: true }), act);
  }
  return batchNorm(ops, conv(ops, y, 'project', channels), 'project-norm', { gain: 0.5 });
}

export const lowformer = {
  name: 'lowformer',
  letter: 'T',
  summary: 'attention at low resolution between two convolutions, MLP, local block',
  source: 'https://arxiv.org/abs/2409.03460',
  params,
  reduces: false,
  forward(ops, x, p, context) {
    const attended = addBranch(
      ops,
      x,
      ops.scope('attention', () => lowAttention(ops, groupNorm(ops, x, 'norm', 1), p.stride)),
      context.dropPath,
    );
    const mixed = addBranch(
      ops,
      attended,
      ops.scope('mlp', () => {
        const expanded = ops.activation(
          conv(
            ops,
            groupNorm(ops, attended, 'norm', 1),
            'expand',
            Math.max(1, Math.round(p.mlp * context.width)),
            { bias: true, init: inputInit(context.width) },
          ),
          'gelu',
        );
        return conv(ops, expanded, 'project', context.width, { bias: true, init: outputInit });
      }),
      context.dropPath,
    );
    if (p.local === 'none') return mixed;
    const fused = p.local === 'fused' || (p.local === 'auto' && context.width < 256);
    return addBranch(
      ops,
      mixed,
      ops.scope('local', () => localBlock(ops, mixed, fused, p.expand, p.act)),
      context.dropPath,
    );
  },
} as const satisfies Block<typeof params>;
