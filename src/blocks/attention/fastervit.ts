/**
 * FasterViT's hierarchical attention: `depth` layers of window attention with carrier tokens.
 * https://arxiv.org/abs/2306.06189, following NVlabs/FasterViT, fastervit/models/faster_vit.py; x
 * `[b,h,w,c]` → `[b,h,w,c]`
 * Where the map holds several windows, each has ct×ct carrier tokens. In every layer the carriers first
 * attend to each other over the whole map, then join the tokens of their window. MLPs on coordinates give
 * the positions. The block computes its carriers itself; a published stage is one block of the stage's
 * depth.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import {
  joinHeads,
  relativeOffsets,
  scaledDotProductAttention,
  splitHeads,
  splitQkv,
} from '../layers/attention.js';
import { depthwise } from '../layers/conv.js';
import { layerScale } from '../layers/layer-scale.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { fromWindows, toWindows } from '../layers/windows.js';

const params = {
  depth: { kind: 'int', min: 1, max: 32, default: 1, doc: 'layers that share the carrier tokens' },
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  window: { kind: 'int', min: 2, max: 64, default: 7, doc: 'side of a window; must divide the map' },
  carriers: {
    kind: 'int',
    min: 0,
    max: 8,
    default: 2,
    doc: 'carrier tokens a window are this squared; 0: windows alone',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLPs / width' },
  'qkv-bias': { kind: 'bool', default: true, doc: 'biases of query, key and value' },
  'layer-scale': { kind: 'number', min: 0, max: 1, default: 0, doc: 'start of the layer scales, 0 for none' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the layer norms' },
} as const;
interface Options {
  readonly 'head-dim': number;
  readonly carriers: number;
  readonly window: number;
  readonly mlp: number;
  readonly 'qkv-bias': boolean;
  readonly 'layer-scale': number;
  readonly epsilon: number;
}

/** MLP with 512 hidden units on coordinates `[n,2]` → `[n,width]`. */
function coordinateMlp<T>(ops: TensorOps<T>, coordinates: Float32Array, name: string, width: number): T {
  return ops.scope(name, () => {
    const hidden = ops.activation(
      linear(ops, ops.constant(coordinates, [coordinates.length / 2, 2]), 'expand', 512),
      'relu',
    );
    return linear(ops, hidden, 'project', width, { bias: false, init: outputInit });
  });
}

/** Coordinates (`at(row)`, `at(column)`) of a side×side grid, `[side²,2]`. */
const grid = (side: number, at: (position: number) => number): Float32Array =>
  Float32Array.from({ length: 2 * side * side }, (_, index) =>
    at(index % 2 === 0 ? Math.floor(index / 2 / side) : Math.floor(index / 2) % side),
  );

/** Adds a learned position to each token of a side×side grid; x `[b,side²,c]`. */
function withPositions<T>(ops: TensorOps<T>, x: T, name: string, side: number): T {
  const half = Math.max(1, Math.floor(side / 2));
  return ops.binary(
    x,
    coordinateMlp(
      ops,
      grid(side, (position) => (position - half) / half),
      name,
      ops.shape(x).at(-1)!,
    ),
    'add',
  );
}

/**
 * Position bias `[1,heads,n,n]`: 16·sigmoid of an MLP on logarithmic offsets, zeros for the `extra` tokens
 * that precede the grid's.
 */
function offsetBias<T>(ops: TensorOps<T>, side: number, heads: number, extra: number): T {
  const logarithmic = (offset: number): number =>
    (Math.sign(offset) * Math.log2(Math.abs((8 * offset) / (side - 1)) + 1)) / 3;
  const table = coordinateMlp(
    ops,
    grid(2 * side - 1, (position) => logarithmic(position - side + 1)),
    'offset-bias',
    heads,
  );
  const tokens = side * side;
  const rows = ops.gather(table, relativeOffsets(side, side), 0);
  const bias = ops.scale(
    ops.activation(ops.reshape(ops.transpose(rows, [1, 0]), [1, heads, tokens, tokens]), 'sigmoid'),
    16,
  );
  return extra === 0
    ? bias
    : ops.pad(bias, [
        [0, 0],
        [0, 0],
        [extra, 0],
        [extra, 0],
      ]);
}

