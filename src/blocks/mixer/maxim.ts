/**
 * MAXIM's encoder block: multi-axis gMLP, then residual channel attention. https://arxiv.org/abs/2201.02973,
 * after google-research/maxim, maxim.py; x `[b,h,w,c]` → `[b,h,w,c]`
 *   gMLP               LN, 1×1 to 2C, GELU; a gated MLP over positions mixes one half along a grid and
 *                      the other half inside blocks; both halves joined, 1×1
 *   channel attention  LN, 3×3, leaky ReLU, 3×3, squeeze-excitation to a quarter of the channels
 * MAXIM's cross-gating is the downsampling layer `cross-gate`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { conv } from '../layers/conv.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import {
  type Axis,
  mapPixelSets,
  sidesProblem,
  spatialGate,
  splitChannels,
} from '../layers/spatial-gating.js';
import { squeezeExcite } from '../layers/squeeze-excite.js';

const params = {
  block: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 7,
    doc: 'side of the blocks of neighbouring pixels; must divide the map',
  },
  grid: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 7,
    doc: 'side of the grid spread over the map; must divide it',
  },
  factor: {
    kind: 'int',
    min: 1,
    max: 8,
    default: 2,
    doc: 'hidden channels of each gated MLP / its channels, before the halving',
  },
  'channel-attention': { kind: 'bool', default: true, doc: 'residual channel attention after the mixing' },
} as const;

/** x + 1×1(gate(GELU(1×1(LN x)))) over the sets of one axis; x `[b,h,w,c]`. */
function gatedMlp<T>(ops: TensorOps<T>, x: T, axis: Axis, side: number, factor: number): T {
  const channels = ops.shape(x).at(-1)!;
  return ops.scope(axis, () =>
    mapPixelSets(ops, x, axis, side, (sets) => {
      const expanded = ops.activation(
        linear(ops, layerNorm(ops, sets, 'norm'), 'expand', factor * channels),
        'gelu',
      );
      return ops.binary(
        sets,
        linear(ops, spatialGate(ops, expanded, 'gate'), 'project', channels, { init: outputInit }),
        'add',
      );
    }),
  );
}

export const maxim = {
  name: 'maxim',
  letter: 'M',
  summary: 'gated MLPs over a grid and inside blocks, then channel attention',
  source: 'https://arxiv.org/abs/2201.02973',
  params,
  reduces: false,
  problem(p, input, context) {
    if ((p.factor * context.width) % 2 !== 0)
      return violation(['factor'], `factor times width must be even, got ${p.factor * context.width}`);
    return sidesProblem(p, input);
  },
  forward(ops, x, p, context) {
    const mixed = ops.scope('gmlp', () => {
      const [u, v] = splitChannels(
        ops,
        ops.activation(linear(ops, layerNorm(ops, x, 'norm'), 'expand', 2 * context.width), 'gelu'),
      );
      const joined = ops.concat(
        [gatedMlp(ops, u, 'grid', p.grid, p.factor), gatedMlp(ops, v, 'block', p.block, p.factor)],
        3,
      );
      return linear(ops, joined, 'project', context.width, { init: outputInit });
    });
    const y = addBranch(ops, x, mixed, context.dropPath);
    if (!p['channel-attention']) return y;
    const attended = ops.scope('channel', () => {
      const first = conv(ops, layerNorm(ops, y, 'norm'), 'conv1', context.width, { kernel: 3, bias: true });
      const activated = ops.binary(first, ops.scale(first, 0.2), 'maximum'); // leaky ReLU of slope 0.2
      return squeezeExcite(
        ops,
        conv(ops, activated, 'conv2', context.width, { kernel: 3, bias: true }),
        'se',
        Math.max(1, Math.floor(context.width / 4)),
        'relu',
      );
    });
    return addBranch(ops, y, attended, context.dropPath);
  },
} as const satisfies Block<typeof params>;
