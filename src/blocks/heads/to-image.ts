/**
 * Head of denoising networks: norm, activation and a convolution to an image of the last map's size. The
 * norm is batch norm, as in the rest of AsCAN. https://openreview.net/forum?id=r0eSCJ6qsL
 */
import type { Head } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { outputInit } from '../layers/linear-layer.js';
import { applyNorm, normParam } from '../layers/norm-layers.js';

const params = {
  channels: { kind: 'int', min: 1, max: 65536, default: 3, doc: 'channels of the image' },
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the convolution in pixels' },
  norm: normParam('batch'),
  act: activationParam('silu'),
} as const;

export const toImage = {
  name: 'to-image',
  summary: 'norm, activation and a convolution to an image: denoising',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  output: 'image',
  forward: (ops, x, p) =>
    conv(ops, activate(ops, applyNorm(ops, x, 'norm', p.norm), p.act), 'conv', p.channels, {
      kernel: p.kernel,
      bias: true,
      init: outputInit,
    }),
} as const satisfies Head<typeof params>;
