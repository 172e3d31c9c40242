/**
 * The resolution of a measuring run: how small a difference between two networks it can find. Log time is
 * fitted as network + launch, a two-way layout without interaction; what is left over is the scatter of one
 * network in one launch, pooled over all of them. From it follow the interval of every network and X, the
 * half-width of a difference of two. Montgomery, Design and Analysis of Experiments, chapter 4.
 */
import type { Interval } from './interval.js';
import { studentCdf, studentQuantile } from './student.js';

export interface LaunchTime {
  readonly network: string;
  /** Launches of different sessions need different names. */
  readonly launch: string;
  /** Milliseconds per pass, positive. */
  readonly stepMs: number;
}

export interface Resolution {
  /** X: relative difference of two networks, measured in `launches` each, that the run resolves at 95 %. */
  readonly relative: number;
  /** Standard deviation of log time left after network and launch. */
  readonly residual: number;
  /** Degrees of freedom of the residual. */
  readonly freedom: number;
  /** Fewest launches of a network. */
  readonly launches: number;
}

export interface RunFit {
  readonly resolution: Resolution;
  /** 95 % interval of each network's time, milliseconds per pass; free of what a launch does to all. */
  readonly stepMs: ReadonlyMap<string, Interval>;
  /** Standard error of the log-ratio of two networks. */
  ratioError(first: string, second: string): number;
}

const SWEEPS = 500;
const TOLERANCE = 1e-12;

/**
 * @returns undefined where nothing is left to estimate scatter from: fewer than two networks that share two
 * launches
 */
export function fitLaunches(times: readonly LaunchTime[]): RunFit | undefined {
  const logs = times.map(({ network, launch, stepMs }) => ({ network, launch, log: Math.log(stepMs) }));
  const networks = new Map<string, number>();
  const launches = new Map<string, number>();
  for (const { network, launch } of logs) {
    networks.set(network, 0);
    launches.set(launch, 0);
  }
  const freedom = logs.length - networks.size - launches.size + 1;
  if (networks.size < 2 || freedom < 1) return undefined;
  sweepEffects(logs, networks, launches);
  const squares = logs.reduce(
    (sum, { network, launch, log }) => sum + (log - networks.get(network)! - launches.get(launch)!) ** 2,
    0,
  );
  const residual = Math.sqrt(squares / freedom);
  const counts = new Map<string, number>();
  for (const { network } of logs) counts.set(network, (counts.get(network) ?? 0) + 1);
  const fewest = Math.min(...counts.values());
  const factor = studentQuantile(0.975, freedom);
  return {
    resolution: {
      relative: Math.expm1(factor * residual * Math.sqrt(2 / fewest)),
      residual,
      freedom,
      launches: fewest,
    },
    stepMs: new Map(
      [...networks].map(([network, log]) => {
        const half = (factor * residual) / Math.sqrt(counts.get(network)!);
        return [network, { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) }];
      }),
    ),
    ratioError: (first, second) =>
      residual * Math.sqrt(1 / (counts.get(first) ?? 1) + 1 / (counts.get(second) ?? 1)),
  };
}

/** Least squares by alternating means (backfitting); launch effects have mean zero. */
function sweepEffects(
  logs: readonly { readonly network: string; readonly launch: string; readonly log: number }[],
  networks: Map<string, number>,
  launches: Map<string, number>,
): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = [...networks.values()];
    updateMeans(logs, networks, 'network', ({ launch, log }) => log - launches.get(launch)!);
    updateMeans(logs, launches, 'launch', ({ network, log }) => log - networks.get(network)!);
    const centre = [...launches.values()].reduce((sum, effect) => sum + effect, 0) / launches.size;
    for (const [launch, effect] of launches) launches.set(launch, effect - centre);
    for (const [network, effect] of networks) networks.set(network, effect + centre);
    const after = [...networks.values()];
    if (after.every((effect, index) => Math.abs(effect - before[index]!) < TOLERANCE)) return;
  }
}

function updateMeans<L extends { readonly network: string; readonly launch: string }>(
  logs: readonly L[],
  effects: Map<string, number>,
  key: 'network' | 'launch',
  observe: (entry: L) => number,
): void {
  const sums = new Map<string, [sum: number, count: number]>();
  for (const entry of logs) {
    const [sum, count] = sums.get(entry[key]) ?? [0, 0];
    sums.set(entry[key], [sum + observe(entry), count + 1]);
  }
  for (const [name, [sum, count]] of sums) effects.set(name, sum / count);
}

export interface AnchorBias {
  /** Time of the first anchor over that of the second, 95 % interval. */
  readonly ratio: Interval;
  readonly p: number;
  /** The anchors differ at p < 0.01 and by more than the resolution: the run favours some positions. */
  readonly biased: boolean;
}

/** Two instances of one network, measured as two ordinary networks of the run. */
export function anchorBias(fit: RunFit, first: string, second: string): AnchorBias | undefined {
  const [a, b] = [fit.stepMs.get(first), fit.stepMs.get(second)];
  if (!a || !b) return undefined;
  const { freedom, relative } = fit.resolution;
  const log = Math.log(a.value / b.value);
  const error = fit.ratioError(first, second);
  const p =
    error === 0 ? Number(log === 0) : Math.min(1, 2 * (1 - studentCdf(Math.abs(log) / error, freedom)));
  const half = studentQuantile(0.975, freedom) * error;
  return {
    ratio: { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) },
    p,
    biased: p < 0.01 && Math.abs(log) > Math.log1p(relative),
  };
}
