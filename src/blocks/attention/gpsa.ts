/**
 * ConViT's gated positional self-attention (GPSA), then an MLP. https://arxiv.org/abs/2103.10697, following
 * timm, models/convit.py; x `[b,h,w,c]` → `[b,h,w,c]`
 *   A = (1−σ(λ))·softmax(qkᵀ/√d) + σ(λ)·softmax(W·(δx, δy, δx²+δy²) + b)
 * Each head has a learned gate λ between attention by content and attention by position. The position term
 * is initialised as a convolution: head (a,b) of a √heads×√heads grid attends to one neighbour.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { joinHeads, splitHeads } from '../layers/attention.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch, toTokens } from '../layers/residual-branch.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 16,
    doc: 'channels of one head; must divide the width',
  },
  locality: {
    kind: 'number',
    min: 0,
    max: 10,
    default: 1,
    doc: 'how sharply heads start on their neighbour',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

/** (δx, δy, δx²+δy²) from query to key, `[n·n,3]`. */
function offsets(height: number, width: number): Float32Array {
  const tokens = height * width;
  const values = new Float32Array(tokens * tokens * 3);
  for (let query = 0; query < tokens; query++) {
    for (let key = 0; key < tokens; key++) {
      const dx = (key % width) - (query % width);
      const dy = Math.floor(key / width) - Math.floor(query / width);
      values.set([dx, dy, dx * dx + dy * dy], (query * tokens + key) * 3);
    }
  }
  return values;
}

/**
 * Initial weights `[3,heads]` of the position layer: head a + s·b of an s×s grid attends to offset (b−c,
 * a−c).
 */
function localInit(heads: number, strength: number): Float32Array {
  const side = Math.floor(Math.sqrt(heads));
  const centre = side % 2 === 0 ? (side - 1) / 2 : Math.floor(side / 2);
  const values = new Float32Array(3 * heads);
  for (let a = 0; a < side; a++) {
    for (let b = 0; b < side; b++) {
      const head = a + side * b;
      [2 * (b - centre), 2 * (a - centre), -1].forEach((value, row) => {
        values[row * heads + head] = value * strength;
      });
    }
  }
  return values;
}

const identityMatrix = (size: number): Float32Array =>
  Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));

/** GPSA without norm: x `[b,n,c]` of a height×width map → `[b,n,c]`. */
function gatedAttention<T>(
  ops: TensorOps<T>,
  x: T,
  heads: number,
  locality: number,
  height: number,
  width: number,
): T {
  const [, tokens, channels] = ops.shape(x) as [number, number, number];
  const qk = linear(ops, x, 'qk', 2 * channels, { bias: false });
  const [q, k] = [0, channels].map((begin) =>
    splitHeads(ops, ops.slice(qk, [0, 0, begin], [-1, -1, channels]), heads),
  ) as [T, T];
  const v = splitHeads(
    ops,
    linear(ops, x, 'v', channels, {
      bias: false,
      init: { kind: 'values', values: identityMatrix(channels) },
    }),
    heads,
  );
  const content = ops.softmax(
    ops.matmul(ops.scale(q, 1 / Math.sqrt(channels / heads)), k, { transposeB: true }),
  ); // [b,heads,n,n]

  const scores = linear(ops, ops.constant(offsets(height, width), [tokens * tokens, 3]), 'position', heads, {
    init: { kind: 'values', values: localInit(heads, locality) },
  });
  const position = ops.softmax(ops.reshape(ops.transpose(scores, [1, 0]), [1, heads, tokens, tokens]));
  const gate = ops.reshape(ops.activation(ops.weight('gate', [heads], { kind: 'ones' }), 'sigmoid'), [
    1,
    heads,
    1,
    1,
  ]);
  // Both rows sum to 1, so the published renormalisation of their mix would only change rounding.
  const mixed = ops.binary(
    ops.binary(content, ops.scale(gate, -1, 1), 'mul'),
    ops.binary(position, gate, 'mul'),
    'add',
  );
  return linear(ops, joinHeads(ops, ops.matmul(mixed, v)), 'project', channels, { init: outputInit });
}

export const gpsa = {
  name: 'gpsa',
  letter: 'T',
  summary: 'gated positional self-attention that starts as a convolution, MLP',
  source: 'https://arxiv.org/abs/2103.10697',
  params,
  reduces: false,
  problem(p, _, context) {
    return context.width % p['head-dim'] === 0
      ? undefined
      : violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
  },
  forward(ops, x, p, context) {
    const [, height, width] = ops.shape(x) as [number, number, number, number];
    const tokens = toTokens(ops, x);
    const normed = layerNorm(ops, tokens, 'norm', { epsilon: p.epsilon });
    const attention = ops.scope('attention', () =>
      gatedAttention(ops, normed, context.width / p['head-dim'], p.locality, height, width),
    );
    const attended = addBranch(ops, tokens, attention, context.dropPath);
    const mlpInput = layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon });
    const mixed = addBranch(
      ops,
      attended,
      mlp(ops, mlpInput, 'mlp', Math.max(1, Math.round(p.mlp * context.width))),
      context.dropPath,
    );
    return ops.reshape(mixed, ops.shape(x));
  },
} as const satisfies Block<typeof params>;
