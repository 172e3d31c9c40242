/**
 * UniRepLKNet's block. https://arxiv.org/abs/2311.15599, following AILab-CVC/UniRepLKNet, unireplknet.py
 * y = x + γ · BN(1×1(GRN(GELU(1×1(SE(BN(depthwise k×k(x)))))))), hidden width 4C; x `[b,h,w,c]` →
 * `[b,h,w,c]`.
 * From kernel 7 on, `form: training` adds dilated depthwise convolutions in parallel to the large one, each
 * with its own batch norm. `form: merged` is the inference form, in which they are one convolution with a
 * bias (`mergeUniRepLKNet`). Kernel 0 leaves the convolution and its norm out.
 */
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { depthwise } from '../layers/conv.js';
import { layerScale } from '../layers/layer-scale.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { batchNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { globalResponseNorm } from '../layers/response-norm.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

/** Kernel and dilation of the parallel convolutions, by the large kernel. */
export const dilatedBranches: Readonly<
  Record<number, readonly (readonly [kernel: number, dilation: number])[]>
> = {
  17: [
    [5, 1],
    [9, 2],
    [3, 4],
    [3, 5],
    [3, 7],
  ],
  15: [
    [5, 1],
    [7, 2],
    [3, 3],
    [3, 5],
    [3, 7],
  ],
  13: [
    [5, 1],
    [7, 2],
    [3, 3],
    [3, 4],
    [3, 5],
  ],
  11: [
    [5, 1],
    [5, 2],
    [3, 3],
    [3, 4],
    [3, 5],
  ],
  9: [
    [5, 1],
    [5, 2],
    [3, 3],
    [3, 4],
  ],
  7: [
    [5, 1],
    [3, 2],
    [3, 3],
  ],
};

const params = {
  kernel: {
    kind: 'int',
    min: 0,
    max: 17,
    default: 13,
    doc: 'side of the depthwise convolution in pixels: 0 (none), 3, 5, or odd up to 17 with dilated branches',
  },
  form: {
    kind: 'choice',
    oneOf: ['training', 'merged'],
    default: 'training',
    doc: 'parallel branches and norms, or the one convolution they merge into',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels / width' },
  'layer-scale': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 1e-6,
    doc: 'start of the layer scale (training form), 0 for none',
  },
} as const;

export const unireplknet = {
  name: 'unireplknet',
  letter: 'C',
  summary: 'large depthwise kernel with dilated branches that merge, squeeze-excitation, MLP',
  source: 'https://arxiv.org/abs/2311.15599',
  params,
  reduces: false,
  problem(p) {
    return p.kernel === 0 || (p.kernel >= 3 && p.kernel % 2 === 1)
      ? undefined
      : violation(['kernel'], `kernel must be 0 or odd from 3 on, got ${p.kernel}`);
  },
  forward(ops, x, p, context) {
    const { kernel } = p;
    const merged = p.form === 'merged';
    let y = x;
    if (kernel > 0) {
      y = depthwise(ops, x, 'large', { kernel, bias: merged });
      if (!merged && kernel >= 7) {
        y = batchNorm(ops, y, 'large-norm');
        for (const [size, dilation] of dilatedBranches[kernel]!) {
          const branch = batchNorm(
            ops,
            depthwise(ops, x, `dilated${size}x${dilation}`, { kernel: size, dilation }),
            `dilated${size}x${dilation}-norm`,
          );
          y = ops.binary(y, branch, 'add');
        }
      }
      if (!merged) y = batchNorm(ops, y, 'norm');
    }
    y = squeezeExcite(ops, y, 'se', Math.max(1, Math.floor(context.width / 4)), 'relu');
    y = ops.activation(linear(ops, y, 'expand', Math.max(1, Math.floor(p.mlp * context.width))), 'gelu');
    y = globalResponseNorm(ops, y, 'response-norm', { offset: !merged });
    y = linear(ops, y, 'project', context.width, { bias: merged, init: outputInit });
    if (!merged) y = batchNorm(ops, y, 'project-norm');
    if (!merged && p['layer-scale'] > 0) y = layerScale(ops, y, 'layer-scale', p['layer-scale']);
    return addBranch(ops, x, y, context.dropPath);
  },
} as const satisfies Block<typeof params>;