/** Attention and MLP over tokens, the last `side²` of which form a grid; x `[b,extra+side²,c]`. */
function layer<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  side: number,
  extra: number,
  p: Options,
  dropPath: number,
): T {
  const channels = ops.shape(x).at(-1)!;
  const heads = channels / p['head-dim'];
  const scaled = (y: T, scale: string): T =>
    p['layer-scale'] > 0 ? layerScale(ops, y, scale, p['layer-scale']) : y;
  return ops.scope(name, () => {
    const [q, k, v] = splitQkv(
      ops,
      linear(ops, layerNorm(ops, x, 'norm', { epsilon: p.epsilon }), 'qkv', 3 * channels, {
        bias: p['qkv-bias'],
      }),
    ).map((part) => splitHeads(ops, part, heads)) as [T, T, T];
    const branch = linear(
      ops,
      joinHeads(ops, scaledDotProductAttention(ops, q, k, v, { bias: offsetBias(ops, side, heads, extra) })),
      'project',
      channels,
      { init: outputInit },
    );
    const attended = addBranch(ops, x, scaled(branch, 'layer-scale1'), dropPath);
    const mlpOutput = mlp(
      ops,
      layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon }),
      'mlp',
      Math.max(1, Math.floor(p.mlp * channels)),
    );
    return addBranch(ops, attended, scaled(mlpOutput, 'layer-scale2'), dropPath);
  });
}

/** Initial carrier tokens by a depthwise 3×3 and mean pooling: x `[b,h,h,c]` → `[b,side²,c]`. */
function firstCarriers<T>(ops: TensorOps<T>, x: T, side: number): T {
  const [, size, , channels] = ops.shape(x) as [number, number, number, number];
  const stride = Math.floor(size / side);
  const pooled = ops.avgPool(depthwise(ops, x, 'carriers', { kernel: 3, bias: true }), {
    window: size - (side - 1) * stride,
    stride,
    padding: 'valid',
  });
  return ops.reshape(pooled, [-1, side * side, channels]);
}

export const fastervit = {
  name: 'fastervit',
  letter: 'T',
  summary: 'window attention with carrier tokens that attend over the whole map',
  source: 'https://arxiv.org/abs/2306.06189',
  params,
  reduces: false,
  problem(p, input, context) {
    if (context.width % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
    if (input.height % p.window !== 0 || input.width % p.window !== 0)
      return violation(
        ['window'],
        `window must divide the map of ${input.height}×${input.width}, got ${p.window}`,
      );
    const several = p.carriers > 0 && input.height > p.window;
    if (p.carriers > 0 && input.height !== input.width)
      return violation(
        ['carriers'],
        `carriers need a square map of ${input.height}×${input.height}, got ${input.height}×${input.width}`,
      );
    return several && p.carriers > p.window
      ? violation(
          ['carriers', 'window'],
          `carriers must be at most the window of ${p.window}, got ${p.carriers}`,
        )
      : undefined;
  },
  forward(ops, x, p, context) {
    const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
    const window = { height: p.window, width: p.window };
    const side = p.carriers > 0 && height > p.window ? (p.carriers * height) / p.window : 0;
    const perWindow = side === 0 ? 0 : p.carriers * p.carriers;
    const group = { height: p.carriers, width: p.carriers };
    let carriers = side === 0 ? undefined : firstCarriers(ops, x, side);
    let tokens = toWindows(ops, x, window); // [b·windows,n,c]
    for (let each = 1; each <= p.depth; each++) {
      const [windowTokens, carrierTokens] = [tokens, carriers];
      ops.scope(`layer${each}`, () => {
        let joined = withPositions(ops, windowTokens, 'position', p.window);
        if (carrierTokens !== undefined) {
          const spread = layer(
            ops,
            withPositions(ops, carrierTokens, 'carrier-position', side),
            'carrier',
            side,
            0,
            p,
            context.dropPath,
          );
          joined = ops.concat(
            [toWindows(ops, ops.reshape(spread, [-1, side, side, channels]), group), joined],
            1,
          );
        }
        const mixed = layer(ops, joined, 'window', p.window, perWindow, p, context.dropPath);
        tokens = perWindow === 0 ? mixed : ops.slice(mixed, [0, perWindow, 0], [-1, -1, -1]);
        if (perWindow > 0)
          carriers = ops.reshape(
            fromWindows(ops, ops.slice(mixed, [0, 0, 0], [-1, perWindow, -1]), group, side, side),
            [-1, side * side, channels],
          );
      });
    }
    return fromWindows(ops, tokens, window, height, width);
  },
} as const satisfies Block<typeof params>;
