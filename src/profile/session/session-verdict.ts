/**
 * Turns the rounds of a session into verdicts: ratios to the anchor, the A/A control, pairs with Holm's
 * correction. Pure.
 */
import type { Random } from '../../util/random.js';
import { holmAdjusted } from '../../util/statistics/holm.js';
import { type Estimate, mapInterval } from '../../util/statistics/interval.js';
import { median } from '../../util/statistics/order-statistics.js';
import {
  type Comparison,
  type ComparisonOptions,
  compareLaunches,
  comparisonOf,
  type LaunchScatter,
  launchScatter,
  poolLogRatios,
} from '../../util/statistics/paired.js';
import type { Pooled } from '../../util/statistics/pool.js';
import type { LaunchRecord, Rounds } from './launch.js';

export interface PairVerdict {
  readonly first: string;
  readonly second: string;
  /**
   * Time of the first against the second; a win without significance after Holm's correction is AMBIGUOUS.
   */
  readonly comparison: Comparison;
  readonly adjustedP: number;
  /**
   * True where the verdict comes from launches with both side by side; false where it comes from all launches
   * of each, through the anchor.
   */
  readonly direct: boolean;
}

export interface SessionVerdict {
  readonly batch: number;
  readonly launches: number;
  /** The anchor against itself, in two processes. */
  readonly control: Comparison;
  /** True where the control is not SAME: then no pair is a finding. */
  readonly void: boolean;
  /**
   * Time over the anchor's time, fastest first; `stepMs` is that ratio on the anchor's median milliseconds.
   */
  readonly ratios: readonly { readonly name: string; readonly ratio: Estimate; readonly stepMs: number }[];
  readonly pairs: readonly PairVerdict[];
  /** Networks that could not be measured, with the reason. */
  readonly failures: LaunchRecord['failures'];
}

const familyLevel = 0.05;

/**
 * Judges all launches of one batch size.
 * @param records of one device key and batch; a candidate may be in some launches only, since refinement adds
 * launches
 */
export function judgeSession(
  records: readonly LaunchRecord[],
  random: Random,
  options: ComparisonOptions = {},
): SessionVerdict {
  const usable = records.filter(({ control: [a, b] }) => a.stepMs.length >= 2 && b.stepMs.length >= 2);
  if (usable.length === 0)
    throw new Error('judge: at least one launch with both controls is needed, got none');
  const scatter = sessionScatter(usable);
  const control = compareLaunches(
    usable.map(({ control: [a] }) => ratios(a)),
    usable.map(({ control: [, b] }) => ratios(b)),
    random,
    options,
    scatter?.pair,
  );
  const names = [...new Set(usable.flatMap(({ networks }) => Object.keys(networks)))];
  const anchorMs = median(
    usable.flatMap(({ networks, control }) =>
      [...Object.values(networks), ...control].flatMap((rounds) => rounds.anchorMs),
    ),
  );
  const toAnchor = new Map(
    names.map((name) => [name, anchorLogRatio(usable, name, random, options, scatter?.own)]),
  );
  const ranked = names
    .map((name) => ({
      name,
      ratio: mapInterval(toAnchor.get(name)!, Math.exp),
      stepMs: Math.exp(toAnchor.get(name)!.value) * anchorMs,
    }))
    .sort((a, b) => a.ratio.value - b.ratio.value);
  const raw = names.flatMap((first, i) =>
    names.slice(i + 1).map((second) => ({
      first,
      second,
      ...pair(usable, first, second, toAnchor, random, options, scatter?.pair),
    })),
  );
  const adjusted = holmAdjusted(raw.map(({ comparison }) => comparison.p));
  const pairs = raw.map((entry, index): PairVerdict => {
    const adjustedP = adjusted[index]!;
    const bears = entry.comparison.verdict === 'SAME' || adjustedP <= familyLevel;
    return {
      ...entry,
      adjustedP,
      comparison: bears ? entry.comparison : { ...entry.comparison, verdict: 'AMBIGUOUS' },
    };
  });
  const failures = Object.assign({}, ...records.map((record) => record.failures)) as LaunchRecord['failures'];
  return {
    batch: usable[0]!.batch,
    launches: usable.length,
    control,
    void: control.verdict !== 'SAME',
    ratios: ranked,
    pairs,
    failures,
  };
}

