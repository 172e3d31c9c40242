/**
 * Measures the forward pass and the training step, eager against compiled, at batch 1, 16 and 64, interleaved.
 * Expect 1.8 to 4.5 times the speed for the forward pass and 1.1 to 2.9 times for the step. A few minutes.
 */

import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Execution, TrainingOptions } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench, Side } from '../benchmark.js';
import { interleaved } from '../benchmark.js';
import { benchNetwork } from './bench-network.js';

export const recipe = (batch: number, execution: Execution): TrainingOptions => ({
  batch,
  execution,
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0,
  seed: 1,
});

const executions = ['eager', 'compiled'] as const;

export const compiledBench = {
  summary: 'eager against compiled execution of the forward pass and the training step',
  needsEngine: true,
  async run({ threads, quick, note }) {
    const runtime = await openRuntime({ runtime: 'tensorflow', threads });
    const { input, classes } = benchNetwork;
    const rows: string[][] = [];
    for (const batch of quick ? [1, 16] : [1, 16, 64]) {
      const random = seededRandom('bench');
      const images = Float32Array.from({ length: batch * input.height * input.width * input.channels }, () =>
        random.normal(),
      );
      const labels = Int32Array.from({ length: batch }, () => random.integer(classes));
      for (const kind of ['forward', 'training'] as const) {
        note(`${kind}, batch ${batch}`);
        const built: string[] = [];
        const sides = executions.map((execution): Side & { dispose(): void } => {
          const model = runtime.instantiate(benchNetwork, { seed: 1 });
          if (kind === 'forward') {
            const inference = model.inference({ batch, execution });
            built.push(((inference.buildMs + inference.firstRunMs) / 1000).toFixed(1));
            return {
              name: execution,
              pass: () => {
                inference.enqueue();
                return inference.synchronise();
              },
              dispose: () => {
                inference.dispose();
                model.dispose();
              },
            };
          }
          const start = performance.now();
          const training = model.training(recipe(batch, execution));
          const pass = () => training.step(images, labels, { learningRate: 1e-4 });
          void pass();
          built.push(((performance.now() - start) / 1000).toFixed(1));
          return { name: execution, pass, dispose: () => model.dispose() };
        });
        const [eager, compiled] = (await interleaved(sides, quick ? 5 : 15, quick ? 50 : 200)) as [
          number[],
          number[],
        ];
        const ratios = eager.map((ms, round) => ms / compiled[round]!);
        rows.push([
          kind,
          String(batch),
          ms(eager),
          ms(compiled),
          `${quantile(ratios, 0.5).toFixed(2)}×`,
          `${quantile(ratios, 0.1).toFixed(2)}–${quantile(ratios, 0.9).toFixed(2)}`,
          built[1]!,
        ]);
        for (const side of sides) side.dispose();
      }
    }
    const key = runtime.deviceKey('compiled');
    return [
      {
        title: 'Compiled against eager',
        columns: ['step', 'batch', 'eager ms', 'compiled ms', 'gain', '10–90 % of rounds', 'compile s'],
        rows,
        notes: [
          `${key.device}, ${threads} threads, ${key.runtimeVersion}, ${key.precision}`,
          'medians of interleaved rounds; the gain is the median of the per-round ratios',
        ],
      },
    ];
  },
} as const satisfies Bench;

export const ms = (samples: readonly number[]): string => quantile(samples, 0.5).toPrecision(3);
