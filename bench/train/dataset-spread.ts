/**
 * How far layouts of equal MACs spread on a data set, and whether their ranking holds over seeds: the figures
 * of src/data/README.md. Trains each layout with each seed in a child process, as a sweep does.
 *
 *   npm run build && npx tsx bench/train/dataset-spread.ts --data motif --difficulty medium
 *
 * `bag7` and `bag11` among `--layouts` are bags of features: all convolutions beyond the first few are 1×1,
 * without squeeze-excitation, so that nothing before the global mean sees more than 7 or 11 pixels a side.
 * Widths are multiples of 8, chosen so that a network's MACs come within 4 % of the target; `--widths
 * 16,24,40,64` fixes them instead, and MACs then differ.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Architecture, BlockSpec, PartSpec } from '../../src/architecture/architecture.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';
import { networkCost } from '../../src/network/network-cost.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import type { ParamTable, ParamValue } from '../../src/util/params.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: 'motif' },
    difficulty: { type: 'string', default: 'medium' },
    train: { type: 'string', default: '4000' },
    validation: { type: 'string', default: '1000' },
    layouts: {
      type: 'string',
      default:
        'C-CCCC-CCCC-CCCC,C-CCCT-CCTT-CTTT,C-CCTT-CCTT-CCTT,C-CCCC-CCTT-TTTT,C-TTTT-CCTT-CCCC,C-CTTT-CTTT-CTTT,C-TTTT-TTTT-TTTT',
    },
    seeds: { type: 'string', default: '1,2,3' },
    classes: { type: 'string', default: '10' },
    epochs: { type: 'string', default: '4' },
    batch: { type: 'string', default: '32' },
    'learning-rate': { type: 'string', default: '1e-3' },
    macs: { type: 'string', default: '9e6' },
    widths: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
});

const part = (
  table: Readonly<Record<string, { readonly params: ParamTable }>>,
  type: string,
  params: Readonly<Record<string, ParamValue>> = {},
): PartSpec => ({
  type,
  params: Object.fromEntries(
    Object.entries(table[type]!.params).map(([name, spec]) => [name, params[name] ?? spec.default!]),
  ),
});

const letters: Readonly<Record<string, BlockSpec>> = {
  C: { letter: 'C', ...part(blocks, 'fused-mbconv') },
  T: { letter: 'T', ...part(blocks, 'transformer', { 'head-dim': 8 }) },
};

const input = { height: 32, width: 32, channels: 3 };

/**
 * A bag of features that sees `window` pixels: 7 after two 3×3 convolutions of which the first strides, 11
 * after three.
 */
function bag(window: number): Architecture {
  const pointwise = { letter: 'C', ...part(blocks, 'fused-mbconv', { kernel: 1, se: 0 }) };
  return {
    input,
    classes: Number(options.classes),
    head: part(heads, 'pool-linear'),
    stem: { ...part(stems, 'conv', { layers: (window + 1) / 4, stride: 2 }), width: 48 },
    stages: [{ width: 48, firstStride: 1, downsample: null, blocks: [pointwise, pointwise, pointwise] }],
  };
}

function build(layout: string, widths: readonly number[]): Architecture {
  if (layout.startsWith('bag')) return bag(Number(layout.slice(3)));
  return {
    input,
    classes: Number(options.classes),
    stem: { ...part(stems, 'conv', { layers: 1, stride: 2 }), width: widths[0]! },
    stages: layout.split('-').map((blocksOfStage, i) => ({
      width: widths[i]!,
      firstStride: 1,
      downsample: i === 0 ? null : part(downsamples, 'conv'),
      blocks: [...blocksOfStage].map((letter) => letters[letter]!),
    })),
    head: part(heads, 'pool-linear'),
  };
}

const macsOf = (layout: string, widths: readonly number[]): number =>
  networkCost(build(layout, widths)).total.macs;

/**
 * Widths whose MACs are near the target in whole and, as far as that leaves a choice, in each stage near
 * those of the convolutional network.
 */
