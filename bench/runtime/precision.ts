/**
 * How far each precision lies from float32: logits of every block and layer, of published networks, and of a
 * trained one; and the curve of a training. What `accuracyOf` in src/runtime/compute.ts states is set from
 * this, with room.
 */

import type { Architecture } from '../../src/architecture/architecture.js';
import { layoutOf } from '../../src/architecture/layout.js';
import { loadDataset } from '../../src/data/dataset-table.js';
import { blockNetworks } from '../../src/network/block-networks.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Model, Precision } from '../../src/runtime/runtime.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { trainLoop } from '../../src/train/loop/train-loop.js';
import { weightSeed } from '../../src/train/loop/training-options.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { seededRandom } from '../../src/util/random.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import { layerNetworks } from '../../test/fixtures/part-networks.js';
import type { Bench, BenchTable } from '../benchmark.js';
import { benchNetwork } from './bench-network.js';

const published = [
  'resnet18',
  'mobilenetv2-100',
  'efficientnet-b0',
  'convnext-tiny',
  'vit-tiny-patch16-224',
  'swin-tiny-patch4-window7-224',
  'coatnet-0-rw-224',
  'maxvit-tiny-tf-224',
  'sret-t',
  'mobilevitv2-075',
];

/** Root of the mean square of the difference, of that of the reference. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (got[index]! - expected[index]!) ** 2;
    size += expected[index]! ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Share of rows of `[rows, classes]` whose largest entry is at one place in both. */
export function agreement(got: ArrayLike<number>, expected: ArrayLike<number>, classes: number): number {
  const best = (values: ArrayLike<number>, row: number): number =>
    Array.from({ length: classes }, (_, index) => index).reduce(
      (at, index) => (values[row * classes + index]! > values[row * classes + at]! ? index : at),
      0,
    );
  const rows = expected.length / classes;
  return (
    Array.from({ length: rows }, (_, row) => row).filter((row) => best(got, row) === best(expected, row))
      .length / rows
  );
}

async function logitsAt(
  model: Model,
  precision: Precision,
  images: Float32Array,
  batch: number,
): Promise<Float32Array> {
  const inference = model.inference({ batch, execution: 'compiled', precision });
  const size =
    images.length /
    Math.ceil(
      images.length /
        (batch *
          model.architecture.input.height *
          model.architecture.input.width *
          model.architecture.input.channels),
    );
  const all: Float32Array[] = [];
  for (let start = 0; start < images.length; start += size)
    all.push(await inference.logits(images.subarray(start, start + size)));
  inference.dispose();
  return Float32Array.from(all.flatMap((part) => [...part]));
}

