/**
 * Strided depthwise convolutions, x `[b,h,w,c]` → `[b,h/2,w/2,width]`.
 *   separable  depthwise k×k and norm, then 1×1 and norm. LSNet, https://arxiv.org/abs/2503.23135
 *   expanding  width/c outputs per channel, with bias and without norm. SReT, after PiT,
 *              https://arxiv.org/abs/2103.16302
 */
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { conv, depthwise } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';

const params = {
  form: {
    kind: 'choice',
    oneOf: ['separable', 'expanding'],
    default: 'separable',
    doc: 'depthwise then 1×1, or depthwise with several outputs a channel',
  },
  kernel: {
    kind: 'int',
    min: 1,
    max: 15,
    odd: true,
    default: 3,
    doc: 'side of the depthwise convolution in pixels',
  },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norms' },
} as const;

export const depthwiseDownsample = {
  name: 'depthwise',
  summary: 'strided depthwise convolution, then 1×1, or with several outputs a channel',
  source: 'https://arxiv.org/abs/2503.23135',
  params,
  problem(p, input, width) {
    return p.form === 'expanding' && width % input.channels !== 0
      ? violation(
          ['form'],
          `form expanding needs a multiple of the ${input.channels} channels before, got width ${width}`,
        )
      : undefined;
  },
  forward(ops, x, p, width) {
    const options = { kernel: p.kernel, stride: 2, padding: paddingOf(p.padding, p.kernel, 2) };
    const channels = ops.shape(x).at(-1)!;
    if (p.form === 'separable') {
      const reduced = batchNorm(ops, depthwise(ops, x, 'depthwise', options), 'depthwise-norm', {
        epsilon: p.epsilon,
      });
      return batchNorm(ops, conv(ops, reduced, 'pointwise', width), 'pointwise-norm', { epsilon: p.epsilon });
    }
    return ops.scope('depthwise', () => {
      const y = ops.depthwiseConv2d(
        x,
        ops.weight('filter', [p.kernel, p.kernel, channels, width / channels], {
          kind: 'normal',
          std: 1 / p.kernel,
        }),
        { stride: 2, padding: options.padding },
      );
      return ops.binary(y, ops.weight('bias', [width], { kind: 'zeros' }), 'add');
    });
  },
} as const satisfies StemOrDownsample<typeof params>;
