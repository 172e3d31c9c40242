/**
 * Measures whether a short training ranks candidates independently of the seed: Kendall's tau between seeds
 * with its interval, 8 candidates and 3 seeds on generated data. About a quarter of an hour.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { layoutOf } from '../../src/architecture/layout.js';
import { sampleTable } from '../../src/lab/settings/sample-table.js';
import { loadSpace } from '../../src/space/load.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import { seededRandom } from '../../src/util/random.js';
import { bootstrapDistribution } from '../../src/util/statistics/bootstrap.js';
import { kendallTau } from '../../src/util/statistics/kendall.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';

const pairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

export const orderBench = {
  summary:
    "order of 8 candidates after a short training on generated data, over three seeds (Kendall's tau); a quarter of an hour",
  needsEngine: true,
  onlyByName: true,
  async run({ quick, note }) {
    const space = loadSpace(resolve(import.meta.dirname, '../../search-spaces/ascan-cpu.space'));
    const half = quick ? 2 : 4;
    const architectures = sampleTable['balanced']!.draw(space, {
      symmetric: half,
      asymmetric: half,
      seed: 1,
    });
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const recipe = completeRecipe('adamw', { epochs: quick ? 1 : 4, batch: 32, 'learning-rate': 1e-3 });
    const top1 = architectures.map(() => [NaN, NaN, NaN]);
    const queue = architectures
      .flatMap((_, index) => [0, 1, 2].map((seed) => [index, seed] as const))
      .values();
    await Promise.all(
      Array.from({ length: availableParallelism() }, async () => {
        for (const [index, seed] of queue) {
          const result = await trainInChild({
            architecture: architectures[index]!,
            dataset: {
              name: 'motif',
              args: { train: quick ? 640 : 4000, validation: 1000, seed: 1 },
              baseFolder: '/',
            },
            recipe,
            runtime: 'tensorflow',
            execution: 'compiled',
            threads: 1,
            seed: seed + 1,
            checkpointFile: join(folder, `${index}-${seed}`),
          });
          if (result.validationTop1 === undefined)
            throw new Error(`order: ${result.status}: ${result.reason}`);
          top1[index]![seed] = result.validationTop1;
          note(
            `${layoutOf(architectures[index]!)} seed ${seed + 1}: ${(100 * result.validationTop1).toFixed(1)} %`,
          );
        }
      }),
    );
    rmSync(folder, { recursive: true });
    const tauOf = (members: readonly number[], [a, b]: readonly [number, number]): number | undefined =>
      kendallTau(
        members.map((index) => top1[index]![a]!),
        members.map((index) => top1[index]![b]!),
      ).tau;
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const all = architectures.map((_, index) => index);
    const resampled = bootstrapDistribution(
      all,
      (members) => mean(pairs.flatMap((pair) => tauOf(members, pair) ?? [])),
      seededRandom('order'),
      2000,
    ).filter(Number.isFinite);
    const taus = pairs.map(([a, b]) => ({ a, b, tau: tauOf(all, [a, b]) }));
    const byMean = [...all].sort((a, b) => mean(top1[b]!) - mean(top1[a]!));
    return [
      {
        title: 'Order over seeds',
        columns: ['layout', 'seed 1', 'seed 2', 'seed 3', 'mean top-1 %'],
        rows: byMean.map((index) => [
          layoutOf(architectures[index]!),
          ...[...top1[index]!, mean(top1[index]!)].map((value) => (100 * value).toFixed(1)),
        ]),
        notes: [
          `Kendall's tau between seeds ${taus.map(({ a, b, tau }) => `${a + 1}–${b + 1}: ${tau?.toFixed(2) ?? '–'}`).join(', ')}; mean ${mean(taus.flatMap(({ tau }) => tau ?? [])).toFixed(2)}, 95 % ${quantile(resampled, 0.025).toFixed(2)} to ${quantile(resampled, 0.975).toFixed(2)} (bootstrap over candidates)`,
          `motif(train: ${quick ? 640 : 4000}, validation: 1000), ${recipe.epochs} epochs of batch 32, AdamW 1e-3; seeds drive weights, order and chance, the images are the same`,
        ],
      },
    ];
  },
} as const satisfies Bench;
