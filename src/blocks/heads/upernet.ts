/**
 * UPerNet's segmentation head over the last map of each resolution. https://arxiv.org/abs/1807.10221
 * Pyramid pooling (means over 1, 2, 3, 6 bins) on the smallest map; a feature pyramid from there up; all
 * levels joined at the largest map; 1×1 convolution to one logit per class and pixel. As in mmsegmentation
 * and transformers: convolutions without bias, batch norm, ReLU.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { listItems, violation } from '../../util/params.js';
import type { Head, InputSizes, MapSize } from '../block.js';
import { conv } from '../layers/conv.js';
import { outputInit } from '../layers/linear-layer.js';
import { batchNorm } from '../layers/norm-layers.js';

const params = {
  width: { kind: 'int', min: 1, max: 65536, default: 512, doc: 'channels of the pyramid' },
  bins: { kind: 'list', min: 1, max: 64, most: 8, default: '1-2-3-6', doc: 'bins a side of each pooled map' },
  scale: {
    kind: 'int',
    min: 1,
    max: 32,
    default: 4,
    doc: 'how many times larger the logits’ sides are than the largest map’s',
  },
  dropout: { kind: 'number', min: 0, max: 0.9, default: 0.1, doc: 'rate of dropout before the classifier' },
} as const;

/** The last map of each resolution, largest first. */
function lastOfEach<V>(
  stages: readonly (readonly [stage: number, value: V])[],
  sizeOf: (value: V) => string,
): V[] {
  const last = new Map<string, V>();
  for (const [, value] of [...stages].sort(([a], [b]) => a - b)) last.set(sizeOf(value), value);
  return [...last.values()];
}

/**
 * Means over `bins` rows (axis 1) or columns (axis 2), bounds as in adaptive pooling: ⌊i·n/b⌋ to ⌈(i+1)·n/b⌉.
 */
function binned<T>(ops: TensorOps<T>, x: T, axis: 1 | 2, bins: number): T {
  const length = ops.shape(x)[axis]!;
  const parts = Array.from({ length: bins }, (_, bin) => {
    const from = Math.floor((bin * length) / bins);
    const to = Math.ceil(((bin + 1) * length) / bins);
    return ops.reduce(
      ops.slice(
        x,
        axis === 1 ? [0, from, 0, 0] : [0, 0, from, 0],
        axis === 1 ? [-1, to - from, -1, -1] : [-1, -1, to - from, -1],
      ),
      'mean',
      [axis],
      { keepDims: true },
    );
  });
  return parts.length === 1 ? parts[0]! : ops.concat(parts, axis);
}

const sizes = (input: InputSizes): MapSize[] =>
  lastOfEach(
    Object.entries(input.stageOutputs ?? {}).map(([stage, size]) => [Number(stage), size] as const),
    ({ height, width }) => `${height} ${width}`,
  );

export const upernet = {
  name: 'upernet',
  summary: 'segmentation: pyramid pooling and a feature pyramid over the last map of each resolution',
  source: 'https://arxiv.org/abs/1807.10221',
  params,
  output: 'pixel-logits',
  needs: () => ({ stages: 'all' }),
  problem(_, input) {
    const maps = sizes(input);
    const grown = maps.findIndex(({ height }, index) => index > 0 && height > maps[index - 1]!.height);
    return grown < 0
      ? undefined
      : violation(
          [],
          'maps must become smaller from stage to stage, ' +
            `got ${maps.map(({ height, width }) => `${height}×${width}`).join(', ')}`,
        );
  },
  forward(ops, x, p, classes, sideInputs) {
    const known = [...(sideInputs?.stageOutputs ?? [])];
    const maps = known.length === 0 ? [x] : lastOfEach(known, (map) => ops.shape(map).slice(1, 3).join(' '));
    const unit = (y: typeof x, name: string, kernel: number): typeof x =>
      ops.activation(batchNorm(ops, conv(ops, y, name, p.width, { kernel }), `${name}-norm`), 'relu');
    const to = (y: typeof x, like: typeof x): typeof x => {
      const [, height, width] = ops.shape(like) as [number, number, number];
      return ops.shape(y)[1] === height && ops.shape(y)[2] === width
        ? y
        : ops.resize(y, height, width, 'bilinear');
    };
    const smallest = maps.at(-1)!;
    const laterals = maps.slice(0, -1).map((map, index) => unit(map, `lateral${index + 1}`, 1));
    const pooled = listItems(p.bins)!.map((bins) =>
      to(unit(binned(ops, binned(ops, smallest, 1, bins), 2, bins), `pool${bins}`, 1), smallest),
    );
    const levels = [...laterals, unit(ops.concat([smallest, ...pooled], 3), 'bottleneck', 3)];
    for (let level = levels.length - 2; level >= 0; level--)
      levels[level] = ops.binary(levels[level]!, to(levels[level + 1]!, levels[level]!), 'add');
    const smoothed = levels.map((level, index) =>
      index === levels.length - 1 ? level : unit(level, `level${index + 1}`, 3),
    );
    const joined = smoothed.map((level) => to(level, smoothed[0]!));
    const fused = unit(joined.length === 1 ? joined[0]! : ops.concat(joined, 3), 'fuse', 3);
    const logits = conv(ops, p.dropout > 0 ? ops.dropout(fused, p.dropout) : fused, 'classifier', classes, {
      bias: true,
      init: outputInit,
    });
    const [, height, width] = ops.shape(logits) as [number, number, number];
    return p.scale === 1 ? logits : ops.resize(logits, p.scale * height, p.scale * width, 'bilinear');
  },
} as const satisfies Head<typeof params>;