const normals = (seed: string, count: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};
const short = (value: number): string => value.toExponential(1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export const precisionBench = {
  summary:
    'how far 16-bit precisions lie from float32: parts, published networks, a trained network, a training',
  onlyByName: true,
  needsEngine: true,
  async run({ threads, quick, note }) {
    const runtime = await openRuntime({ runtime: 'tensorflow', threads });
    const [reference, ...others] = runtime.supports.precisions as [Precision, ...Precision[]];
    const compare = async (
      architecture: Architecture,
      batch: number,
      rounds = 1,
    ): Promise<{ errors: number[]; agree: number[] }> => {
      const model = runtime.instantiate(architecture, { seed: 3 });
      const { height, width, channels } = architecture.input;
      const images = normals('images', rounds * batch * height * width * channels);
      const expected = await logitsAt(model, reference, images, batch);
      const got: Float32Array[] = [];
      for (const precision of others) got.push(await logitsAt(model, precision, images, batch));
      model.dispose();
      return {
        errors: got.map((values) => relativeError(values, expected)),
        agree: got.map((values) => agreement(values, expected, architecture.classes)),
      };
    };
    const tables: BenchTable[] = [];
    const parts: string[][] = [];
    const all: number[][] = others.map(() => []);
    const networks = Object.entries({
      ...blockNetworks([14, 16, 8, 28], { widths: [64, 48, 32] }),
      ...layerNetworks,
    }).filter(([name]) => !/denoise|up$|cross-gate|upernet|to-image/.test(name));
    for (const [name, make] of quick ? networks.slice(0, 4) : networks) {
      note(name);
      const { errors } = await compare(make(), 4);
      errors.forEach((error, index) => all[index]!.push(error));
      parts.push([name, ...errors.map(short)]);
    }
    parts.sort((a, b) => Number(b[1]) - Number(a[1]));
    tables.push({
      title: `relative error of logits against ${reference}: every part, fresh weights, the twelve largest`,
      columns: ['part', ...others],
      rows: parts.slice(0, 12),
      notes: [
        `${parts.length} parts; median ${all.map((errors, index) => `${others[index]} ${short(quantile(errors, 0.5))}`).join(', ')}; largest ${all.map((errors, index) => `${others[index]} ${short(Math.max(...errors))}`).join(', ')}`,
      ],
    });
    const rows: string[][] = [];
    for (const name of quick ? published.slice(0, 1) : published) {
      note(name);
      const { errors, agree } = await compare(
        resolveArchitecture(`search-spaces/reference/${name}.space#0`),
        2,
        8,
      );
      rows.push([name, ...errors.map(short), ...agree.map(percent)]);
    }
    tables.push({
      title: 'published networks, fresh weights, 16 images of noise',
      columns: ['network', ...others, ...others.map((name) => `${name} same top-1`)],
      rows,
      notes: [
        'fresh weights give logits that nearly tie: the share of equal top-1 is a lower bound of what trained ones give',
      ],
    });
    tables.push(await trained(quick ? 1 : 4, quick ? 320 : 2000));
    return tables;

    async function trained(epochs: number, train: number): Promise<BenchTable> {
      const dataset = await loadDataset({
        name: 'motif',
        args: { train, validation: 1000, seed: 1, difficulty: 'easy' },
        baseFolder: '/',
      });
      const recipe = completeRecipe('adamw', { epochs, batch: 32 });
      const curves: { precision: Precision; losses: number[]; validation: number; top1: number }[] = [];
      const lines: string[][] = [];
      for (const precision of [reference, ...others]) {
        note(`training in ${precision}`);
        const own = runtime.instantiate(benchNetwork, { seed: weightSeed(1) });
        // the model as a runtime opened with that precision would make it
        const model: Model = {
          architecture: own.architecture,
          parameterCount: own.parameterCount,
          readWeights: () => own.readWeights(),
          writeWeights: (weights) => own.writeWeights(weights),
          examine: (request) => own.examine(request),
          dispose: () => own.dispose(),
          inference: (options) => own.inference({ ...options, precision }),
          training: (options) => own.training({ ...options, precision }),
        };
        const losses: number[] = [];
        const end = await trainLoop({
          model,
          dataset,
          recipe,
          execution: 'compiled',
          seed: 1,
          now: () => performance.now(),
          pause: async () => {},
          onStep: ({ loss }) => losses.push(loss),
        });
        const row = end.epochs.at(-1)!;
        curves.push({ precision, losses, validation: row.validationLoss, top1: row.validationTop1! });
        if (precision === reference) {
          const images = Float32Array.from(
            dataset.validation.pixels,
            (value, index) => (value / 255 - dataset.mean[index % 3]!) / dataset.std[index % 3]!,
          );
          const expected = await logitsAt(own, reference, images, 50);
          for (const other of others) {
            const got = await logitsAt(own, other, images, 50);
            lines.push([
              `its weights in ${other}`,
              short(relativeError(got, expected)),
              percent(agreement(got, expected, 10)),
              '',
              '',
            ]);
          }
        }
        own.dispose();
      }
      const windows = (losses: readonly number[]): number[] =>
        Array.from(
          { length: Math.floor(losses.length / 20) },
          (_, index) => losses.slice(20 * index, 20 * index + 20).reduce((sum, loss) => sum + loss, 0) / 20,
        );
      const base = windows(curves[0]!.losses);
      for (const { precision, losses, validation, top1 } of curves) {
        lines.push([
          `trained in ${precision}`,
          '',
          '',
          Math.max(...windows(losses).map((loss, index) => Math.abs(loss / base[index]! - 1))).toFixed(4),
          `${validation.toFixed(4)}, ${percent(top1)}`,
        ]);
      }
      return {
        title: `${layoutOf(benchNetwork)}, ${epochs} epochs of ${train} easy motif images`,
        columns: ['', 'logits', 'same top-1', 'training loss, largest deviation', 'validation loss, top-1'],
        rows: lines,
        notes: [
          "same top-1: of 1,000 validation images; training loss: means of 20 steps, relative to the first training's",
        ],
      };
    }
  },
} as const satisfies Bench;
