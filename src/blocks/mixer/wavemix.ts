/**
 * WaveMix's block: Haar wavelets mix pixels, feed-forward layers mix channels; residual.
 * https://arxiv.org/abs/2205.14375, following pranavphoenix/WaveMix, wavemix/__init__.py; x `[b,h,w,c]` →
 * `[b,h,w,c]`
 * A 1×1 convolution reduces the channels to a quarter, then one to four wavelet levels follow. From the
 * deepest level to the first, a feed-forward (1×1, GELU, dropout, 1×1, transposed 4×4 convolution, batch
 * norm) enlarges the map and is concatenated with the next level.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  level: { kind: 'int', min: 1, max: 4, default: 1, doc: 'wavelet levels; the map must halve that often' },
  mult: { kind: 'int', min: 1, max: 16, default: 2, doc: 'hidden channels of the feed-forwards / width' },
  ff: {
    kind: 'number',
    min: 0.125,
    max: 8,
    default: 1,
    doc: 'channels before the transposed convolution / width',
  },
  dropout: { kind: 'number', min: 0, max: 0.9, default: 0.5, doc: 'rate of dropout in the feed-forwards' },
} as const;

/**
 * One wavelet level: x `[b,h,w,c]` → low band `[b,h/2,w/2,c]` and details `[b,h/2,w/2,3c]`, the three of a
 * channel next to each other.
 */
function haar<T>(ops: TensorOps<T>, x: T): { low: T; details: T } {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const squares = ops.reshape(x, [batch, height / 2, 2, width / 2, 2, channels]);
  const corner = (row: number, column: number): T =>
    ops.reshape(ops.slice(squares, [0, 0, row, 0, column, 0], [-1, -1, 1, -1, 1, -1]), [
      batch,
      height / 2,
      width / 2,
      channels,
    ]);
  const [a, b, c, d] = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)] as const;
  const half = (y: T): T => ops.scale(y, 0.5);
  const [top, bottom, topEdge, bottomEdge] = [
    ops.binary(a, b, 'add'),
    ops.binary(c, d, 'add'),
    ops.binary(a, b, 'sub'),
    ops.binary(c, d, 'sub'),
  ];
  const bands = [
    ops.binary(top, bottom, 'sub'),
    ops.binary(topEdge, bottomEdge, 'add'),
    ops.binary(topEdge, bottomEdge, 'sub'),
  ];
  const stacked = ops.concat(
    bands.map((band) => ops.reshape(half(band), [batch, height / 2, width / 2, channels, 1])),
    4,
  );
  return {
    low: half(ops.binary(top, bottom, 'add')),
    details: ops.reshape(stacked, [batch, height / 2, width / 2, 3 * channels]),
  };
}

function feedForward<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  p: { readonly mult: number; readonly ff: number; readonly dropout: number },
  width: number,
  out: number,
): T {
  const ff = Math.max(1, Math.round(p.ff * width));
  return ops.scope(name, () => {
    let y = ops.activation(conv(ops, x, 'expand', p.mult * width, { bias: true }), 'gelu');
    if (p.dropout > 0) y = ops.dropout(y, p.dropout);
    y = conv(ops, y, 'reduce', ff, { bias: true });
    y = ops.scope('up', () =>
      ops.binary(
        ops.conv2dTranspose(
          y,
          ops.weight('filter', [4, 4, out, ff], { kind: 'normal', std: Math.sqrt(1 / (4 * ff)) }),
          { stride: 2 },
        ),
        ops.weight('bias', [out], { kind: 'zeros' }),
        'add',
      ),
    );
    return batchNorm(ops, y, 'norm');
  });
}

export const wavemix = {
  name: 'wavemix',
  letter: 'C',
  summary: 'Haar wavelets mix space, feed-forwards mix channels',
  source: 'https://arxiv.org/abs/2205.14375',
  params,
  reduces: false,
  problem(p, input, context) {
    if (context.width % 4 !== 0)
      return violation([], `the width must be a multiple of 4, got ${context.width}`);
    const unit = 2 ** p.level;
    return input.height % unit === 0 && input.width % unit === 0
      ? undefined
      : violation(
          ['level'],
          `level ${p.level} needs a map whose sides are multiples of ${unit}, ` +
            `got ${input.height}×${input.width}`,
        );
  },
  forward(ops, x, p, context) {
    let low = conv(ops, x, 'reduce', context.width / 4, { bias: true });
    const levels: (typeof x)[] = [];
    for (let level = 1; level <= p.level; level++) {
      const bands = haar(ops, low);
      low = bands.low;
      levels.push(ops.concat([bands.low, bands.details], 3));
    }
    let y: typeof x | undefined;
    for (let level = p.level; level >= 1; level--) {
      const bands = levels[level - 1]!;
      y = feedForward(
        ops,
        y === undefined ? bands : ops.concat([bands, y], 3),
        `level${level}`,
        p,
        context.width,
        level === 1 ? context.width : context.width / 2,
      );
    }
    return addBranch(ops, x, y!, context.dropPath);
  },
} as const satisfies Block<typeof params>;
