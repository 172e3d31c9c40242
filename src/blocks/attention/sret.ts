/**
 * SReT's recursive block: one transformer block that is applied several times with shared weights. A small
 * MLP with its own weights follows each application; learned scalars weigh every residual sum.
 * https://arxiv.org/abs/2111.05297, following szq0214/SReT, SReT.py; x `[b,h,w,c]` → `[b,h,w,c]`
 * Attention runs in groups of consecutive tokens. Every second application permutes the tokens first, so
 * that groups mix. The authors draw the permutation anew each time; here it is fixed, so that a trained
 * network is deterministic.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { gcd } from '../../util/gcd.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { joinHeads, scaledDotProductAttention, splitHeads, splitQkv } from '../layers/attention.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { toTokens } from '../layers/residual-branch.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  calls: { kind: 'int', min: 1, max: 8, default: 2, doc: 'times the block is called with shared weights' },
  groups: { kind: 'int', min: 1, max: 64, default: 1, doc: 'slices of the tokens in the first call' },
  'later-groups': {
    kind: 'int',
    min: 1,
    max: 64,
    default: 1,
    doc: 'slices of the permuted tokens in the second call',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  'own-mlp': {
    kind: 'number',
    min: 0.25,
    max: 16,
    default: 1,
    doc: 'hidden channels of each call’s own layer / width',
  },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

/** A fixed permutation of `count` tokens that separates neighbours, and its inverse. */
export function stridedPermutation(count: number): { order: Int32Array; inverse: Int32Array } {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (gcd(step, count) !== 1) step++;
  const order = Int32Array.from({ length: count }, (_, index) => (index * step) % count);
  const inverse = new Int32Array(count);
  order.forEach((from, to) => {
    inverse[from] = to;
  });
  return { order, inverse };
}

/** a·x + b·y with learned scalars, both initially 1. */
function weightedSum<T>(ops: TensorOps<T>, x: T, y: T, name: string): T {
  const scalar = (which: string): T => ops.weight(`${name}-${which}`, [1], { kind: 'ones' });
  return ops.binary(ops.binary(x, scalar('keep'), 'mul'), ops.binary(y, scalar('branch'), 'mul'), 'add');
}

function slicedAttention<T>(ops: TensorOps<T>, x: T, heads: number, groups: number, permuted: boolean): T {
  const [batch, tokens, channels] = ops.shape(x) as [number, number, number];
  const turn = permuted && groups > 1 ? stridedPermutation(tokens) : undefined;
  const ordered = turn ? ops.gather(x, turn.order, 1) : x;
  const qkv = ops.reshape(linear(ops, ordered, 'qkv', 3 * channels), [
    batch * groups,
    tokens / groups,
    3 * channels,
  ]);
  const [q, k, v] = splitQkv(ops, qkv).map((part) => splitHeads(ops, part, heads)) as [T, T, T];
  const attended = ops.reshape(joinHeads(ops, scaledDotProductAttention(ops, q, k, v)), [
    batch,
    tokens,
    channels,
  ]);
  return linear(ops, turn ? ops.gather(attended, turn.inverse, 1) : attended, 'project', channels, {
    init: outputInit,
  });
}

export const sret = {
  name: 'sret',
  letter: 'T',
  summary: 'transformer block called twice with shared weights, sliced attention',
  source: 'https://arxiv.org/abs/2111.05297',
  params,
  reduces: false,
  problem(p, input, context) {
    if (context.width % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
    const tokens = input.height * input.width;
    const name = (['groups', 'later-groups'] as const).find((groups) => tokens % p[groups] !== 0);
    return name === undefined
      ? undefined
      : violation([name], `${name} must divide the ${tokens} pixels of the map, got ${p[name]}`);
  },
  forward(ops, x, p, context) {
    const heads = context.width / p['head-dim'];
    const norm = (y: typeof x, name: string): typeof x => layerNorm(ops, y, name, { epsilon: p.epsilon });
    let y = toTokens(ops, x); // [b,n,c]
    for (let call = 1; call <= p.calls; call++) {
      const input = y;
      const second = call % 2 === 0;
      const shared = ops.scope('shared', () => {
        const attention = ops.scope('attention', () =>
          slicedAttention(ops, norm(input, 'norm'), heads, second ? p['later-groups'] : p.groups, second),
        );
        const attended = weightedSum(
          ops,
          input,
          context.dropPath > 0 ? ops.dropPath(attention, context.dropPath) : attention,
          'attention-sum',
        );
        const mlpOutput = mlp(
          ops,
          norm(attended, 'mlp-norm'),
          'mlp',
          Math.max(1, Math.floor(p.mlp * context.width)),
        );
        return weightedSum(
          ops,
          attended,
          context.dropPath > 0 ? ops.dropPath(mlpOutput, context.dropPath) : mlpOutput,
          'mlp-sum',
        );
      });
      y = ops.scope(`own${call}`, () =>
        weightedSum(
          ops,
          shared,
          mlp(ops, norm(shared, 'norm'), 'mlp', Math.max(1, Math.floor(p['own-mlp'] * context.width))),
          'sum',
        ),
      );
    }
    return ops.reshape(y, ops.shape(x));
  },
} as const satisfies Block<typeof params>;
