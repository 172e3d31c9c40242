/**
 * Runs 20,000 compiled training steps (2,000 with --quick) on a small batch and prints memory and loss at
 * intervals. Expect flat memory (at most 1 KiB per step) and a finite loss.
 */
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { engineCounts, leakOf, soak } from '../../test/runtime/soak.js';
import type { Bench } from '../benchmark.js';
import { benchNetwork } from './bench-network.js';
import { recipe } from './compiled-graph.js';

/** Bytes that a step may leave: 20 MiB over all steps would be found. */
const allowedBytesPerStep = 1024;

export const soakBench = {
  summary: '20,000 compiled training steps (2,000 with --quick): memory stays flat, the loss finite',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const steps = quick ? 2000 : 20_000;
    const runtime = (await openRuntime({ runtime: 'tensorflow', threads })) as TfjsRuntime;
    const model = runtime.instantiate(benchNetwork, { seed: 1 });
    const training = model.training({ ...recipe(1, 'compiled'), dropPath: 0.1 });
    const { height, width, channels } = benchNetwork.input;
    const random = seededRandom('soak');
    const images = Float32Array.from({ length: height * width * channels }, () => random.normal());
    let last = NaN;
    const rows: string[][] = [];
    const result = await soak({
      runs: steps,
      samples: 20,
      counts: () => engineCounts(runtime.platform.native!),
      each: async (step) => {
        ({ loss: last } = await training.step(images, Int32Array.of(step % benchNetwork.classes), {
          learningRate: 1e-4,
        }));
        if (!Number.isFinite(last))
          throw new Error(`soak: the loss must be finite, got ${last} at step ${step}`);
      },
      onSample: ({ run, rss, heap, counts }) => {
        rows.push([
          String(run),
          (rss / 2 ** 20).toFixed(1),
          (heap / 2 ** 20).toFixed(1),
          String(counts['engine tensors']),
          last.toFixed(4),
        ]);
        note(`step ${run} of ${steps}`);
      },
    });
    model.dispose();
    const leak = leakOf(result, quick ? 8 * allowedBytesPerStep : allowedBytesPerStep);
    if (leak !== undefined) throw new Error(`soak: ${leak}`);
    return [
      {
        title: 'Soak',
        columns: ['step', 'process MiB', 'heap MiB', 'tensors', 'loss'],
        rows,
        notes: [
          `batch 1, ${threads} threads; ${result.bytesPerRun.toFixed(0)} bytes per step after the first fifth (at most ${allowedBytesPerStep})`,
        ],
      },
    ];
  },
} as const satisfies Bench;
