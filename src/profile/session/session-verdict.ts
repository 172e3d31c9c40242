/**
 * Judges the launches of a session. Each network's time over the anchor's in the same child, a trimmed mean a
 * launch, is fitted as network + launch together with the two controls; the residual gives every error. Pure.
 */
import { type Estimate, unknownInterval } from '../../util/statistics/interval.js';
import { median, trimmedMean } from '../../util/statistics/order-statistics.js';
import {
  type AnchorBias,
  anchorBias,
  fitLaunches,
  type Resolution,
  type RunFit,
} from '../../util/statistics/resolution.js';
import {
  type Comparison,
  judgeRatios,
  type LogRatio,
  type VerdictOptions,
} from '../../util/statistics/verdict.js';
import { controlNames, type LaunchRecord, type Rounds } from './launch.js';

export interface PairVerdict {
  readonly first: string;
  readonly second: string;
  /** Time of the first against the second, corrected for looks and pairs. */
  readonly comparison: Comparison;
}

export interface SessionVerdict {
  readonly batch: number;
  readonly launches: number;
  /** Looks that are planned at most; intervals and p-values are corrected for them. */
  readonly looks: number;
  /** Undefined where one launch alone says nothing of the scatter between launches. */
  readonly resolution: Resolution | undefined;
  /** The anchor against itself, in two processes; undefined together with the resolution. */
  readonly control: AnchorBias | undefined;
  /** True where the control is biased: then no pair is a finding. */
  readonly void: boolean;
  /**
   * Time over the anchor's time, fastest first; `stepMs` is that ratio on the anchor's median milliseconds.
   */
  readonly ratios: readonly { readonly name: string; readonly ratio: Estimate; readonly stepMs: number }[];
  readonly pairs: readonly PairVerdict[];
  /** Networks that could not be measured, with the reason. */
  readonly failures: LaunchRecord['failures'];
}

/**
 * Judges all launches of one batch size.
 * @param records of one device key and batch; a candidate may be in some launches only, since refinement adds
 * launches
 */
export function judgeSession(records: readonly LaunchRecord[], options: VerdictOptions = {}): SessionVerdict {
  const usable = records.filter(({ control: [a, b] }) => a.stepMs.length >= 2 && b.stepMs.length >= 2);
  if (usable.length === 0)
    throw new Error('judge: at least one launch with both controls is needed, got none');
  const series = usable.map(({ networks, control: [a, b] }) => ({
    ...networks,
    [controlNames[0]]: a,
    [controlNames[1]]: b,
  }));
  const names = [...new Set(usable.flatMap(({ networks }) => Object.keys(networks)))];
  const centres = series.flatMap((networks, launch) =>
    Object.entries(networks).map(([network, rounds]) => ({
      network,
      launch: String(launch),
      stepMs: Math.exp(trimmedMean(logRatios(rounds))),
    })),
  );
  const fit = fitLaunches(centres);
  const samples = new Map(
    names.map((name) => [
      name,
      usable.reduce((sum, { networks }) => sum + (networks[name]?.stepMs.length ?? 0), 0),
    ]),
  );
  const anchorMs = median(
    series.flatMap((networks) => Object.values(networks).flatMap((each) => each.anchorMs)),
  );
  const ratios = names
    .map((name) => {
      const own = centres.filter(({ network }) => network === name).map(({ stepMs }) => stepMs);
      const interval = fit?.stepMs.get(name) ?? unknownInterval(median(own));
      return { name, ratio: { ...interval, samples: samples.get(name)! }, stepMs: interval.value * anchorMs };
    })
    .sort((a, b) => a.ratio.value - b.ratio.value);
  const control = fit && anchorBias(fit, controlNames[0], controlNames[1]);
  return {
    batch: usable[0]!.batch,
    launches: usable.length,
    looks: options.looks ?? 1,
    resolution: fit?.resolution,
    control,
    void: control?.biased ?? false,
    ratios,
    pairs: judgePairs(names, new Map(ratios.map((each) => [each.name, each.ratio])), fit, options),
    failures: Object.assign({}, ...records.map((record) => record.failures)) as LaunchRecord['failures'],
  };
}

function judgePairs(
  names: readonly string[],
  ratios: ReadonlyMap<string, Estimate>,
  fit: RunFit | undefined,
  options: VerdictOptions,
): PairVerdict[] {
  const pairs = names.flatMap((first, i) => names.slice(i + 1).map((second) => ({ first, second })));
  const family = pairs.map(({ first, second }): LogRatio => {
    const [a, b] = [ratios.get(first)!, ratios.get(second)!];
    return {
      log: Math.log(a.value / b.value),
      standardError: fit?.ratioError(first, second) ?? Infinity,
      freedom: fit?.resolution.freedom ?? 0,
      samples: Math.min(a.samples, b.samples),
    };
  });
  return judgeRatios(family, options).map((comparison, index) => ({ ...pairs[index]!, comparison }));
}

/**
 * Log of time over the time of the anchor in the same child, round by round: free of effects of the process.
 */
const logRatios = ({ stepMs, anchorMs }: Rounds): number[] =>
  stepMs.map((ms, round) => Math.log(ms / anchorMs[round]!));
