/**
 * Upsampling of a decoder: enlarges the map to twice its sides (or keeps it), brings it to the stage's
 * width, and joins the output of an earlier stage. The joined output is added (AsCAN's UNet) or concatenated
 * and mixed by a 1×1 convolution (U-Net). Where the encoder rounded an odd side up, the enlarged map is one
 * pixel smaller. https://arxiv.org/abs/1505.04597, https://openreview.net/forum?id=r0eSCJ6qsL
 */
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { conv } from '../layers/conv.js';

const params = {
  from: { kind: 'int', min: 0, max: 64, default: 0, doc: 'stage whose output joins, from 1; 0: none' },
  scale: { kind: 'int', min: 1, max: 2, default: 2, doc: 'how many times larger the sides become' },
  form: {
    kind: 'choice',
    oneOf: ['nearest', 'bilinear', 'transposed'],
    default: 'nearest',
    doc: 'enlarged by copies or interpolation and a 3×3 convolution, or by a transposed 2×2 convolution',
  },
  join: { kind: 'choice', oneOf: ['add', 'concat'], default: 'add', doc: 'how the earlier output joins' },
} as const;

export const up = {
  name: 'up',
  summary: 'twice the sides (or the same), joined with an earlier stage’s output: decoders and UNets',
  source: 'https://arxiv.org/abs/1505.04597',
  params,
  needs: (p) => (p.from === 0 ? {} : { stages: [p.from] }),
  problem(p, input, width) {
    if (p.from === 0) return undefined;
    const kept = input.stageOutputs?.[p.from];
    if (!kept)
      return violation(
        ['from'],
        `from must be an earlier stage whose output nothing took before, got ${p.from}`,
      );
    const fits = (kept: number, side: number): boolean =>
      kept <= side * p.scale && kept > side * p.scale - p.scale;
    if (!fits(kept.height, input.height) || !fits(kept.width, input.width))
      return violation(
        ['from'],
        `from needs stage ${p.from} to leave a map ` +
          `of ${input.height * p.scale}×${input.width * p.scale}, got ${kept.height}×${kept.width}`,
      );
    return p.join === 'add' && kept.channels !== width
      ? violation(
          ['join', 'from'],
          `join add from stage ${p.from} needs its width ${kept.channels}, got ${width}`,
        )
      : undefined;
  },
  forward(ops, x, p, width, sideInputs) {
    const [, height, wide, channels] = ops.shape(x) as [number, number, number, number];
    const skip = p.from === 0 ? undefined : sideInputs?.stageOutputs?.get(p.from);
    // The encoder rounded odd sides up, so the enlarged map takes the sides of the map that it joins.
    const [, tall, broad] =
      skip === undefined
        ? [0, p.scale * height, p.scale * wide]
        : (ops.shape(skip) as [number, number, number, number]);
    let y = x;
    if (p.scale === 2 && p.form === 'transposed') {
      y = ops.scope('up', () =>
        ops.binary(
          ops.conv2dTranspose(
            x,
            ops.weight('filter', [2, 2, width, channels], { kind: 'normal', std: Math.sqrt(2 / channels) }),
            { stride: 2 },
          ),
          ops.weight('bias', [width], { kind: 'zeros' }),
          'add',
        ),
      );
      if (tall < 2 * height || broad < 2 * wide) y = ops.slice(y, [0, 0, 0, 0], [-1, tall, broad, -1]);
    } else if (p.scale === 2) {
      y = conv(
        ops,
        ops.resize(x, tall, broad, p.form === 'bilinear' ? 'bilinear' : 'nearest'),
        'conv',
        width,
        { kernel: 3, bias: true },
      );
    } else if (channels !== width) {
      y = conv(ops, x, 'conv', width, { bias: true });
    }
    if (skip === undefined) return y;
    return p.join === 'add'
      ? ops.binary(y, skip, 'add')
      : conv(ops, ops.concat([y, skip], 3), 'mix', width, { bias: true });
  },
} as const satisfies StemOrDownsample<typeof params>;
