/**
 * The transformer block of AsCAN's UNet: Y = X + self-attention(X̂) + cross-attention(X̂) + MLP(X̂), X̂ =
 * LN(X).
 * NeurIPS 2024, sections 3.3.1, A.6 and A.7. https://openreview.net/forum?id=r0eSCJ6qsL; x `[b,h,w,c]` →
 * `[b,h,w,c]`
 * Self-attention has rotary positions; queries and keys have an RMS norm. Without condition tokens there is
 * no cross-attention. `cross-query: image` takes queries from the pixels, and keys and values from the
 * tokens. The caption of figure 2 takes queries from the text instead: `text` does so and adds the mean over
 * the tokens to every pixel, because the paper does not print how they return to the map.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { joinHeads, scaledDotProductAttention, splitHeads, splitQkv } from '../layers/attention.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm, rmsNorm } from '../layers/norm-layers.js';
import { addBranch, toTokens } from '../layers/residual-branch.js';
import { applyRotary } from '../layers/rotary-position.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 64,
    doc: 'channels of one head; must divide the width',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  position: {
    kind: 'choice',
    oneOf: ['rotary', 'none'],
    default: 'rotary',
    doc: 'rotary positions of the self-attention, or none',
  },
  'qk-norm': { kind: 'bool', default: true, doc: 'RMS norm of queries and keys' },
  'cross-query': {
    kind: 'choice',
    oneOf: ['image', 'text'],
    default: 'image',
    doc: 'source of the queries in the cross-attention',
  },
} as const;

type Values = {
  readonly 'head-dim': number;
  readonly 'qk-norm': boolean;
  readonly 'cross-query': string;
  readonly position: string;
};

/**
 * Cross-attention: queries from `asking` `[b,n,c]`, keys and values from `answering` `[b,m,d]` →
 * `[b,n,width]`.
 */
function cross<T>(ops: TensorOps<T>, asking: T, answering: T, width: number, p: Values): T {
  const heads = width / p['head-dim'];
  const normed = (y: T, name: string): T => (p['qk-norm'] ? rmsNorm(ops, y, name) : y);
  const q = normed(splitHeads(ops, linear(ops, asking, 'query', width), heads), 'query-norm');
  const k = normed(splitHeads(ops, linear(ops, answering, 'key', width), heads), 'key-norm');
  const v = splitHeads(ops, linear(ops, answering, 'value', width), heads);
  return linear(ops, joinHeads(ops, scaledDotProductAttention(ops, q, k, v)), 'project', width, {
    init: outputInit,
  });
}

function self<T>(
  ops: TensorOps<T>,
  x: T,
  grid: { readonly height: number; readonly width: number },
  width: number,
  p: Values,
): T {
  const heads = width / p['head-dim'];
  const [q, k, v] = splitQkv(ops, linear(ops, x, 'qkv', 3 * width)).map((part) =>
    splitHeads(ops, part, heads),
  ) as [T, T, T];
  const placed = (y: T, name: string): T => {
    const normed = p['qk-norm'] ? rmsNorm(ops, y, name) : y;
    return p.position === 'rotary' ? applyRotary(ops, normed, grid.height, grid.width) : normed;
  };
  return linear(
    ops,
    joinHeads(ops, scaledDotProductAttention(ops, placed(q, 'query-norm'), placed(k, 'key-norm'), v)),
    'project',
    width,
    { init: outputInit },
  );
}

export const unetTransformer = {
  name: 'unet-transformer',
  letter: 'T',
  summary: 'self-attention, cross-attention to the condition’s tokens and MLP side by side',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  reduces: false,
  needs: () => ({ condition: true }),
  problem(p, _, context) {
    if (context.width % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
    return p.position === 'rotary' && p['head-dim'] % 4 !== 0
      ? violation(
          ['position', 'head-dim'],
          `position rotary needs a head-dim that is a multiple of 4, got ${p['head-dim']}`,
        )
      : undefined;
  },
  forward(ops, x, p, context, sideInputs) {
    const [, height, width] = ops.shape(x) as [number, number, number, number];
    const tokens = sideInputs?.condition?.tokens;
    const normedInput = toTokens(ops, layerNorm(ops, x, 'norm')); // [b,n,c]
    let y = addBranch(
      ops,
      toTokens(ops, x),
      ops.scope('attention', () => self(ops, normedInput, { height, width }, context.width, p)),
      context.dropPath,
    );
    if (tokens !== undefined) {
      const answers = ops.scope('cross', () =>
        p['cross-query'] === 'image'
          ? cross(ops, normedInput, tokens, context.width, p)
          : ops.reduce(cross(ops, tokens, normedInput, context.width, p), 'mean', [1], { keepDims: true }),
      );
      y = addBranch(ops, y, answers, context.dropPath);
    }
    y = addBranch(
      ops,
      y,
      mlp(ops, normedInput, 'mlp', Math.max(1, Math.round(p.mlp * context.width))),
      context.dropPath,
    );
    return ops.reshape(y, [-1, height, width, context.width]);
  },
} as const satisfies Block<typeof params>;
