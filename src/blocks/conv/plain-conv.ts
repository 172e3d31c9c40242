/**
 * One convolution, batch norm and activation, optionally with a residual; SimpleNet's layer.
 * https://arxiv.org/abs/1608.06037
 *   y = act(BN(Conv k×k(x))), x `[b,h,w,c]` → y `[b,h/stride,w/stride,width]`; with `residual` y + x
 * With a residual it is also the first stage of EfficientNetV2-S. https://arxiv.org/abs/2104.00298
 */
import type { Block } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the convolution in pixels' },
  act: activationParam('relu'),
  residual: { kind: 'bool', default: false, doc: 'adds its input where the shape stays' },
  bias: { kind: 'bool', default: false, doc: 'bias of the convolution' },
  dropout: { kind: 'number', min: 0, max: 0.9, default: 0, doc: 'rate of dropout after the activation' },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norm' },
} as const;

export const plainConv = {
  name: 'plain-conv',
  letter: 'C',
  summary: 'convolution, batch norm, activation',
  source: 'https://arxiv.org/abs/1608.06037',
  params,
  reduces: true,
  forward(ops, x, p, context) {
    const residual = p.residual && context.stride === 1 && ops.shape(x).at(-1) === context.width;
    let y = conv(ops, x, 'conv', context.width, {
      kernel: p.kernel,
      stride: context.stride,
      bias: p.bias,
      padding: paddingOf(p.padding, p.kernel, context.stride),
    });
    y = activate(ops, batchNorm(ops, y, 'norm', { epsilon: p.epsilon }), p.act);
    if (p.dropout > 0) y = ops.dropout(y, p.dropout);
    return residual ? addBranch(ops, x, y, context.dropPath) : y;
  },
} as const satisfies Block<typeof params>;
