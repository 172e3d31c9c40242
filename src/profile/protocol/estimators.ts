/**
 * Estimators of a network's time from its timed blocks. Some use the part that other work disturbed least.
 * `npm run bench -- load` measures bias and resolution of each beside busy neighbours; the default follows
 * from its table: quiet machines resolve alike with all, and beside as many neighbours as cores the lower
 * decile keeps level and resolution. Pure.
 */
import { blockQuantile } from '../../util/statistics/correlated-blocks.js';
import { type Estimate, mapInterval } from '../../util/statistics/interval.js';
import { median, quantile } from '../../util/statistics/order-statistics.js';
import type { BlockLoad } from './block-load.js';

export interface TimedBlocks {
  /** Milliseconds per pass, in order, at least one. */
  readonly samplesMs: readonly number[];
  readonly load?: BlockLoad | undefined;
}

/** Fewest blocks that are left after choosing the undisturbed ones. */
const fewestChosen = 6;

export const estimators = {
  median: ({ samplesMs }) => blockQuantile(samplesMs),
  'lower-quartile': ({ samplesMs }) => blockQuantile(samplesMs, 0.25),
  'lower-decile': ({ samplesMs }) => blockQuantile(samplesMs, 0.1),
  /** Median of the half of blocks with least waiting and steal. */
  'least-waiting': (blocks) => blockQuantile(leastWaiting(blocks).map((index) => blocks.samplesMs[index]!)),
  /** Median of block times without the share in which the threads waited for a processor. */
  'without-waiting': ({ samplesMs, load }) =>
    blockQuantile(
      samplesMs.map((ms, index) => {
        const [cpuMs, waitMs] = [load?.cpuMs[index] ?? 0, load?.waitMs?.[index] ?? 0];
        return cpuMs > 0 ? (ms * cpuMs) / (cpuMs + waitMs) : ms;
      }),
    ),
  /** Median processor time, over the parallelism of the blocks with least waiting. */
  'cpu-time': (blocks) => {
    const { samplesMs, load } = blocks;
    if (!load || median(load.cpuMs) <= 0) return blockQuantile(samplesMs);
    const chosen = leastWaiting(blocks);
    const wallPerCpu = quantile(
      chosen.map((index) => samplesMs[index]! / Math.max(load.cpuMs[index]!, 1e-9)),
      0.25,
    );
    return mapInterval(blockQuantile(load.cpuMs), (cpuMs) => cpuMs * wallPerCpu);
  },
} as const satisfies Readonly<Record<string, (blocks: TimedBlocks) => Estimate>>;

export type EstimatorName = keyof typeof estimators;

/** The estimator of new step times. Times of different estimators are never compared. */
export const defaultEstimator: EstimatorName = 'lower-decile';

/** The estimator of rows that name none. */
export const unnamedEstimator: EstimatorName = 'median';

/** What estimators are called where a person reads. */
export const estimatorLabels = {
  median: 'the median',
  'lower-quartile': 'the lower quartile',
  'lower-decile': 'the lower decile',
  'least-waiting': 'the median of the undisturbed half',
  'without-waiting': 'the median, waiting taken out,',
  'cpu-time': 'the median processor time',
} as const satisfies Readonly<Record<EstimatorName, string>>;

/** Indices of the undisturbed half, in order; every block where no waiting is known or all waited alike. */
function leastWaiting({ samplesMs, load }: TimedBlocks): number[] {
  const all = samplesMs.map((_, index) => index);
  const disturbance = all.map((index) => (load?.waitMs?.[index] ?? 0) + (load?.stealMs?.[index] ?? 0));
  const limit = median(disturbance);
  const chosen = all.filter((index) => disturbance[index]! <= limit);
  return chosen.length >= Math.min(fewestChosen, all.length) ? chosen : all;
}
