/**
 * MobileViTv2's block: depthwise 3×3, 1×1 to d channels, transformer layers, norm, 1×1 back; no outer
 * residual.
 * https://arxiv.org/abs/2206.02680, following timm, models/mobilevit.py; x `[b,h,w,c]` → `[b,h,w,width]`
 * The layers use separable linear attention between pixels at the same position of 2×2 patches. Odd maps are
 * resized up to whole patches, as in timm.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { Block } from '../block.js';
import { conv, depthwise } from '../layers/conv.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { batchNorm, groupNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { roundedChannels } from '../layers/rounded-channels.js';

const params = {
  depth: { kind: 'int', min: 1, max: 24, default: 2, doc: 'transformer layers' },
  ratio: {
    kind: 'number',
    min: 0.125,
    max: 4,
    default: 0.5,
    doc: 'channels inside / width, rounded to multiples of 8',
  },
  mlp: {
    kind: 'number',
    min: 0.25,
    max: 16,
    default: 2,
    doc: 'hidden channels of the MLPs / channels inside',
  },
  patch: { kind: 'int', min: 1, max: 16, default: 2, doc: 'side of a patch in pixels' },
  kernel: {
    kind: 'int',
    min: 1,
    max: 15,
    odd: true,
    default: 3,
    doc: 'side of the depthwise convolution in pixels',
  },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the norms' },
} as const;

/**
 * Separable linear attention: c = Σ softmax(q)·k over patches, y = W(ReLU(v)⊙c); q has one channel. x
 * `[b,patches,places,d]` → the same shape; places are the pixels of a patch.
 */
function linearAttention<T>(ops: TensorOps<T>, x: T): T {
  const channels = ops.shape(x).at(-1)!;
  const qkv = linear(ops, x, 'qkv', 1 + 2 * channels);
  const part = (begin: number, size: number): T => ops.slice(qkv, [0, 0, 0, begin], [-1, -1, -1, size]);
  const scores = ops.transpose(ops.softmax(ops.transpose(part(0, 1), [0, 2, 3, 1])), [0, 3, 1, 2]);
  const context = ops.reduce(ops.binary(part(1, channels), scores, 'mul'), 'sum', [1], { keepDims: true });
  return linear(
    ops,
    ops.binary(ops.activation(part(1 + channels, channels), 'relu'), context, 'mul'),
    'project',
    channels,
    { init: outputInit },
  );
}

export const mobilevitV2 = {
  name: 'mobilevit-v2',
  letter: 'T',
  summary: 'depthwise convolution, then separable linear attention between patches',
  source: 'https://arxiv.org/abs/2206.02680',
  params,
  reduces: false,
  forward(ops, x, p, context) {
    const [, height, width] = ops.shape(x) as [number, number, number, number];
    const rows = Math.ceil(height / p.patch);
    const columns = Math.ceil(width / p.patch);
    const whole = rows * p.patch === height && columns * p.patch === width;
    const inside = roundedChannels(p.ratio * context.width);
    let y = whole ? x : ops.resize(x, rows * p.patch, columns * p.patch, 'bilinear');
    y = ops.activation(
      batchNorm(ops, depthwise(ops, y, 'depthwise', { kernel: p.kernel }), 'depthwise-norm', {
        epsilon: p.epsilon,
      }),
      'silu',
    );
    y = conv(ops, y, 'inside', inside);
    y = ops.transpose(ops.reshape(y, [-1, rows, p.patch, columns, p.patch, inside]), [0, 1, 3, 2, 4, 5]);
    y = ops.reshape(y, [-1, rows * columns, p.patch * p.patch, inside]); // [b,patches,places,d]
    for (let layer = 1; layer <= p.depth; layer++) {
      const layerInput = y;
      y = ops.scope(`layer${layer}`, () => {
        const attended = addBranch(
          ops,
          layerInput,
          ops.scope('attention', () =>
            linearAttention(ops, groupNorm(ops, layerInput, 'norm', 1, { epsilon: p.epsilon })),
          ),
          context.dropPath,
        );
        return addBranch(
          ops,
          attended,
          mlp(
            ops,
            groupNorm(ops, attended, 'mlp-norm', 1, { epsilon: p.epsilon }),
            'mlp',
            Math.max(1, Math.floor(p.mlp * inside)),
            { act: 'silu' },
          ),
          context.dropPath,
        );
      });
    }
    y = groupNorm(ops, y, 'norm', 1, { epsilon: p.epsilon });
    y = ops.transpose(ops.reshape(y, [-1, rows, columns, p.patch, p.patch, inside]), [0, 1, 3, 2, 4, 5]);
    y = batchNorm(
      ops,
      conv(ops, ops.reshape(y, [-1, rows * p.patch, columns * p.patch, inside]), 'project', context.width),
      'project-norm',
      { epsilon: p.epsilon },
    );
    return whole ? y : ops.resize(y, height, width, 'bilinear');
  },
} as const satisfies Block<typeof params>;
