/**
 * Agreement of the rankings that two settings of measuring give the same networks: other runtimes, devices,
 * precisions or batch sizes. Kendall's tau-b with its 95 % interval, the pairs that invert, those of them
 * that both settings tell apart, and the networks that are on both fronts of score against time.
 */
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { nonDominated } from '../../util/pareto/directed.js';
import { type Estimate, overlaps } from '../../util/statistics/interval.js';
import { tauInterval } from '../../util/statistics/kendall.js';
import { batchesOf } from '../objectives/objectives.js';
import { mainScore, type Score } from '../objectives/result-score.js';
import { settingLabels } from './setting-labels.js';

/** Of more networks, this many at equal distances in their order are compared pair by pair. */
const mostRanked = 1000;
/** Fewest networks for a rank correlation with an interval. */
export const fewestRanked = 5;

export interface RankedSetting {
  readonly label: string;
  /** Milliseconds per pass by architecture id. */
  readonly times: ReadonlyMap<string, Estimate>;
}

export interface RankAgreement {
  readonly first: string;
  readonly second: string;
  /** Of the networks that both measured. */
  readonly tau: Estimate;
  readonly pairs: number;
  /** Pairs whose faster network is the other one. */
  readonly inverted: number;
  /** Inverted pairs whose networks each setting tells apart, beyond its resolution and the relevance. */
  readonly invertedToldApart: number;
  /** Pairs that both settings tell apart. */
  readonly toldApart: number;
  /** Networks on the front of each setting and of both; absent without scores. */
  readonly fronts?: { readonly first: number; readonly second: number; readonly common: number };
}

/**
 * @param merit of a network, more is better; undefined where it has no score
 * @returns undefined where fewer than five networks are measured under both
 */
export function rankAgreement(
  first: RankedSetting,
  second: RankedSetting,
  merit: (id: string) => number | undefined,
): RankAgreement | undefined {
  const ids = spread([...first.times.keys()].filter((id) => second.times.has(id)));
  if (ids.length < fewestRanked) return undefined;
  const times = [first, second].map((setting) => ids.map((id) => setting.times.get(id)!)) as [
    Estimate[],
    Estimate[],
  ];
  const [a, b] = times.map((list) => list.map(({ value }) => value)) as [number[], number[]];
  const counts = { inverted: 0, toldApart: 0, invertedToldApart: 0 };
  for (let i = 0; i < ids.length; i++)
    for (let j = i + 1; j < ids.length; j++) {
      const inverts = (a[i]! - a[j]!) * (b[i]! - b[j]!) < 0;
      const apart = times.every((list) => !overlaps(list[i]!, list[j]!));
      counts.inverted += Number(inverts);
      counts.toldApart += Number(apart);
      counts.invertedToldApart += Number(inverts && apart);
    }
  const fronts = frontsOf(ids.map(merit), a, b);
  return {
    first: first.label,
    second: second.label,
    tau: tauInterval(a, b),
    pairs: (ids.length * (ids.length - 1)) / 2,
    ...counts,
    ...(fronts && { fronts }),
  };
}

const spread = (ids: readonly string[]): readonly string[] =>
  ids.length <= mostRanked
    ? ids
    : Array.from({ length: mostRanked }, (_, at) => ids[Math.floor((at * ids.length) / mostRanked)]!);

function frontsOf(
  merits: readonly (number | undefined)[],
  a: readonly number[],
  b: readonly number[],
): RankAgreement['fronts'] {
  const scored = merits.flatMap((merit, index) => (merit === undefined ? [] : [{ merit, index }]));
  if (scored.length < 2) return undefined;
  const [first, second] = [a, b].map(
    (times) =>
      new Set(
        nonDominated(
          scored.map(({ merit, index }) => [merit, times[index]!]),
          ['higher', 'lower'],
        ),
      ),
  ) as [Set<number>, Set<number>];
  return {
    first: first.size,
    second: second.size,
    common: [...first].filter((index) => second.has(index)).length,
  };
}

/** Every pair of settings with five common networks, the least agreement first. */
export const rankAgreements = (
  settings: readonly RankedSetting[],
  merit: (id: string) => number | undefined,
): RankAgreement[] =>
  settings
    .flatMap((first, index) =>
      settings.slice(index + 1).flatMap((second) => rankAgreement(first, second, merit) ?? []),
    )
    .sort((x, y) => x.tau.value - y.tau.value);

type Measured = Pick<ExperimentResult, 'device' | 'candidates'> & {
  readonly otherDevices?: ExperimentResult['otherDevices'];
};

/**
 * One setting per device key and batch size.
 * @param results of one experiment under different keys; the times of their other devices count too
 */
export function rankedSettings(results: readonly Measured[]): RankedSetting[] {
  const found = new Map<
    string,
    { key: ExperimentResult['device']['key']; batch: number; times: Map<string, Estimate> }
  >();
  const add = (
    { id, key }: ExperimentResult['device'],
    batch: number,
    times: Map<string, Estimate>,
  ): void => {
    const name = `${id} ${batch}`;
    if (times.size > 0 && !found.has(name)) found.set(name, { key, batch, times });
  };
  for (const { device, candidates, otherDevices = [] } of results) {
    for (const batch of batchesOf({ candidates })) add(device, batch, timesAt(candidates, batch));
    for (const other of otherDevices)
      for (const batch of new Set((other.times ?? []).map((time) => time.batch)))
        add(
          other,
          batch,
          new Map(
            other.times!.flatMap((time) =>
              time.batch === batch ? [[time.architectureId, time.stepMs] as const] : [],
            ),
          ),
        );
  }
  const settings = [...found.values()];
  const labels = settingLabels(settings);
  return settings.map(({ times }, index) => ({ label: labels[index]!, times }));
}

const timesAt = (candidates: readonly CandidateResult[], batch: number): Map<string, Estimate> =>
  new Map(
    candidates.flatMap(({ architectureId, profiles }) => {
      const stepMs = profiles.find((profile) => profile.batch === batch)?.stepMs;
      return stepMs ? [[architectureId, stepMs] as const] : [];
    }),
  );

/** Merit of a network by its score in the first result that has one. */
export function meritsOf(
  results: readonly ExperimentResult[],
  score: Score = mainScore(results[0]!),
): (id: string) => number | undefined {
  const merits = new Map<string, number>();
  for (const { candidates } of results)
    for (const candidate of candidates) {
      const value = score.read(candidate)?.value;
      if (value !== undefined && !merits.has(candidate.architectureId))
        merits.set(candidate.architectureId, score.merit(value));
    }
  return (id) => merits.get(id);
}

/** `3 of 45 pairs invert, 1 told apart; fronts share 3 of 5 networks` */
export function agreementText({ pairs, inverted, invertedToldApart, fronts }: RankAgreement): string {
  const all = fronts && fronts.first + fronts.second - fronts.common;
  return (
    `${inverted} of ${pairs} pairs invert, ${invertedToldApart} told apart` +
    (fronts ? `; fronts share ${fronts.common} of ${all} networks` : '')
  );
}
