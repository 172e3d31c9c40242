/**
 * The resolution of a measuring run: how small a difference between two networks it can find. Log time is
 * fitted as network + launch, a two-way layout without interaction; what is left over is the scatter of one
 * network in one launch, pooled over all of them. From it follow the interval of every network and X, the
 * half-width of a difference of two. Montgomery, Design and Analysis of Experiments, chapter 4.
 */

import type { Interval } from './interval.js';
import { rangeOf } from './range-of.js';
import { studentCdf, studentQuantile } from './student.js';
import { fitTwoWay } from './two-way-layout.js';

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
  /** Standard error of the log-ratio of two networks; infinite where no launches connect them. */
  ratioError(first: string, second: string): number;
}

/**
 * @returns undefined where nothing is left to estimate scatter from: fewer than two networks that share two
 * launches
 */
export function fitLaunches(times: readonly LaunchTime[]): RunFit | undefined {
  if (times.length === 0) return undefined;
  const { rows, counts, squares, freedom, differenceVariance } = fitTwoWay(
    times.map(({ network, launch, stepMs }) => ({ row: network, column: launch, value: Math.log(stepMs) })),
  );
  if (rows.size < 2 || freedom < 1) return undefined;
  const residual = Math.sqrt(squares / freedom);
  const fewest = rangeOf(counts.values())[0];
  const factor = studentQuantile(0.975, freedom);
  return {
    resolution: {
      relative: Math.expm1(factor * residual * Math.sqrt(2 / fewest)),
      residual,
      freedom,
      launches: fewest,
    },
    stepMs: new Map(
      [...rows].map(([network, log]) => {
        const half = (factor * residual) / Math.sqrt(counts.get(network)!);
        return [network, { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) }];
      }),
    ),
    ratioError(first, second) {
      const variance = differenceVariance(first, second);
      return variance === Infinity ? Infinity : residual * Math.sqrt(variance);
    },
  };
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