/** Time over the time of the anchor in the same child, round by round: free of effects of the process. */
const ratios = ({ stepMs, anchorMs }: Rounds): number[] => stepMs.map((ms, round) => ms / anchorMs[round]!);

/**
 * Scatter between launches over every network of each group that ran together; undefined where no group ran
 * twice.
 */
function sessionScatter(records: readonly LaunchRecord[]): ReturnType<typeof launchScatter> | undefined {
  const groups = new Map<string, LaunchRecord[]>();
  for (const record of records) {
    const key = JSON.stringify(Object.keys(record.networks).sort());
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  const scatters = [...groups.values()]
    .filter((group) => group.length >= 2)
    .map((group) =>
      launchScatter([
        ...Object.keys(group[0]!.networks).map((name) =>
          group.map(({ networks }) => ratios(networks[name]!)),
        ),
        group.map(({ control: [a] }) => ratios(a)),
        group.map(({ control: [, b] }) => ratios(b)),
      ]),
    );
  const pooled = (of: readonly LaunchScatter[]): LaunchScatter => {
    const freedom = of.reduce((sum, scatter) => sum + scatter.freedom, 0);
    return {
      freedom,
      variance: of.reduce((sum, scatter) => sum + scatter.variance * scatter.freedom, 0) / freedom,
    };
  };
  return scatters.length === 0
    ? undefined
    : { pair: pooled(scatters.map(({ pair }) => pair)), own: pooled(scatters.map(({ own }) => own)) };
}

/** Log of time over the anchor's. */
function anchorLogRatio(
  records: readonly LaunchRecord[],
  name: string,
  random: Random,
  options: ComparisonOptions,
  scatter: LaunchScatter | undefined,
): Pooled {
  const present = records.flatMap(({ networks }) => networks[name] ?? []);
  return poolLogRatios(
    present.map(({ stepMs }) => stepMs),
    present.map(({ anchorMs }) => anchorMs),
    random,
    options,
    scatter,
  );
}

/** Compares side by side, or through the anchor over all launches of each where those carry more weight. */
function pair(
  records: readonly LaunchRecord[],
  first: string,
  second: string,
  toAnchor: ReadonlyMap<string, Pooled>,
  random: Random,
  options: ComparisonOptions,
  scatter: LaunchScatter | undefined,
): { comparison: Comparison; direct: boolean } {
  const [a, b] = [toAnchor.get(first)!, toAnchor.get(second)!];
  const together = records.filter(({ networks }) => first in networks && second in networks);
  const direct = together.length * (a.launches + b.launches) >= 2 * a.launches * b.launches;
  if (!direct) return { direct, comparison: comparisonOf(difference(a, b), options) };
  return {
    direct,
    comparison: compareLaunches(
      together.map(({ networks }) => ratios(networks[first]!)),
      together.map(({ networks }) => ratios(networks[second]!)),
      random,
      options,
      scatter,
    ),
  };
}

/** a − b of independent estimates; the degrees of freedom are the fewer of the two. */
function difference(a: Pooled, b: Pooled): Pooled {
  const value = a.value - b.value;
  const halfWidth = Math.hypot((a.high - a.low) / 2, (b.high - b.low) / 2);
  return {
    value,
    low: value - halfWidth,
    high: value + halfWidth,
    samples: Math.min(a.samples, b.samples),
    launches: Math.min(a.launches, b.launches),
    standardError: Math.hypot(a.standardError, b.standardError),
    freedom: Math.min(a.freedom, b.freedom),
    betweenDeviation: Math.hypot(a.betweenDeviation, b.betweenDeviation),
    withinError: Math.hypot(a.withinError, b.withinError),
  };
}
