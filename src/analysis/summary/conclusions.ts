/**
 * The conclusions of an experiment as sentences with numbers and intervals: first screen of the report, last
 * lines of a run, head of the terminal screen. No sentence claims more than its interval supports.
 */

import type { ExperimentResult } from '../../store/experiment-result.js';
import { exactInterval, overlaps } from '../../util/statistics/interval.js';
import { candidateName } from '../candidate-name.js';
import { measuredText } from '../number-text.js';
import type { Objective } from '../objectives/objectives.js';
import { inSentence, mainCost } from '../objectives/objectives.js';
import type { Score } from '../objectives/result-score.js';
import { mainScore } from '../objectives/result-score.js';
import { testSentence } from '../objectives/test-split.js';
import type { Front } from '../pareto/pareto-front.js';
import { frontOf } from '../pareto/pareto-front.js';
import { type Chance, chanceOf, chanceSentence } from './chance-level.js';
import { comparable } from './comparable.js';
import { failedWholly } from './failure-groups.js';
import type { Difference, SymmetryComparison } from './symmetry-comparison.js';
import { symmetryOf } from './symmetry-comparison.js';
import { timeVerdictSentence } from './time-verdicts.js';

export interface Conclusions {
  /** One sentence: the answer. */
  readonly headline: string;
  /** What may be compared, and from which difference on: shown before the headline. */
  readonly comparable: readonly string[];
  /** Two to six further sentences, most important first. */
  readonly sentences: readonly string[];
  readonly score: Score;
  readonly cost: Objective;
  readonly front: Front;
  readonly groups: SymmetryComparison;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count === 1 ? 'one' : count} ${count === 1 ? one : many}`;

/** @param cost objective against the score; default the result's main cost */
export function conclusionsOf(result: ExperimentResult, cost: Objective = mainCost(result)): Conclusions {
  const score = mainScore(result);
  const front = frontOf(result.candidates, cost, score);
  const groups = symmetryOf(result);
  const chance = chanceOf(result, score);
  return {
    comparable: comparable(result, score, groups),
    headline: capital(headlineOf(result, score, front, groups, chance)),
    sentences: sentencesOf(result, score, front, groups, chance).map(capital),
    score,
    cost,
    front,
    groups,
  };
}

function headlineOf(
  result: ExperimentResult,
  score: Score,
  front: Front,
  groups: SymmetryComparison,
  chance: Chance | undefined,
): string {
  const trained = result.candidates.filter((candidate) => score.read(candidate)).length;
  if (result.candidates.length === 0) return 'Nothing is measured yet.';
  const { done, planned, failed } = result.jobs;
  const count = result.candidates.length;
  if (trained === 0 && planned > 0 && done === planned && failed === 0)
    return `${plural(count, 'layout is', 'layouts are')} measured; none was to be trained.`;
  if (trained === 0)
    return (
      'No layout is scored yet; ' +
      `${plural(result.candidates.length, 'layout is', 'layouts are')} planned or measured.`
    );
  if (chance && chance.atChance === chance.scored) return chanceSentence(score, chance)!;
  const reach = `reach a ${score.better} ${inSentence(score)} than`;
  const verdict = {
    'asymmetric better': `asymmetric layouts ${reach} symmetric ones`,
    'symmetric better': `symmetric layouts ${reach} asymmetric ones`,
    'no difference beyond the interval': 'asymmetric and symmetric layouts do not differ beyond the interval',
    'too few layouts': '',
  };
  const settled = groups.matched.verdict === 'too few layouts' ? groups.overall : groups.matched;
  const [where, basis] =
    settled === groups.matched
      ? ['At matched MACs, ', ` (${groups.matched.pairs.length} pairs)`]
      : ['On average, ', ''];
  const difference = settled.interval ? `: ${score.differenceText(settled.interval)}${basis}` : '';
  const answer = verdict[settled.verdict] && `${where}${verdict[settled.verdict]}${difference}.`;
  return (
    answer ||
    (front.front.length > 0
      ? `${plural(front.front.length, 'layout forms', 'layouts form')} the front.`
      : `${plural(trained, 'layout is', 'layouts are')} scored.`)
  );
}

function sentencesOf(
  result: ExperimentResult,
  score: Score,
  front: Front,
  groups: SymmetryComparison,
  chance: Chance | undefined,
): string[] {
  const { candidates } = result;
  const scored = candidates.flatMap((candidate) => {
    const at = score.read(candidate);
    return at ? [{ candidate, at }] : [];
  });
  const sentences: string[] = [];
  if (chance && chance.atChance < chance.scored)
    sentences.push(...[chanceSentence(score, chance)].flatMap((each) => each ?? []));
  if (front.front.length > 0) {
    const tiedCount = new Set(front.ties.flat().filter((index) => front.front.includes(index))).size;
    const tied =
      front.ties.length > 0 ? `, of which ${plural(tiedCount, 'is', 'are')} tied with a neighbour` : '';
    sentences.push(
      `${plural(front.front.length, 'layout', 'layouts')} of ${front.points.length} measured ` +
        `${front.front.length === 1 ? 'forms' : 'form'} the front of ${inSentence(score)} against ` +
        `${inSentence(front.x)}${tied}.`,
    );
  }
  const times = timeVerdictSentence(result, front);
  if (times) sentences.push(times);
  const best = [...scored].sort((a, b) => score.merit(b.at.value) - score.merit(a.at.value))[0];
  if (best) {
    const level = scored.filter((other) => other !== best && overlaps(other.at, best.at)).length;
    const overlap =
      level === 1 ? 'interval of one other layout overlaps' : `intervals of ${level} others overlap`;
    const count = best.candidate.scores.length;
    const seeds = count > 1 ? ` (mean of ${count} seeds)` : ' (one seed)';
    const by = `${candidateName(best.candidate)}${costText(front, best.candidate)}`;
    sentences.push(
      `The ${score.better === 'higher' ? 'highest' : 'lowest'} ${inSentence(score)} ` +
        `is ${score.text(best.at)}${seeds}, by ${by}` +
        `${level > 0 ? `; the ${overlap} it` : ''}.`,
    );
  }
  const tested = testSentence(result, score);
  if (tested) sentences.push(tested);
  if (groups.symmetric && groups.asymmetric) sentences.push(overallSentence(score, groups));
  const failed = failureSentence(candidates);
  if (failed) sentences.push(failed);
  const doubts = doubtsOf(candidates);
  if (doubts) sentences.push(doubts);
  return sentences;
}

/** The selected cost of a candidate, such as ` at 812 images/s (batch 64)`; empty where it has none. */
function costText({ x }: Front, candidate: ExperimentResult['candidates'][number]): string {
  const cost = x.read(candidate);
  if (!cost) return '';
  const unit = x.format === 'count' ? ` ${x.short}` : '';
  return ` at ${x.text(cost)}${unit}${x.batch ? ` (batch ${x.batch})` : ''}`;
}

/** Layouts that failed in part or wholly, with the statuses; undefined without failures. */
function failureSentence(candidates: ExperimentResult['candidates']): string | undefined {
  const failed = candidates.filter((candidate) => candidate.failures.length > 0);
  const parts = ([false, true] as const).flatMap((wholly) => {
    const members = failed.filter((candidate) => failedWholly(candidate) === wholly);
    if (members.length === 0) return [];
    const statuses = new Set(members.flatMap(({ failures }) => failures.map(({ status }) => status)));
    const how = wholly ? 'failed wholly' : 'failed in part';
    return [`${plural(members.length, 'layout', 'layouts')} ${how} (${[...statuses].join(', ')})`];
  });
  return parts.length === 0 ? undefined : `${parts.join(' and ')}.`;
}

/** How many speed measurements missed the aimed interval or carry a flag; undefined where all are sound. */
function doubtsOf(candidates: ExperimentResult['candidates']): string | undefined {
  const launches = candidates
    .flatMap((candidate) => candidate.profiles.flatMap((profile) => profile.launches))
    .filter((launch) => launch.imagesPerSecond);
  const wordings = {
    'not-steady': 'could not be shown to be level within 0.5 %',
    'host-bound': 'were host-bound',
    'above-ceiling': 'exceeded a measured ceiling of the device',
    outliers: 'held outliers',
    throttled: 'ran throttled',
    busy: 'ran on a busy machine',
  } as const;
  const parts = [
    [
      launches.filter((launch) => launch.status === 'capped').length,
      'stopped at the cap before the aimed interval',
    ] as const,
    ...(Object.keys(wordings) as (keyof typeof wordings)[]).map(
      (flag) => [launches.filter((launch) => launch.flags.includes(flag)).length, wordings[flag]] as const,
    ),
  ].filter(([count]) => count > 0);
  return parts.length === 0
    ? undefined
    : `Of ${launches.length} speed measurements, ` +
        `${parts.map(([count, wording]) => `${count} ${wording}`).join(', ')}.`;
}

function overallSentence(
  score: Score,
  { symmetric: s, asymmetric: a, overall, unmixed }: SymmetryComparison,
): string {
  const meanText = (group: typeof s): string => score.text(group!.interval ?? exactInterval(group!.mean));
  const left = unmixed === 0 ? '' : ` (${plural(unmixed, 'unmixed one is', 'unmixed ones are')} left out)`;
  const means =
    `${a!.count} asymmetric layouts average ${meanText(a)}, ` +
    `${s!.count} symmetric ones ${meanText(s)}${left}`;
  return overall.interval
    ? `${means}: ${score.differenceText(overall.interval)}, ${verdictText(score, overall)}.`
    : `${means}.`;
}

function verdictText({ scale, unit }: Score, { verdict, interval }: Difference): string {
  if (verdict === 'no difference beyond the interval' || !interval)
    return 'no difference beyond the interval';
  const size = measuredText({ ...interval, value: Math.abs(interval.value) }, scale).value;
  return `a difference of ${size}${unit === '%' ? ' points' : ''}`;
}
