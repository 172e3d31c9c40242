/** Several launches as one estimate, several seeds as one score. Intervals are 95 %. */
import type { BatchProfile, Estimate } from '../profile/contract.js';

/** Two-sided 95 % quantiles of Student's t for 1..30 degrees of freedom (any statistics table). */
const t95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042];
const z95 = 1.96;
/** Quantile for `freedom` degrees of freedom, which need not be an integer: interpolated in 1/freedom. */
export function studentT95(freedom: number): number {
  if (freedom >= 30) return z95 + (t95[29]! - z95) * (30 / freedom);
  const low = Math.max(1, Math.floor(freedom));
  const [a, b] = [t95[low - 1]!, t95[Math.min(29, low)]!];
  const share = (1 / low - 1 / Math.max(1, freedom)) / (1 / low - 1 / (low + 1));
  return a + (b - a) * share;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Median of the launches' medians. The interval joins both variances: `within`, from the launches' own intervals, and
 * `between`, what the launches differ by beyond it; degrees of freedom after Welch and Satterthwaite, so that a few launches
 * that disagree give a wide interval and launches that agree keep their own.
 * One launch: its own estimate, unchanged.
 */
export function poolLaunches(launches: readonly Estimate[]): Estimate | undefined {
  if (launches.length <= 1) return launches[0];
  const n = launches.length;
  const within = mean(launches.map(({ low, high }) => ((high - low) / 2 / z95) ** 2));
  const between = Math.max(0, variance(launches.map(({ value }) => value)) - within);
  const total = within + between;
  const samples = launches.reduce((sum, launch) => sum + launch.samples, 0);
  const freedom = total === 0 ? Infinity : total ** 2 / (between ** 2 / (n - 1) + within ** 2 / Math.max(1, samples - n));
  const half = (Number.isFinite(freedom) ? studentT95(freedom) : z95) * Math.sqrt(total / n);
  const value = median(launches.map((launch) => launch.value));
  return { value, low: Math.max(0, value - half), high: value + half, samples };
}

const severity = ['ok', 'capped', 'timed-out', 'failed', 'crashed', 'out-of-memory'] as const;
const isMeasured = (row: BatchProfile): boolean => row.stepMs !== undefined;

/** One row of a batch size from its launches: those that measured, or the failure where none did. */
export function poolBatch(launches: readonly BatchProfile[]): BatchProfile {
  const good = launches.filter(isMeasured);
  const used = good.length ? good : launches.slice(0, 1);
  const each = <V>(pick: (row: BatchProfile) => V | undefined): V[] => used.map(pick).filter((value) => value !== undefined);
  const some = <K extends string, V>(key: K, values: readonly unknown[], value: () => V): { [P in K]?: V } => (values.length ? { [key]: value() } as { [P in K]: V } : {});
  const latencies = each((row) => row.latencyMs);
  const medianOf = <K extends 'buildMs' | 'firstRunMs' | 'warmupMs'>(key: K): { [P in K]?: number } => {
    const values = each<number>((row) => row[key]);
    return some(key, values, () => median(values));
  };
  const [steps, rates, peaks] = [each((row) => row.stepMs), each((row) => row.imagesPerSecond), each((row) => row.peakBytes)];
  return {
    batch: launches[0]!.batch,
    status: severity[Math.max(...used.map((row) => severity.indexOf(row.status)))]!,
    reason: used.map((row) => row.reason).find((reason) => reason !== '') ?? '',
    flags: [...new Set(used.flatMap((row) => row.flags))],
    ...some('stepMs', steps, () => poolLaunches(steps)!),
    ...some('imagesPerSecond', rates, () => poolLaunches(rates)!),
    ...some('latencyMs', latencies, () => ({
      p50: median(latencies.map(({ p50 }) => p50)), p90: median(latencies.map(({ p90 }) => p90)), p99: median(latencies.map(({ p99 }) => p99)),
      samples: latencies.reduce((sum, { samples }) => sum + samples, 0),
    })),
    ...some('peakBytes', peaks, () => Math.max(...peaks)),
    ...some('peakOf', each((row) => row.peakOf), () => used[0]!.peakOf!),
    ...medianOf('buildMs'), ...medianOf('firstRunMs'), ...medianOf('warmupMs'),
  };
}

/**
 * Mean top-1 over seeds with Student's interval; one seed: Wilson's binomial interval over `validationCount` images.
 * Fractions, clamped to 0..1.
 */
export function poolSeeds(top1s: readonly number[], validationCount: number): Estimate | undefined {
  const n = top1s.length;
  if (n === 0) return undefined;
  const value = mean(top1s);
  if (n > 1) {
    const half = studentT95(n - 1) * Math.sqrt(variance(top1s) / n);
    return { value, low: Math.max(0, value - half), high: Math.min(1, value + half), samples: n };
  }
  const count = Math.max(1, validationCount);
  const centre = (value + z95 ** 2 / (2 * count)) / (1 + z95 ** 2 / count);
  const half = z95 / (1 + z95 ** 2 / count) * Math.sqrt(value * (1 - value) / count + z95 ** 2 / (4 * count ** 2));
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half), samples: 1 };
}
