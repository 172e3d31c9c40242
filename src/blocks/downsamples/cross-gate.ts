/**
 * MAXIM's cross-gating in a decoder. https://arxiv.org/abs/2201.02973
 * A transposed 2×2 convolution enlarges the map y; the output x of an earlier stage joins. Each map is
 * multiplied by gates that are computed from the other one:
 *   y' = y + W(y ⊙ G(x)),  out = x + W(x ⊙ G(y)) + y'
 *   G: LN, 1×1 to 2C, GELU, linear layers over a grid and inside blocks, 1×1
 * x, y `[b,h,w,c]` → `[b,scale·h,scale·w,width]`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { conv } from '../layers/conv.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { layerNorm } from '../layers/norm-layers.js';
import { linearOverPositions, mapPixelSets, sidesProblem, splitChannels } from '../layers/spatial-gating.js';

const params = {
  from: { kind: 'int', min: 1, max: 64, default: 1, doc: 'stage whose output joins, from 1' },
  scale: { kind: 'int', min: 1, max: 2, default: 2, doc: 'how many times larger the sides become' },
  block: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 7,
    doc: 'side of the blocks of neighbouring pixels; must divide the larger map',
  },
  grid: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 7,
    doc: 'side of the grid spread over the map; must divide the larger map',
  },
} as const;

type Sides = { readonly block: number; readonly grid: number };

/** Gates G(x) for the other map, x `[b,h,w,c]` → `[b,h,w,c]`. */
function gates<T>(ops: TensorOps<T>, x: T, name: string, p: Sides): T {
  const width = ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const [u, v] = splitChannels(
      ops,
      ops.activation(linear(ops, layerNorm(ops, x, 'norm'), 'expand', 2 * width), 'gelu'),
    );
    const spread = mapPixelSets(ops, u, 'grid', p.grid, (sets) => linearOverPositions(ops, sets, 'grid'));
    const near = mapPixelSets(ops, v, 'block', p.block, (sets) => linearOverPositions(ops, sets, 'block'));
    return linear(ops, ops.concat([spread, near], 3), 'project', width);
  });
}

export const crossGate = {
  name: 'cross-gate',
  summary: 'twice the sides, and the map and an earlier stage’s output gate each other (MAXIM’s decoder)',
  source: 'https://arxiv.org/abs/2201.02973',
  params,
  needs: (p) => ({ stages: [p.from] }),
  problem(p, input) {
    const [height, width] = [input.height * p.scale, input.width * p.scale];
    const kept = input.stageOutputs?.[p.from];
    if (!kept)
      return violation(
        ['from'],
        `from must be an earlier stage whose output nothing took before, got ${p.from}`,
      );
    if (kept.height !== height || kept.width !== width)
      return violation(
        ['from'],
        `from needs stage ${p.from} to leave a map of ${height}×${width}, ` +
          `got ${kept.height}×${kept.width}; sides of the image that halve evenly fit`,
      );
    return sidesProblem(p, { height, width });
  },
  forward(ops, input, p, width, sideInputs) {
    const channels = ops.shape(input).at(-1)!;
    const raised =
      p.scale === 1
        ? input
        : ops.scope('up', () =>
            ops.binary(
              ops.conv2dTranspose(
                input,
                ops.weight('filter', [2, 2, width, channels], {
                  kind: 'normal',
                  std: Math.sqrt(2 / channels),
                }),
                { stride: 2 },
              ),
              ops.weight('bias', [width], { kind: 'zeros' }),
              'add',
            ),
          );
    const skip = sideInputs?.stageOutputs?.get(p.from);
    if (skip === undefined)
      throw new Error(`cross-gate: the output of stage ${p.from} must reach it, got none`);
    const [x, y] = [
      conv(ops, skip, 'skip', width, { bias: true }),
      conv(ops, raised, 'raised', width, { bias: true }),
    ];
    const expand = (map: typeof x, name: string): typeof x =>
      ops.activation(linear(ops, layerNorm(ops, map, `${name}-norm`), `${name}-open`, width), 'gelu');
    const [expandedX, expandedY] = [expand(x, 'skip'), expand(y, 'raised')];
    const joined = (map: typeof x, gate: typeof x, name: string): typeof x =>
      linear(ops, ops.binary(map, gate, 'mul'), `${name}-close`, width, { init: outputInit });
    const newY = ops.binary(y, joined(expandedY, gates(ops, expandedX, 'skip-gate', p), 'raised'), 'add');
    return ops.binary(
      ops.binary(x, joined(expandedX, gates(ops, expandedY, 'raised-gate', p), 'skip'), 'add'),
      newY,
      'add',
    );
  },
} as const satisfies StemOrDownsample<typeof params>;
