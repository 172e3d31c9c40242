/**
 * Hiera's block: attention in mask units (windows) or over the whole map, then an MLP.
 * https://arxiv.org/abs/2306.00989, following timm, models/hiera.py; x `[b,h,w,c]` →
 * `[b,h/stride,w/stride,width]`
 * At stride 2 it pools queries: the maximum of each 2×2 square of queries attends to all keys, and the
 * shortcut is the pooled projection. TurboViT's blocks are the same. In the published networks the first
 * block of a stage has the window of the stage before; set it with `window`. Here tokens keep their order,
 * timm re-orders them by unit.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { joinHeads, scaledDotProductAttention, splitHeads, splitQkv } from '../layers/attention.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { fromWindows, toWindows, type WindowSize } from '../layers/windows.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  window: {
    kind: 'int',
    min: 0,
    max: 64,
    default: 0,
    doc: 'side of a mask unit in pixels of the block’s input; 0: the whole map',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

/** 2×2 maximum at stride 2; x at stride 1. */
const maxPoolByStride = <T>(ops: TensorOps<T>, x: T, stride: 1 | 2): T =>
  stride === 1 ? x : ops.maxPool(x, { window: 2, stride: 2, padding: 'valid' });

export const hiera = {
  name: 'hiera',
  letter: 'T',
  summary: 'mask-unit or global attention with query pooling, MLP',
  source: 'https://arxiv.org/abs/2306.00989',
  params,
  reduces: true,
  problem(p, input, context) {
    if (context.width % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
    const sides = p.window === 0 ? [input.height, input.width] : [p.window];
    if (p.window > 0 && (input.height % p.window !== 0 || input.width % p.window !== 0))
      return violation(
        ['window'],
        `window must divide the map of ${input.height}×${input.width}, got ${p.window}`,
      );
    const odd = sides.find((side) => side % context.stride !== 0);
    return odd === undefined
      ? undefined
      : violation(
          [],
          `query pooling needs even sides of ${p.window > 0 ? 'windows' : 'the map'}, got ${odd}`,
        );
  },
  forward(ops, x, p, context) {
    const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
    const window: WindowSize = p.window === 0 ? { height, width } : { height: p.window, width: p.window };
    const queries: WindowSize = {
      height: window.height / context.stride,
      width: window.width / context.stride,
    };
    const heads = context.width / p['head-dim'];
    const normed = layerNorm(ops, x, 'norm', { epsilon: p.epsilon });
    const changes = context.stride === 2 || channels !== context.width;
    const shortcut = changes
      ? maxPoolByStride(ops, linear(ops, normed, 'shortcut', context.width), context.stride)
      : x;

    const attention = ops.scope('attention', () => {
      const [q, k, v] = splitQkv(ops, linear(ops, normed, 'qkv', 3 * context.width)); // each [b,h,w,width]
      const [query, key, value] = [
        toWindows(ops, maxPoolByStride(ops, q, context.stride), queries),
        toWindows(ops, k, window),
        toWindows(ops, v, window),
      ].map((tokens) => splitHeads(ops, tokens, heads)) as [typeof x, typeof x, typeof x];
      return linear(
        ops,
        joinHeads(ops, scaledDotProductAttention(ops, query, key, value)),
        'project',
        context.width,
        {
          init: outputInit,
        },
      );
    });
    const attended = addBranch(
      ops,
      shortcut,
      fromWindows(ops, attention, queries, height / context.stride, width / context.stride),
      context.dropPath,
    );
    const mlpInput = layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon });
    return addBranch(
      ops,
      attended,
      mlp(ops, mlpInput, 'mlp', Math.max(1, Math.round(p.mlp * context.width))),
      context.dropPath,
    );
  },
} as const satisfies Block<typeof params>;
