/**
 * Measures scores on the graded generated sets by the distance of the relation to find: convolution against
 * attention in stage 2, three seeds. Expect scores to fall with distance. About ten minutes of one core.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Architecture, PartSpec } from '../../src/architecture/architecture.js';
import { layoutOf } from '../../src/architecture/layout.js';
import { heads } from '../../src/blocks/block-table.js';
import { loadSpace } from '../../src/space/load.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import { meanInterval } from '../../src/util/statistics/student.js';
import type { Bench, BenchTable } from '../benchmark.js';

/**
 * Members of segment-cpu, one all convolution and one with attention in its second stage, the largest map
 * where that space has it.
 */
const layouts = ['C-CC-CC-C', 'C-TT-CC-C'];

/** Each graded set: the head that the members get, and the budget of every training. */
const grades = [
  {
    data: 'pair',
    score: 'top-1',
    chance: 50,
    head: {
      type: 'pool-linear',
      params: Object.fromEntries(
        Object.entries(heads['pool-linear'].params).map(([key, spec]) => [key, spec.default]),
      ),
    },
    train: 6000,
    validation: 1000,
    epochs: 1,
  },
  { data: 'keyed', score: 'mIoU', chance: 33.3, head: undefined, train: 6000, validation: 500, epochs: 1 },
] as const;

/** `88.0 (71.2 to 100.0)`: mean and Student's 95 % interval over seeds, in %, cut at 0 and 100. */
function withInterval(fractions: readonly number[]): string {
  const interval = meanInterval(fractions);
  const show = (fraction: number): string => (100 * Math.min(1, Math.max(0, fraction))).toFixed(1);
  return interval
    ? `${show(interval.value)} (${show(interval.low)} to ${show(interval.high)})`
    : fractions.map(show).join();
}

function member(layout: string, head: PartSpec | undefined): Architecture {
  const found = [
    ...loadSpace(resolve(import.meta.dirname, '../../search-spaces/segment-cpu.space')).enumerate(),
  ].find((each) => layoutOf(each) === layout);
  if (!found) throw new Error(`grades: segment-cpu must have ${layout}`);
  return head ? { ...found, head } : found;
}

export const gradesBench = {
  summary:
    'scores on the graded sets pair and keyed by distance, all convolution against attention in stage 2, three seeds; ten minutes of a core',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const seeds = quick ? [1] : [1, 2, 3];
    const distances = quick ? [0, 22] : [0, 6, 14, 22];
    const tables: BenchTable[] = [];
    try {
      for (const { data, score, chance, head, train, validation, epochs } of grades) {
        const recipe = completeRecipe('adamw', {
          epochs: quick ? 1 : epochs,
          batch: 32,
          'learning-rate': 2e-3,
        });
        const cells = layouts.flatMap((layout) =>
          distances.map((distance) => ({
            layout,
            distance,
            scores: [] as number[],
            seconds: [] as number[],
          })),
        );
        const queue = seeds.flatMap((seed) => cells.map((cell) => ({ cell, seed }))).values();
        await Promise.all(
          Array.from({ length: threads }, async () => {
            for (const { cell, seed } of queue) {
              const result = await trainInChild({
                architecture: member(cell.layout, head),
                dataset: {
                  name: data,
                  args: { train: quick ? 320 : train, validation, distance: cell.distance, seed: 1 },
                  baseFolder: '/',
                },
                recipe,
                runtime: 'tensorflow',
                execution: 'compiled',
                threads: 1,
                seed,
                checkpointFile: join(folder, `${data}-${cell.layout}-${cell.distance}-${seed}`),
              });
              const reached = data === 'keyed' ? result.validationMiou : result.validationTop1;
              if (reached === undefined)
                throw new Error(`grades: ${data} ${cell.layout}: ${result.status}: ${result.reason}`);
              cell.scores[seed - 1] = reached;
              cell.seconds.push(result.seconds);
              note(
                `${data} distance ${cell.distance} ${cell.layout} seed ${seed}: ${(100 * reached).toFixed(1)} %, ${result.seconds.toFixed(0)} s`,
              );
            }
          }),
        );
        const seconds = cells.flatMap((cell) => cell.seconds).sort((a, b) => a - b);
        tables.push({
          title: `${data}: ${score} %, by pixels between what must be related`,
          columns: ['layout', 'distance', ...seeds.map((seed) => `seed ${seed}`), 'mean (95 %)'],
          rows: cells.map(({ layout, distance, scores }) => [
            layout,
            `${distance}`,
            ...scores.map((value) => (100 * value).toFixed(1)),
            withInterval(scores),
          ]),
          notes: [
            `segment-cpu${head ? `, head ${head.type}` : ''}; ${data}(train: ${quick ? 320 : train}, validation: ${validation}, seed: 1), ${recipe.epochs} epochs of batch 32, AdamW 2e-3; chance ${chance} %; ${threads} at a time, one thread each, ${seconds[0]!.toFixed(0)} to ${seconds.at(-1)!.toFixed(0)} s each`,
            'interval: Student over seeds of weights and order, the images are the same',
          ],
        });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return tables;
  },
} as const satisfies Bench;
