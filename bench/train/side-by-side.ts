/**
 * Measures the throughput of two trainings side by side on two cores against one alone, each pinned to a core
 * where the system supports it. Expect close to twice the throughput of one.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { benchNetwork } from '../runtime/bench-network.js';

export const sideBySideBench = {
  summary: 'two trainings side by side on two cores against one alone',
  needsEngine: true,
  async run({ quick, note }) {
    const pinned =
      process.platform === 'linux' && spawnSync('taskset', ['-pc', '0,1', String(process.pid)]).status === 0; // children inherit it
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    let trials = 0;
    /** Images per second of every epoch but the first. */
    const rate = async (threads: number): Promise<number> => {
      const { epochs, status, reason } = await trainInChild({
        architecture: benchNetwork,
        dataset: { name: 'motif', args: { train: 1024, validation: 64, seed: 1 }, baseFolder: '/' },
        recipe: completeRecipe('adamw', { epochs: quick ? 2 : 4, batch: 32 }),
        runtime: 'tensorflow',
        execution: 'compiled',
        threads,
        seed: 1,
        checkpointFile: join(folder, String(trials++)),
      });
      if (status !== 'ok') throw new Error(`side by side: ${status}: ${reason}`);
      return quantile(
        epochs.slice(1).map(({ imagesPerSecond }) => imagesPerSecond),
        0.5,
      );
    };
    const samples: Record<'one' | 'oneThread' | 'pair', number[]> = { one: [], oneThread: [], pair: [] };
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      note(`round ${round + 1}`);
      samples.one.push(await rate(2));
      samples.pair.push(...(await Promise.all([rate(1), rate(1)])));
      samples.oneThread.push(await rate(1));
    }
    rmSync(folder, { recursive: true });
    const middle = (values: readonly number[]): number => quantile(values, 0.5);
    const row = (name: string, values: readonly number[], sum: number): string[] => [
      name,
      middle(values).toFixed(0),
      (middle(values) * sum).toFixed(0),
      `${((100 * middle(values)) / middle(samples.one)).toFixed(0)} %`,
    ];
    return [
      {
        title: 'Trainings on two cores',
        columns: ['what runs', 'images/s each', 'in sum', 'each, of one alone'],
        rows: [
          row('one, 2 threads', samples.one, 1),
          row('two, 1 thread each', samples.pair, 2),
          row('one, 1 thread', samples.oneThread, 1),
        ],
        notes: [
          `${pinned ? 'pinned to cores 0 and 1' : 'not pinned'}; the slowest of a pair at ${((100 * Math.min(...samples.pair)) / middle(samples.one)).toFixed(0)} % of one alone with both cores`,
          'batch 32, 32×32 images, compiled; loader threads share the same two cores',
        ],
      },
    ];
  },
} as const satisfies Bench;
