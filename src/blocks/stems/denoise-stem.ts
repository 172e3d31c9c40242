/**
 * Stem of a denoising UNet: one convolution of the noisy image, and the condition that later parts read.
 * AsCAN's UNet, NeurIPS 2024, sections 3.3.1 and A.6. https://openreview.net/forum?id=r0eSCJ6qsL
 * The condition is a vector of the time and, for cross-attention, tokens: one embedded token for a class, or
 * text tokens after two one-head transformer blocks. All zeros mean no class, for classifier-free guidance.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { selfAttention } from '../layers/attention.js';
import { conv } from '../layers/conv.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { timeEmbedding } from '../layers/time-embedding.js';

const params = {
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the convolution in pixels' },
  condition: {
    kind: 'choice',
    oneOf: ['time', 'class', 'text'],
    default: 'class',
    doc: 'what there is besides the time',
  },
  'time-mult': { kind: 'int', min: 1, max: 16, default: 4, doc: 'channels of the time vector / width' },
  labels: { kind: 'int', min: 1, max: 1_000_000, default: 10, doc: 'classes of the condition `class`' },
  tokens: { kind: 'int', min: 1, max: 4096, default: 77, doc: 'tokens of the condition `text`' },
  'token-width': { kind: 'int', min: 1, max: 65536, default: 768, doc: 'channels of a class or text token' },
  'text-blocks': {
    kind: 'int',
    min: 0,
    max: 16,
    default: 2,
    doc: 'one-head transformer blocks that text tokens pass through',
  },
} as const;

/** Zeros `[b]`, one per image. */
const zerosOf = <T>(ops: TensorOps<T>, x: T): T => ops.scale(ops.reduce(x, 'sum', [1, 2, 3]), 0);

function textBlock<T>(ops: TensorOps<T>, x: T, name: string): T {
  const width = ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const normed = layerNorm(ops, x, 'norm');
    return ops.binary(
      ops.binary(x, selfAttention(ops, normed, 'attention', { heads: 1 }), 'add'),
      mlp(ops, normed, 'mlp', 4 * width),
      'add',
    );
  });
}

/** Tokens of a condition: none for time alone, one for a class, `textTokens` for a text. */
function tokenCount(condition: string, textTokens: number): number {
  if (condition === 'time') return 0;
  return condition === 'class' ? 1 : textTokens;
}

export const denoiseStem = {
  name: 'denoise',
  summary: 'one convolution of a noisy image, with time vector and class or text tokens for later parts',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  problem(_, __, width) {
    return width % 2 === 0
      ? undefined
      : violation(['width'], `the width must be even for sines and cosines of the time, got ${width}`);
  },
  forward: (ops, x, p, width) => conv(ops, x, 'conv', width, { kernel: p.kernel, bias: true }),
  condition: {
    size: (p, width) => ({
      width: p['time-mult'] * width,
      tokens: tokenCount(p.condition, p.tokens),
      tokenWidth: p['token-width'],
    }),
    forward(ops, x, p, width, given) {
      const none = zerosOf(ops, x);
      const vector = timeEmbedding(ops, given.time ?? none, 'time', width, p['time-mult'] * width);
      if (p.condition === 'time') return { vector };
      const tokenWidth = p['token-width'];
      const batch = ops.shape(x)[0]!;
      const blank = (shape: readonly number[]): typeof x =>
        ops.binary(
          ops.reshape(none, [batch, ...shape.map(() => 1)]),
          ops.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), [1, ...shape]),
          'add',
        );
      if (p.condition === 'class') {
        const table = ops.weight('class-table', [p.labels, tokenWidth], {
          kind: 'truncated-normal',
          std: 0.02,
        });
        return {
          vector,
          tokens: ops.reshape(ops.matmul(given.labels ?? blank([p.labels]), table), [batch, 1, tokenWidth]),
        };
      }
      let tokens = given.tokens ?? blank([p.tokens, tokenWidth]);
      for (let block = 1; block <= p['text-blocks']; block++) tokens = textBlock(ops, tokens, `text${block}`);
      return { vector, tokens };
    },
  },
} as const satisfies StemOrDownsample<typeof params>;
