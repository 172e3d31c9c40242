/** Pools launches into one estimate. Intervals are 95 %. */
import type { BatchProfile } from '../profile/profile-result.js';
import { type Estimate, unlessPoint } from '../util/statistics/interval.js';
import { median } from '../util/statistics/order-statistics.js';
import { poolLaunches } from '../util/statistics/pool.js';

/**
 * Pools times, rates and ratios by their logarithms: the value is the launches' geometric mean, and no bound
 * reaches 0, however few the launches.
 */
const poolEstimates = (launches: readonly Estimate[]): Estimate => {
  const above = (value: number, bound: number): number => Math.max(bound, value * 1e-3);
  const [only] = launches;
  if (only && launches.length === 1) return unlessPoint({ ...only, low: above(only.value, only.low) });
  const logOf = (value: number, bound: number): number => Math.log(above(value, bound));
  const logs = launches.map(({ value, low, high, samples }) => ({
    value: Math.log(value),
    low: logOf(value, low),
    high: logOf(value, high),
    samples,
  }));
  const { value, low, high, samples } = poolLaunches(logs);
  return unlessPoint({ value: Math.exp(value), low: Math.exp(low), high: Math.exp(high), samples });
};

const severity = ['ok', 'capped', 'timed-out', 'failed', 'crashed', 'out-of-memory'] as const;
const isMeasured = (row: BatchProfile): boolean => row.stepMs !== undefined;

/** Pools the launches of one batch size: those with a measurement, or the failure where none has one. */
export function poolBatch(launches: readonly BatchProfile[]): BatchProfile {
  const good = launches.filter(isMeasured);
  const used = good.length ? good : launches.slice(0, 1);
  const each = <V>(pick: (row: BatchProfile) => V | undefined): V[] =>
    used.map(pick).filter((value) => value !== undefined);
  const some = <K extends string, V>(key: K, values: readonly unknown[], value: () => V): { [P in K]?: V } =>
    values.length ? ({ [key]: value() } as { [P in K]: V }) : {};
  const latencies = each((row) => row.latencyMs);
  const medianOf = <K extends 'buildMs' | 'firstRunMs' | 'warmupMs'>(key: K): { [P in K]?: number } => {
    const values = each<number>((row) => row[key]);
    return some(key, values, () => median(values));
  };
  const [steps, rates, ratios, ceilings] = [
    each((row) => row.stepMs),
    each((row) => row.imagesPerSecond),
    each((row) => row.anchorRatio),
    each((row) => row.ceilingShare),
  ];
  const [copies, bytes] = [each((row) => row.copyShare), each((row) => row.bytesPerPass)];
  return {
    batch: launches[0]!.batch,
    status: severity[Math.max(...used.map((row) => severity.indexOf(row.status)))]!,
    reason: used.map((row) => row.reason).find((reason) => reason !== '') ?? '',
    flags: [...new Set(used.flatMap((row) => row.flags))],
    ...some(
      'estimator',
      each((row) => row.stepMs && row.estimator),
      () => used[0]!.estimator!,
    ),
    ...some('stepMs', steps, () => poolEstimates(steps)),
    ...some('imagesPerSecond', rates, () => poolEstimates(rates)),
    ...some('anchorRatio', ratios, () => poolEstimates(ratios)),
    ...some('latencyMs', latencies, () => ({
      p50: median(latencies.map(({ p50 }) => p50)),
      p90: median(latencies.map(({ p90 }) => p90)),
      p99: median(latencies.map(({ p99 }) => p99)),
      samples: latencies.reduce((sum, { samples }) => sum + samples, 0),
    })),
    ...highestPeak(used),
    ...some('ceilingShare', ceilings, () => median(ceilings)),
    ...some('copyShare', copies, () => median(copies)),
    ...some('bytesPerPass', bytes, () => bytes[0]!),
    ...medianOf('buildMs'),
    ...medianOf('firstRunMs'),
    ...medianOf('warmupMs'),
  };
}

/** Memory of the launch that needed most. */
function highestPeak(
  launches: readonly BatchProfile[],
): Pick<BatchProfile, 'peakBytes' | 'peakOf' | 'baseBytes'> {
  const peaks = launches.filter((row) => row.peakBytes !== undefined);
  if (peaks.length === 0) return {};
  const { peakBytes, peakOf, baseBytes } = peaks.reduce((high, row) =>
    row.peakBytes! > high.peakBytes! ? row : high,
  );
  return {
    peakBytes: peakBytes!,
    ...(peakOf === undefined ? {} : { peakOf }),
    ...(baseBytes === undefined ? {} : { baseBytes }),
  };
}
