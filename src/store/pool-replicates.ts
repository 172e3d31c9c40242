/** Pools launches into one estimate. Intervals are 95 %. */
import type { BatchProfile } from '../profile/profile-result.js';
import type { Mutable } from '../util/mutable.js';
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
  if (only && launches.length === 1) {
    const low = above(only.value, only.low);
    return unlessPoint(low === only.low ? only : { ...only, low });
  }
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

/**
 * Pools the launches of one batch size: those with a measurement, or the failure where none has one.
 * Assigned one by one: spreads of this many properties become hash tables, several times larger.
 */
export function poolBatch(launches: readonly BatchProfile[]): BatchProfile {
  const good = launches.filter(isMeasured);
  const used = good.length ? good : launches.slice(0, 1);
  const each = <V>(pick: (row: BatchProfile) => V | undefined): V[] =>
    used.map(pick).filter((value) => value !== undefined);
  const pooled: Mutable<BatchProfile> = {
    batch: launches[0]!.batch,
    status: severity[Math.max(...used.map((row) => severity.indexOf(row.status)))]!,
    reason: used.map((row) => row.reason).find((reason) => reason !== '') ?? '',
    flags: [...new Set(used.flatMap((row) => row.flags))],
  };
  const [steps, rates, ratios, ceilings] = [
    each((row) => row.stepMs),
    each((row) => row.imagesPerSecond),
    each((row) => row.anchorRatio),
    each((row) => row.ceilingShare),
  ];
  const [latencies, copies, bytes] = [
    each((row) => row.latencyMs),
    each((row) => row.copyShare),
    each((row) => row.bytesPerPass),
  ];
  const [builds, firstRuns, warmups] = [
    each((row) => row.buildMs),
    each((row) => row.firstRunMs),
    each((row) => row.warmupMs),
  ];
  if (used.some((row) => row.stepMs && row.estimator)) pooled.estimator = used[0]!.estimator!;
  if (steps.length > 0) pooled.stepMs = poolEstimates(steps);
  if (rates.length > 0) pooled.imagesPerSecond = poolEstimates(rates);
  if (ratios.length > 0) pooled.anchorRatio = poolEstimates(ratios);
  if (latencies.length > 0) pooled.latencyMs = pooledLatency(latencies);
  addHighestPeak(pooled, used);
  if (ceilings.length > 0) pooled.ceilingShare = median(ceilings);
  if (copies.length > 0) pooled.copyShare = median(copies);
  if (bytes.length > 0) pooled.bytesPerPass = bytes[0]!;
  if (builds.length > 0) pooled.buildMs = median(builds);
  if (firstRuns.length > 0) pooled.firstRunMs = median(firstRuns);
  if (warmups.length > 0) pooled.warmupMs = median(warmups);
  return pooled;
}

type Latency = NonNullable<BatchProfile['latencyMs']>;

const pooledLatency = (latencies: readonly Latency[]): Latency =>
  latencies.length === 1
    ? latencies[0]!
    : {
        p50: median(latencies.map(({ p50 }) => p50)),
        p90: median(latencies.map(({ p90 }) => p90)),
        p99: median(latencies.map(({ p99 }) => p99)),
        samples: latencies.reduce((sum, { samples }) => sum + samples, 0),
      };

/** Memory of the launch that needed most. */
function addHighestPeak(pooled: Mutable<BatchProfile>, launches: readonly BatchProfile[]): void {
  const peaks = launches.filter((row) => row.peakBytes !== undefined);
  if (peaks.length === 0) return;
  const { peakBytes, peakOf, baseBytes } = peaks.reduce((high, row) =>
    row.peakBytes! > high.peakBytes! ? row : high,
  );
  pooled.peakBytes = peakBytes!;
  if (peakOf !== undefined) pooled.peakOf = peakOf;
  if (baseBytes !== undefined) pooled.baseBytes = baseBytes;
}
