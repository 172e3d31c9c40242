/**
 * Concurrent spatial and channel squeeze-excitation, as a block of its own after any other.
 * y = max(x ⊙ channel gate, x ⊙ pixel gate), or their sum; x `[b,h,w,c]` → `[b,h,w,c]`, no residual.
 * https://arxiv.org/abs/1803.02579
 * The authors' code (ai-med/squeeze_and_excitation) takes the maximum; the paper also describes the sum.
 */
import type { Block } from '../block.js';
import { conv } from '../layers/conv.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  ratio: { kind: 'number', min: 0.01, max: 4, default: 0.5, doc: 'channels inside the channel gate / width' },
  combine: {
    kind: 'choice',
    oneOf: ['maximum', 'add'],
    default: 'maximum',
    doc: 'how the two gated maps join',
  },
} as const;

export const scse = {
  name: 'scse',
  letter: 'S',
  summary: 'channel gate and pixel gate side by side, to stand after any block',
  source: 'https://arxiv.org/abs/1803.02579',
  params,
  reduces: false,
  forward(ops, x, p, context) {
    const byChannel = squeezeExcite(
      ops,
      x,
      'channel',
      Math.max(1, Math.floor(p.ratio * context.width)),
      'relu',
    );
    const gate = ops.activation(
      conv(ops, x, 'pixel', 1, { bias: true, init: { kind: 'he-normal', fan: 'in' } }),
      'sigmoid',
    ); // [b,h,w,1]
    return ops.binary(byChannel, ops.binary(x, gate, 'mul'), p.combine === 'add' ? 'add' : 'maximum');
  },
} as const satisfies Block<typeof params>;
