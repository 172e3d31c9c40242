/**
 * Convolutional stem: `layers` convolutions with norm and activation, of which the first ones stride. x
 * `[b,h,w,3]` → `[b,h/stride,w/stride,width]`. AsCAN's has two, to half size.
 * https://openreview.net/forum?id=r0eSCJ6qsL
 * `hidden` and `growth` set the widths before the last convolution, `last` what follows the last one.
 */
import { type ParamsOf, violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { applyNorm, normParam } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';
import { withPositions } from '../layers/token-embeddings.js';

const params = {
  layers: { kind: 'int', min: 1, max: 8, default: 2, doc: 'number of convolutions' },
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of each convolution in pixels' },
  stride: {
    kind: 'int',
    min: 1,
    max: 16,
    default: 2,
    doc: 'whole stride, a power of two: the first convolutions halve, one each',
  },
  hidden: {
    kind: 'int',
    min: 0,
    max: 65536,
    default: 0,
    doc: 'channels of the convolutions before the last; 0: by growth',
  },
  growth: {
    kind: 'choice',
    oneOf: ['flat', 'doubling', 'half-first'],
    default: 'flat',
    doc: 'widths before the last: all equal, halves of the next, or the first one half',
  },
  norm: normParam('batch'),
  act: activationParam('gelu'),
  last: {
    kind: 'choice',
    oneOf: ['norm-act', 'norm', 'plain'],
    default: 'norm-act',
    doc: 'what follows the last convolution',
  },
  bias: { kind: 'bool', default: false, doc: 'convolutions have biases' },
  position: { kind: 'bool', default: false, doc: 'learned absolute positions at the end' },
  padding: {
    ...paddingParam,
    oneOf: [...paddingParam.oneOf, 'valid'],
    doc: `${paddingParam.doc}, or none at all`,
  },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the norms' },
} as const;

/** Output channels of convolution `layer`, from 1, of a stem of `width` channels. */
function channelsOf(layer: number, width: number, p: ParamsOf<typeof params>): number {
  if (layer === p.layers) return width;
  if (p.hidden > 0) return p.hidden;
  if (p.growth === 'doubling') return width / 2 ** (p.layers - layer);
  return p.growth === 'half-first' && layer === 1 ? Math.floor(width / 2) : width;
}

export const convStem = {
  name: 'conv',
  summary: 'convolutions with norm and activation, the first ones strided',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  problem(p, input, width) {
    const halvings = Math.log2(p.stride);
    if (!Number.isInteger(halvings))
      return violation(['stride'], `stride must be a power of two, got ${p.stride}`);
    if (halvings > p.layers)
      return violation(
        ['stride', 'layers'],
        `stride ${p.stride} needs at least ${halvings} layers, got ${p.layers}`,
      );
    if (p.padding === 'valid' && Math.min(input.height, input.width) < p.stride * p.layers * p.kernel)
      return violation(
        ['padding'],
        `padding valid needs an image of at least ${p.stride * p.layers * p.kernel} pixels a side ` +
          `here, got ${input.height}×${input.width}`,
      );
    const first = 2 ** (p.layers - 1);
    return p.hidden === 0 && p.growth === 'doubling' && width % first !== 0
      ? violation(
          ['width', 'layers'],
          `width must be a multiple of ${first} to double over ${p.layers} layers, got ${width}`,
        )
      : undefined;
  },
  forward(ops, x, p, width) {
    let y = x;
    for (let layer = 1; layer <= p.layers; layer++) {
      const last = layer === p.layers;
      const stride = layer <= Math.log2(p.stride) ? 2 : 1;
      const channels = channelsOf(layer, width, p);
      y = conv(ops, y, `conv${layer}`, channels, {
        kernel: p.kernel,
        stride,
        bias: p.bias,
        padding: p.padding === 'valid' ? 'valid' : paddingOf(p.padding, p.kernel, stride),
      });
      if (!last || p.last !== 'plain') y = applyNorm(ops, y, `norm${layer}`, p.norm, { epsilon: p.epsilon });
      if (!last || p.last === 'norm-act') y = activate(ops, y, p.act);
    }
    return p.position ? withPositions(ops, y) : y;
  },
} as const satisfies StemOrDownsample<typeof params>;