function equalMacsWidths(layout: string, target: number): number[] {
  const first = 12;
  const reference = [first, 16, 32, 56];
  const stages = layout.split('-');
  const stageMacs = (stage: number, letters: string, width: number): number => {
    const widths = stages.map((_, i) => (i === stage ? width : 8));
    const pure = (blocksOfStage: string): string =>
      stages.map((_, i) => (i === stage ? blocksOfStage : 'C')).join('-');
    return macsOf(pure(letters), widths) - macsOf(pure('C'), widths) + macsOf(pure('C'), widths) / 4;
  };
  const choices = (stage: number, highest: number): { width: number; off: number }[] => {
    const wanted = stageMacs(stage, 'CCCC', reference[stage]!);
    return Array.from({ length: highest / 8 }, (_, i) => 8 * (i + 1)).map((width) => ({
      width,
      off: Math.abs(Math.log(stageMacs(stage, stages[stage]!, width) / wanted)),
    }));
  };
  let best: { cost: number; widths: number[] } | undefined;
  for (const b of choices(1, 64))
    for (const c of choices(2, 96))
      for (const d of choices(3, 160)) {
        const cost = b.off + c.off + d.off;
        if (best !== undefined && cost >= best.cost) continue;
        const widths = [first, b.width, c.width, d.width];
        if (Math.abs(macsOf(layout, widths) / target - 1) <= 0.04) best = { cost, widths };
      }
  if (best === undefined) throw new Error(`no widths bring ${layout} within 4 % of ${target} MACs`);
  return best.widths;
}

/** Kendall's tau-b of two score lists. */
function kendall(a: readonly number[], b: readonly number[]): number {
  let [sum, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      sum += x * y;
      untiedA += Math.abs(x);
      untiedB += Math.abs(y);
    }
  return sum / Math.sqrt(untiedA * untiedB);
}

const layouts = options.layouts.split(',');
const seeds = options.seeds.split(',').map(Number);
const networks = layouts.map((layout) => {
  const widths = layout.startsWith('bag')
    ? [48]
    : (options.widths?.split(',').map(Number) ?? equalMacsWidths(layout, Number(options.macs)));
  const architecture = build(layout, widths);
  return {
    layout,
    widths,
    architecture,
    cost: networkCost(architecture).total,
    top1: new Map<number, number>(),
    seconds: [] as number[],
  };
});
const recipe = completeRecipe('adamw', {
  epochs: Number(options.epochs),
  batch: Number(options.batch),
  'learning-rate': Number(options['learning-rate']),
});
const args = options.data.startsWith('cifar')
  ? { folder: '.' }
  : { train: Number(options.train), validation: Number(options.validation), difficulty: options.difficulty };
const folder = mkdtempSync(join(tmpdir(), 'stagecraft-spread-'));
const jobs = seeds.flatMap((seed) => networks.map((network) => ({ network, seed })));
async function worker(): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const { network, seed } = job;
    const result = await trainInChild({
      architecture: network.architecture,
      dataset: { name: options.data, args, baseFolder: process.cwd() },
      recipe,
      runtime: 'tensorflow',
      execution: 'compiled',
      threads: 1,
      seed,
      checkpointFile: join(folder, `${network.layout}-${seed}.ckpt`),
    });
    if (result.status !== 'ok')
      throw new Error(`${network.layout} seed ${seed}: ${result.status}: ${result.reason}`);
    network.top1.set(seed, result.validationTop1!);
    network.seconds.push(result.seconds);
    const epochs = result.epochs.map(({ validationTop1 }) => (100 * validationTop1!).toFixed(1)).join(' ');
    process.stdout.write(
      `${network.layout} ${network.widths.join('/')} seed ${seed}: ${epochs} %, ${result.seconds.toFixed(0)} s, data ${result.datasetHash.slice(0, 8)}\n`,
    );
  }
}
try {
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const percent = (fraction: number): string => (100 * fraction).toFixed(1);
process.stdout.write(
  `\n| layout | widths | params | MMACs | ${seeds.map((seed) => `seed ${seed}`).join(' | ')} | mean | s |\n|---|---|---|---|${seeds.map(() => '---|').join('')}---|---|\n`,
);
for (const { layout, widths, cost, top1, seconds } of [...networks].sort(
  (a, b) => mean([...a.top1.values()]) - mean([...b.top1.values()]),
)) {
  const scores = seeds.map((seed) => top1.get(seed)!);
  process.stdout.write(
    `| ${layout} | ${widths.join('/')} | ${Math.round(cost.params / 1000)}k | ${(cost.macs / 1e6).toFixed(2)} | ${scores.map(percent).join(' | ')} | ${percent(mean(scores))} | ${mean(seconds).toFixed(0)} |\n`,
  );
}
const means = networks.map(({ top1 }) => mean([...top1.values()]));
const taus = seeds.flatMap((a, i) =>
  seeds.slice(0, i).map((b) =>
    kendall(
      networks.map(({ top1 }) => top1.get(a)!),
      networks.map(({ top1 }) => top1.get(b)!),
    ),
  ),
);
process.stdout.write(
  `\nspread of the means ${percent(Math.max(...means) - Math.min(...means))} points; Kendall's tau between seeds ${taus.map((tau) => tau.toFixed(2)).join(', ')}\n`,
);
