/** Does anything leak? Many compiled training steps on a small batch, with memory and loss at intervals. */
import { openRuntime } from '../../src/runtime/open.js';
import { seededRandom } from '../../src/util/random.js';
import type { Bench } from './bench.js';
import { recipe } from './compiled.js';
import { benchNetwork } from './network.js';

const reports = 10;
/** Growth of the process after the first tenth that is still called flat. */
const allowedMegabytes = 64;

export const soakBench = {
  summary: '20,000 compiled training steps (2,000 with --quick): memory stays flat, the loss finite',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const steps = quick ? 2000 : 20_000;
    const runtime = await openRuntime({ runtime: 'tensorflow', threads });
    const model = runtime.instantiate(benchNetwork, { seed: 1 });
    const training = model.training({ ...recipe(1, 'compiled'), dropPath: 0.1 });
    const { height, width, channels } = benchNetwork.input;
    const random = seededRandom('soak');
    const images = Float32Array.from({ length: height * width * channels }, () => random.normal());
    const rows: string[][] = [];
    let first: number | undefined;
    for (let step = 1; step <= steps; step++) {
      const { loss } = await training.step(images, Int32Array.of(step % benchNetwork.classes), { learningRate: 1e-4 });
      if (!Number.isFinite(loss)) throw new Error(`soak: the loss must be finite, got ${loss} at step ${step}`);
      if (step % (steps / reports) !== 0) continue;
      const { rss, heapUsed } = process.memoryUsage();
      first ??= rss;
      rows.push([String(step), (rss / 2 ** 20).toFixed(0), (heapUsed / 2 ** 20).toFixed(0), loss.toFixed(4)]);
      note(`step ${step} of ${steps}`);
      if (rss - first > allowedMegabytes * 2 ** 20) throw new Error(`soak: memory must stay within ${allowedMegabytes} MiB of its first tenth, got ${((rss - first) / 2 ** 20).toFixed(0)} MiB more at step ${step}`);
    }
    model.dispose();
    return [{ title: 'Soak', columns: ['step', 'process MiB', 'heap MiB', 'loss'], rows, notes: [`batch 1, ${threads} threads; flat: at most ${allowedMegabytes} MiB over the first tenth`] }];
  },
} as const satisfies Bench;
