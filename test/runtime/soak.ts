/**
 * Runs something many times and says whether it leaks: memory of the process per run, and counts of what must
 * not grow.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NativeEngine } from '../../src/runtime/tfjs/native-engine.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export interface Sample {
  readonly run: number;
  readonly rss: number;
  readonly heap: number;
  readonly counts: Readonly<Record<string, number>>;
}
export interface Soaked {
  readonly samples: readonly Sample[];
  /** Median of the slopes between any two samples after the first fifth, which still warms up. */
  readonly bytesPerRun: number;
}

export interface SoakOptions {
  readonly runs: number;
  readonly samples: number;
  readonly each: (run: number) => Promise<void> | void;
  readonly counts: () => Sample['counts'];
  readonly onSample?: (sample: Sample) => void;
}

export async function soak({ runs, samples: wanted, each, counts, onSample }: SoakOptions): Promise<Soaked> {
  const samples: Sample[] = [];
  for (let run = 1; run <= runs; run++) {
    await each(run);
    if (run % Math.floor(runs / wanted) !== 0) continue;
    collectGarbage();
    const { rss, heapUsed } = process.memoryUsage();
    const sample = { run, rss, heap: heapUsed, counts: counts() };
    samples.push(sample);
    onSample?.(sample);
  }
  const late = samples.slice(Math.ceil(samples.length / 5));
  const slopes = late.flatMap((to, index) =>
    late.slice(0, index).map((from) => (to.rss - from.rss) / (to.run - from.run)),
  );
  return { samples, bytesPerRun: quantile(slopes, 0.5) };
}

/** What leaks, in words; undefined where nothing does. */
export function leakOf({ samples, bytesPerRun }: Soaked, allowedBytesPerRun: number): string | undefined {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  for (const [name, count] of Object.entries(last.counts)) {
    if (count > first.counts[name]!)
      return `${name}: ${first.counts[name]} after run ${first.run}, ${count} after run ${last.run}`;
  }
  if (bytesPerRun > allowedBytesPerRun)
    return `memory of the process: ${(bytesPerRun / 1024).toFixed(1)} KiB more with every run, at most ${(allowedBytesPerRun / 1024).toFixed(1)} allowed`;
  return undefined;
}

/** What an engine holds: tensors of tfjs and of the binding, variables, sessions. */
export const engineCounts = (engine: NativeEngine): Sample['counts'] => ({
  'tfjs tensors': engine.tf.memory().numTensors,
  'engine tensors': engine.binding.getNumOfTensors(),
  variables: engine.variables.size,
  sessions: engine.binding.getNumOfSavedModels(),
});
