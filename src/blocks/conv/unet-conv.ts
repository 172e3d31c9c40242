/**
 * The convolutional block of AsCAN's UNet: y = x + P(SE(GELU(BN(Conv k×k(x)) + W·t))), t the time vector.
 * x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`. NeurIPS 2024, sections 3.3.1 and A.6. The paper does not
 * say where t is added; here it is added to the hidden map. Without a condition W·t is left out.
 * https://openreview.net/forum?id=r0eSCJ6qsL
 */
import type { Block } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { linear } from '../layers/linear-layer.js';
import { batchNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  expand: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels / input channels' },
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the convolution in pixels' },
  se: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    doc: 'squeeze-excitation: reduced / hidden channels, 0 for none',
  },
  act: activationParam('gelu'),
} as const;

export const unetConv = {
  name: 'unet-conv',
  letter: 'C',
  summary: 'AsCAN’s convolutional block with the time vector added to the hidden map',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  reduces: true,
  needs: () => ({ condition: true }),
  forward(ops, x, p, context, sideInputs) {
    const channels = ops.shape(x).at(-1)!;
    const hidden = Math.max(1, Math.round(p.expand * channels));
    let y = batchNorm(
      ops,
      conv(ops, x, 'expand', hidden, { kernel: p.kernel, stride: context.stride }),
      'expand-norm',
    );
    const time = sideInputs?.condition?.vector;
    if (time !== undefined)
      y = ops.binary(y, ops.reshape(linear(ops, time, 'time', hidden), [-1, 1, 1, hidden]), 'add');
    y = activate(ops, y, p.act);
    if (p.se > 0) y = squeezeExcite(ops, y, 'se', Math.max(1, Math.round(p.se * hidden)), p.act);
    const residual = context.stride === 1 && channels === context.width;
    y = batchNorm(ops, conv(ops, y, 'project', context.width), 'project-norm', { gain: residual ? 0.5 : 1 });
    return residual ? addBranch(ops, x, y, context.dropPath) : y;
  },
} as const satisfies Block<typeof params>;
