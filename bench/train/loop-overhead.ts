/**
 * Measures the overhead of a training beside its steps: batches, evaluation, checkpoints. Whole loop against
 * the bare step, in turns. Expect a loop of nearly the bare step's throughput. A few minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerSource } from '../../src/data/batches/batch-source.js';
import { loadDataset } from '../../src/data/dataset-table.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import { writeCheckpoint } from '../../src/train/loop/checkpoint.js';
import { trainLoop } from '../../src/train/loop/train-loop.js';
import { batchOptions } from '../../src/train/loop/training-options.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import type { ParamValue } from '../../src/util/params.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { benchNetwork } from '../runtime/bench-network.js';
import { recipe as bareOptions } from '../runtime/compiled-graph.js';

const cases: readonly {
  readonly name: string;
  readonly validation: number;
  readonly args: Readonly<Record<string, ParamValue>>;
}[] = [
  { name: 'plain, a tenth scored', validation: 64, args: {} },
  {
    name: 'flip, crop, RandAugment 2, mixup, CutMix, erasing',
    validation: 64,
    args: { flip: true, crop: 4, randaugment: 2, mixup: 0.8, cutmix: 1, erase: 0.25 },
  },
];

export const loopBench = {
  summary: 'the whole training loop (batches, scoring, checkpoints) against the bare step',
  needsEngine: true,
  async run({ threads, quick, note }) {
    const runtime = await openRuntime({ runtime: 'tensorflow', threads });
    const [batch, train] = [32, 640];
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const rows: string[][] = [];
    for (const { name, validation, args } of cases) {
      note(name);
      const dataset = await loadDataset({
        name: 'motif',
        args: { train, validation, seed: 1 },
        baseFolder: '/',
      });
      const epochs = quick ? 2 : 4;
      const recipe = completeRecipe('adamw', { epochs, batch, ...args });
      const bareModel = runtime.instantiate(benchNetwork, { seed: 1 });
      const bare = bareModel.training(bareOptions(batch, 'compiled'));
      const images = Float32Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => Math.sin(i));
      const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
      const steps = train / batch;
      /**
       * The step's work is done when the call returns, so a block can be timed where nothing may be awaited.
       */
      const cpuMs = (): number => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      };
      const bareBlock = (): { ms: number; cpu: number } => {
        const [start, cpu] = [performance.now(), cpuMs()];
        for (let step = 0; step < steps; step++) void bare.step(images, labels, { learningRate: 1e-4 });
        return { ms: performance.now() - start, cpu: cpuMs() - cpu };
      };
      bareBlock();
      const model = runtime.instantiate(benchNetwork, { seed: 1 });
      const source = workerSource(dataset, batchOptions(recipe, 1), 1);
      const [bareMs, loopMs, shares, keptCpu]: [number[], number[], number[], number[]] = [[], [], [], []];
      let [start, startCpu] = [performance.now(), cpuMs()];
      await trainLoop({
        model,
        dataset,
        recipe,
        execution: 'compiled',
        seed: 1,
        source,
        now: () => performance.now(),
        pause: () =>
          new Promise((resolve) => {
            setImmediate(resolve);
          }),
        onEpoch: ({ epoch, dataShare }, state) => {
          writeCheckpoint(join(folder, 'checkpoint'), { request: 'bench', ...state });
          const [ms, cpu] = [performance.now() - start, cpuMs() - startCpu];
          if (epoch > 1) {
            // the first holds compilation
            loopMs.push(ms);
            const block = bareBlock();
            bareMs.push(block.ms);
            keptCpu.push(block.cpu / cpu);
            shares.push(dataShare ?? 0);
          }
          [start, startCpu] = [performance.now(), cpuMs()];
        },
      });
      await source.close();
      model.dispose();
      bareModel.dispose();
      const kept = bareMs.map((ms, round) => ms / loopMs[round]!);
      const rate = (ms: readonly number[]): string => String(Math.round((train / quantile(ms, 0.5)) * 1000));
      rows.push([
        name,
        rate(bareMs),
        rate(loopMs),
        `${(100 * quantile(kept, 0.5)).toFixed(1)} %`,
        `${(100 * quantile(keptCpu, 0.5)).toFixed(1)} %`,
        `${(100 * quantile(shares, 0.5)).toFixed(2)} %`,
      ]);
    }
    rmSync(folder, { recursive: true });
    const key = runtime.deviceKey('compiled');
    return [
      {
        title: 'Whole loop against bare step',
        columns: [
          'recipe',
          'bare images/s',
          'loop images/s',
          'kept',
          'kept, by CPU time',
          'waiting for batches',
        ],
        rows,
        notes: [
          `${key.device}, ${threads} threads and one loader thread, ${key.runtimeVersion}; batch ${batch}, ${train} images an epoch`,
          'the loop counts training images only; its time holds batches, steps, scoring and a checkpoint; medians over epochs, each beside a block of bare steps',
        ],
      },
    ];
  },
} as const satisfies Bench;
