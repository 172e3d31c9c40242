/**
 * AsCAN's convolutional block: y = x + P(SE(GELU(BN(Conv k×k(x))))), P a 1×1 projection. NeurIPS 2024,
 * section 3.1. https://openreview.net/forum?id=r0eSCJ6qsL
 * x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`; the residual is added only where the shape stays.
 * Without squeeze-excitation and with SiLU it is EfficientNetV2's FusedMBConv.
 * https://arxiv.org/abs/2104.00298
 * Two points that the paper leaves open are parameters: `se-of` is what the shrink ratio of 0.25 refers to,
 * `project-norm` adds a batch norm after P, which the formula does not print.
 */
import type { Block } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';
import { paddingOf, paddingParam } from '../layers/padding.js';
import { addBranch } from '../layers/residual-branch.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  expand: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels / input channels' },
  kernel: { kind: 'int', min: 1, max: 15, odd: true, default: 3, doc: 'side of the convolution in pixels' },
  se: { kind: 'number', min: 0, max: 1, default: 0.25, doc: 'squeeze-excitation ratio, 0 for none' },
  'se-of': {
    kind: 'choice',
    oneOf: ['hidden', 'input'],
    default: 'hidden',
    doc: 'what the squeeze-excitation ratio is of',
  },
  act: activationParam('gelu'),
  'project-norm': { kind: 'bool', default: true, doc: 'batch norm after the projection' },
  padding: paddingParam,
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norms' },
} as const;

export const fusedMbconv = {
  name: 'fused-mbconv',
  letter: 'C',
  summary: 'full convolution to a wide hidden map, squeeze-excitation, 1×1 projection',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  reduces: true,
  forward(ops, x, p, context) {
    const channels = ops.shape(x).at(-1)!;
    const hidden = Math.max(1, Math.round(p.expand * channels));
    const residual = context.stride === 1 && channels === context.width;
    let y = conv(ops, x, 'expand', hidden, {
      kernel: p.kernel,
      stride: context.stride,
      padding: paddingOf(p.padding, p.kernel, context.stride),
    });
    y = activate(ops, batchNorm(ops, y, 'expand-norm', { epsilon: p.epsilon }), p.act); // [b,h',w',hidden]
    if (p.se > 0)
      y = squeezeExcite(
        ops,
        y,
        'se',
        Math.max(1, Math.round(p.se * (p['se-of'] === 'hidden' ? hidden : channels))),
        p.act,
      );
    y = conv(ops, y, 'project', context.width, { bias: !p['project-norm'] });
    if (p['project-norm'])
      y = batchNorm(ops, y, 'project-norm', { epsilon: p.epsilon, gain: residual ? 0.5 : 1 });
    return residual ? addBranch(ops, x, y, context.dropPath) : y;
  },
} as const satisfies Block<typeof params>;
