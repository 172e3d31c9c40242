/**
 * Strided convolution between stages, with a norm after it (AsCAN), before it (ConvNeXt, FasterViT) or none.
 * x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`.
 */
import type { StemOrDownsample } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { applyNorm, normParam } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';

const params = {
  kernel: { kind: 'int', min: 1, max: 15, default: 3, doc: 'side of the convolution in pixels' },
  stride: { kind: 'int', min: 1, max: 4, default: 2, doc: 'how many times smaller the map becomes' },
  norm: normParam('batch'),
  'norm-first': { kind: 'bool', default: false, doc: 'norm before the convolution in place of after it' },
  act: activationParam('none'),
  bias: { kind: 'bool', default: false, doc: 'bias of the convolution' },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the norm' },
} as const;

export const convDownsample = {
  name: 'conv',
  summary: 'strided convolution with a norm after or before it',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  forward(ops, x, p, width) {
    const y = p['norm-first'] ? applyNorm(ops, x, 'norm', p.norm, { epsilon: p.epsilon }) : x;
    const padding = p.kernel === p.stride ? 'same' : paddingOf(p.padding, p.kernel, p.stride);
    const reduced = conv(ops, y, 'conv', width, {
      kernel: p.kernel,
      stride: p.stride,
      bias: p.bias,
      padding,
    });
    return activate(
      ops,
      p['norm-first'] ? reduced : applyNorm(ops, reduced, 'norm', p.norm, { epsilon: p.epsilon }),
      p.act,
    );
  },
} as const satisfies StemOrDownsample<typeof params>;
