/**
 * Global self-attention and MLP on x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`.
 *   parallel         AsCAN's: X̂ = LN(X), Y = X + P·Attn(X̂) + MLP(X̂), one norm for both as in ViT-22B.
 *                    NeurIPS 2024, section 3.1; https://arxiv.org/abs/2302.05442
 *   sequential       ViT's: Y = X + Attn(LN X), Z = Y + MLP(LN Y). https://arxiv.org/abs/2010.11929
 *   sequential-late  The same; a change of width happens after attention, and its shortcut has no bias.
 * The paper prints X̂ = LN∘φ(X), probably a misprint; `pre-act` follows it. It gives neither head dimension
 * nor MLP ratio; the defaults are MaxViT's. Where the block strides, branch and shortcut are pooled by a 2×2
 * mean, as in CoAtNet. https://arxiv.org/abs/2106.04803
 */
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { selfAttention } from '../layers/attention.js';
import { conv } from '../layers/conv.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch, meanPoolByStride, toTokens } from '../layers/residual-branch.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  form: {
    kind: 'choice',
    oneOf: ['parallel', 'sequential', 'sequential-late'],
    default: 'parallel',
    doc:
      'attention parallel to the MLP, or before it; late: ' +
      'the width changes after attention, shortcut without bias',
  },
  position: {
    kind: 'choice',
    oneOf: ['relative', 'rotary', 'none'],
    default: 'relative',
    doc: 'learned relative position bias over the whole map, rotary positions, or neither',
  },
  'pre-act': { kind: 'bool', default: false, doc: 'GELU before the first norm, as the formula is printed' },
  'qkv-bias': { kind: 'bool', default: true, doc: 'biases of query, key and value' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

export const transformer = {
  name: 'transformer',
  letter: 'T',
  summary: 'global self-attention and MLP, side by side or one after the other',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  reduces: true,
  problem(p, input, context) {
    const attends = p.form === 'sequential-late' ? input.channels : context.width;
    if (attends % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${attends}, got ${p['head-dim']}`);
    return p.position === 'rotary' && p['head-dim'] % 4 !== 0
      ? violation(
          ['position', 'head-dim'],
          `position rotary needs a head-dim that is a multiple of 4, got ${p['head-dim']}`,
        )
      : undefined;
  },
  forward(ops, x, p, context) {
    const norm = (y: typeof x, name: string): typeof x => layerNorm(ops, y, name, { epsilon: p.epsilon });
    const hidden = Math.max(1, Math.round(p.mlp * context.width));
    const branchInput = meanPoolByStride(
      ops,
      norm(p['pre-act'] ? ops.activation(x, 'gelu') : x, 'norm'),
      context.stride,
    ); // [b,h',w',c]
    let shortcut = meanPoolByStride(ops, x, context.stride);
    if (ops.shape(x).at(-1) !== context.width)
      shortcut = conv(ops, shortcut, 'shortcut', context.width, { bias: p.form !== 'sequential-late' });

    const [, height, width] = ops.shape(branchInput) as [number, number, number, number];
    const tokens = toTokens(ops, branchInput); // [b,n,c]
    const attends = p.form === 'sequential-late' ? ops.shape(x).at(-1)! : context.width;
    const attention = selfAttention(ops, tokens, 'attention', {
      heads: attends / p['head-dim'],
      width: attends,
      output: context.width,
      qkvBias: p['qkv-bias'],
      ...(p.position === 'relative' && { biasGrid: { height, width } }),
      ...(p.position === 'rotary' && { rotaryGrid: { height, width } }),
    });
    const attended = addBranch(ops, toTokens(ops, shortcut), attention, context.dropPath); // [b,n,width]
    const mlpInput = p.form === 'parallel' ? tokens : norm(attended, 'mlp-norm');
    const mixed = addBranch(
      ops,
      attended,
      mlp(ops, mlpInput, 'mlp', hidden, { width: context.width }),
      context.dropPath,
    );
    return ops.reshape(mixed, [-1, height, width, context.width]);
  },
} as const satisfies Block<typeof params>;
