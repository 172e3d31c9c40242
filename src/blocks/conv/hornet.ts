/**
 * HorNet's block: gnConv (recursive gated convolution) of order n, then an MLP, both residual with layer
 * scale.
 * https://arxiv.org/abs/2207.14284, following raoyongming/HorNet, hornet.py
 *   [y, f] = 1×1(x) with C/2^(n−1) channels for y and Σ C/2^(n−1−k) for f; f is filtered by a depthwise 7×7
 *   y ← f₁ ⊙ y, then for each higher order y ← f_k ⊙ 1×1(y), which doubles the channels; 1×1 at the end
 * `filter: global` filters half of the channels by a depthwise 3×3 and half by a learned filter in the
 * frequency domain. x `[b,h,w,c]` → `[b,h,w,c]`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { conv, depthwise } from '../layers/conv.js';
import { frequencyFilter } from '../layers/frequency-filter.js';
import { layerScale } from '../layers/layer-scale.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';

const params = {
  order: {
    kind: 'int',
    min: 1,
    max: 8,
    default: 3,
    doc: 'order of the recursive gating; 2^(order−1) must divide the width',
  },
  filter: {
    kind: 'choice',
    oneOf: ['depthwise', 'global'],
    default: 'depthwise',
    doc: 'depthwise k×k, or half depthwise 3×3 and half frequency filter',
  },
  kernel: {
    kind: 'int',
    min: 1,
    max: 51,
    odd: true,
    default: 7,
    doc: 'side of the depthwise convolution in pixels',
  },
  scale: { kind: 'number', min: 0, max: 10, default: 1 / 3, doc: 'factor on the filtered maps' },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  'layer-scale': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 1e-6,
    doc: 'start of the layer scales, 0 for none',
  },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the layer norms' },
} as const;

/**
 * Filters half of the channels by a depthwise 3×3 and half in the frequency domain, and interleaves the
 * results. x `[b,h,w,c]` → `[b,h,w,c]`.
 */
function globalLocal<T>(ops: TensorOps<T>, x: T, epsilon: number): T {
  const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const half = channels / 2;
  const normed = layerNorm(ops, x, 'norm', { epsilon });
  const local = depthwise(ops, ops.slice(normed, [0, 0, 0, 0], [-1, -1, -1, half]), 'local', { kernel: 3 });
  const global = frequencyFilter(ops, ops.slice(normed, [0, 0, 0, half], [-1, -1, -1, half]), 'global');
  const paired = ops.concat(
    [local, global].map((y) => ops.reshape(y, [-1, height, width, half, 1])),
    4,
  );
  return layerNorm(ops, ops.reshape(paired, [-1, height, width, channels]), 'out-norm', { epsilon });
}

function gnConv<T>(
  ops: TensorOps<T>,
  x: T,
  p: {
    readonly order: number;
    readonly filter: string;
    readonly kernel: number;
    readonly scale: number;
    readonly epsilon: number;
  },
): T {
  const channels = ops.shape(x).at(-1)!;
  const widths = Array.from({ length: p.order }, (_, order) => channels / 2 ** (p.order - 1 - order));
  const first = widths[0]!;
  const total = widths.reduce((sum, width) => sum + width, 0);
  const fused = conv(ops, x, 'in', 2 * channels, { bias: true });
  const maps = ops.slice(fused, [0, 0, 0, first], [-1, -1, -1, total]);
  const filtered = ops.scale(
    p.filter === 'global'
      ? ops.scope('filter', () => globalLocal(ops, maps, p.epsilon))
      : depthwise(ops, maps, 'filter', { kernel: p.kernel, bias: true }),
    p.scale,
  );
  let y = ops.slice(fused, [0, 0, 0, 0], [-1, -1, -1, first]);
  let begin = 0;
  widths.forEach((width, order) => {
    const gate = ops.slice(filtered, [0, 0, 0, begin], [-1, -1, -1, width]);
    y = ops.binary(order === 0 ? y : conv(ops, y, `order${order + 1}`, width, { bias: true }), gate, 'mul');
    begin += width;
  });
  return conv(ops, y, 'out', channels, { bias: true });
}

export const hornet = {
  name: 'hornet',
  letter: 'C',
  summary: 'recursive gated convolution, MLP',
  source: 'https://arxiv.org/abs/2207.14284',
  params,
  reduces: false,
  problem(p, _, context) {
    const unit = 2 ** (p.order - 1);
    if (context.width % unit !== 0)
      return violation(
        ['order'],
        `order ${p.order} needs a width that is a multiple of ${unit}, got ${context.width}`,
      );
    // the orders' widths sum to 2C − C/2^(n−1), which is halved
    return p.filter === 'global' && (context.width / unit) % 2 !== 0
      ? violation(
          ['filter', 'order'],
          `filter global at order ${p.order} needs a width that is a multiple of ${2 * unit}, ` +
            `got ${context.width}`,
        )
      : undefined;
  },
  forward(ops, x, p, context) {
    const scaled = (y: typeof x, name: string): typeof x =>
      p['layer-scale'] > 0 ? layerScale(ops, y, name, p['layer-scale']) : y;
    const mixed = ops.scope('gnconv', () =>
      gnConv(ops, layerNorm(ops, x, 'norm', { epsilon: p.epsilon }), p),
    );
    const attended = addBranch(ops, x, scaled(mixed, 'layer-scale1'), context.dropPath);
    const mlpOutput = mlp(
      ops,
      layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon }),
      'mlp',
      Math.max(1, Math.round(p.mlp * context.width)),
    );
    return addBranch(ops, attended, scaled(mlpOutput, 'layer-scale2'), context.dropPath);
  },
} as const satisfies Block<typeof params>;
