/**
 * Compares two runs of one experiment, conclusion by conclusion. Networks are matched by their ids, arms by
 * their names.
 */
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Interval } from '../../util/statistics/interval.js';
import { overlaps } from '../../util/statistics/interval.js';
import type { Comparison } from '../../util/statistics/verdict.js';
import { differenceText } from '../ablation/ablation-sentences.js';
import { analyseAblation, type Effect } from '../ablation/analyse-ablation.js';
import type { Verdict } from '../ablation/decision/decision-rule.js';
import { fixedText } from '../number-text.js';
import { inSentence, type Objective } from '../objectives/objectives.js';
import type { Score } from '../objectives/result-score.js';
import { frontOf } from '../pareto/pareto-front.js';
import { type Conclusions, conclusionsOf } from '../summary/conclusions.js';
import type { Difference } from '../summary/symmetry-comparison.js';
import { neighbourVerdicts } from '../summary/time-verdicts.js';
import { notMeasured, type ReproducedConclusion, type ReproductionVerdict } from './reproduced-conclusion.js';

/** In the order of the report. Empty where the first run concluded nothing. */
export function reproducedConclusions(
  before: ExperimentResult,
  after: ExperimentResult,
): ReproducedConclusion[] {
  const found = conclusionsOf(before);
  const again = conclusionsOf(after, found.cost);
  return [
    ...ablationEffects(before, after),
    ...(before.ablation ? [] : kinds(found, again)),
    ...bestNetwork(before, after, found.score),
    ...frontMembers(before, after, found),
    ...frontTimes(before, after, found),
  ];
}

/** @param result of which the network is looked up: by the arm's name where it has one */
const sameNetwork = (
  { candidates }: ExperimentResult,
  { architectureId, arm }: CandidateResult,
): CandidateResult | undefined =>
  candidates.find((each) => (arm === undefined ? each.architectureId === architectureId : each.arm === arm));

const nameOf = ({ arm, layout }: CandidateResult): string => arm ?? layout;

/** Of the effects and the answer of an ablation. */
function ablationEffects(before: ExperimentResult, after: ExperimentResult): ReproducedConclusion[] {
  const [first, second] = [analyseAblation(before), analyseAblation(after)];
  if (!first) return [];
  const named = (effects: readonly Effect[], { name, against }: Effect): Effect | undefined =>
    effects.find((each) => each.name === name && each.against === against);
  const figure = (effect: Effect | undefined): string =>
    effect?.difference && effect.decision
      ? `${differenceText(effect, first)}, ${effect.decision.verdict}`
      : notMeasured;
  const effects = first.effects
    .filter(({ contrast }) => contrast.kind !== 'interaction')
    .map((effect): ReproducedConclusion => {
      const again = second && named(second.effects, effect);
      return {
        conclusion:
          `${effect.name} against ${effect.against}: the claim of ${first.plan.rule.claim} ` +
          `${inSentence(first.response.objective)} is ${effect.decision?.verdict ?? 'not decided'}`,
        verdict: ofVerdicts(effect.decision?.verdict, again?.decision?.verdict),
        before: figure(effect),
        after: figure(again),
      };
    });
  const answer: ReproducedConclusion = {
    conclusion: `${first.plan.question}: ${first.verdict}`,
    verdict: ofVerdicts(first.verdict, second?.verdict),
    before: first.verdict,
    after: second?.verdict ?? notMeasured,
  };
  return [answer, ...effects];
}

function ofVerdicts(before: Verdict | undefined, after: Verdict | undefined): ReproductionVerdict {
  const isOpen = (verdict: Verdict | undefined): boolean =>
    verdict === undefined || verdict === 'not decided';
  if (isOpen(before) || isOpen(after)) return 'not decided';
  return before === after ? 'holds' : 'contradicted';
}

/** Asymmetric against symmetric layouts: at matched MACs where that was compared, else on average. */
function kinds(found: Conclusions, again: Conclusions): ReproducedConclusion[] {
  const isMatched = found.groups.matched.verdict !== 'too few layouts';
  const of = ({ groups }: Conclusions): Difference => (isMatched ? groups.matched : groups.overall);
  const [first, second] = [of(found), of(again)];
  if (first.verdict === 'too few layouts') return [];
  const { score } = found;
  const reach = `reach a ${score.better} ${inSentence(score)} than`;
  const claims = {
    'asymmetric better': `asymmetric layouts ${reach} symmetric ones`,
    'symmetric better': `symmetric layouts ${reach} asymmetric ones`,
    'no difference beyond the interval': 'asymmetric and symmetric layouts do not differ beyond the interval',
  };
  const figure = ({ interval }: Difference): string =>
    interval ? score.differenceText(interval) : notMeasured;
  return [
    {
      conclusion: `${isMatched ? 'at matched MACs' : 'on average'}, ${claims[first.verdict]}`,
      verdict: ofDifferences(first.interval, second.interval),
      before: figure(first),
      after: figure(second),
    },
  ];
}

/**
 * A difference from zero holds where the second interval lies on the same side of zero. None holds where the
 * second interval holds zero, too, and is contradicted where the two intervals have no point in common.
 */
export function ofDifferences(
  before: Interval | undefined,
  after: Interval | undefined,
): ReproductionVerdict {
  if (!before || !after) return 'not decided';
  const side = ({ low, high }: Interval): number => Number(low > 0) - Number(high < 0);
  if (side(before) === 0) {
    if (side(after) === 0) return 'holds';
    return overlaps(before, after) ? 'not decided' : 'contradicted';
  }
  if (side(after) === 0) return 'not decided';
  return side(after) === side(before) ? 'holds' : 'contradicted';
}

interface Scored {
  readonly candidate: CandidateResult;
  readonly at: Interval;
}

/** Best first. */
const ranked = ({ candidates }: ExperimentResult, score: Score): Scored[] =>
  candidates
    .flatMap((candidate) => {
      const at = score.read(candidate);
      return at ? [{ candidate, at }] : [];
    })
    .sort((a, b) => score.merit(b.at.value) - score.merit(a.at.value));

function bestNetwork(
  before: ExperimentResult,
  after: ExperimentResult,
  score: Score,
): ReproducedConclusion[] {
  const [best, ...others] = ranked(before, score);
  const most = score.better === 'higher' ? 'highest' : 'lowest';
  if (!best || others.length === 0) return [];
  const again = ranked(after, score);
  const own = sameNetwork(after, best.candidate);
  const at = own && score.read(own);
  const figure = (value: Interval, all: readonly Scored[]): string => {
    const level = all.filter((each) => overlaps(each.at, value)).length - 1;
    const overlap = level === 1 ? '1 other overlaps' : `${level} others overlap`;
    return `${score.text(value)}, ${level === 0 ? 'no other overlaps' : overlap}`;
  };
  const verdict = (): ReproductionVerdict => {
    if (!at) return 'not decided';
    if (again[0]!.candidate === own) return 'holds';
    return overlaps(again[0]!.at, at) ? 'not decided' : 'contradicted';
  };
  return [
    {
      conclusion: `${nameOf(best.candidate)} has the ${most} ${inSentence(score)}`,
      verdict: verdict(),
      before: figure(best.at, [best, ...others]),
      after: at ? figure(at, again) : notMeasured,
    },
  ];
}

/** Each network of the front: still on it, tied with it, or behind it beyond its intervals. */
function frontMembers(
  before: ExperimentResult,
  after: ExperimentResult,
  { front, cost, score }: Conclusions,
): ReproducedConclusion[] {
  const again = frontOf(after.candidates, cost, score);
  const [onFront, tied] = [new Set(again.front), new Set(again.ties.flat())];
  return front.front.map((index) => {
    const candidate = before.candidates[index]!;
    const own = sameNetwork(after, candidate);
    const position = own ? after.candidates.indexOf(own) : -1;
    const isMeasured = again.points.some((point) => point.index === position);
    const verdict = (): ReproductionVerdict => {
      if (onFront.has(position)) return 'holds';
      return !isMeasured || tied.has(position) ? 'not decided' : 'contradicted';
    };
    return {
      conclusion: `${nameOf(candidate)} is on the front of ${inSentence(score)} against ${inSentence(cost)}`,
      verdict: verdict(),
      before: bothText(candidate, cost, score),
      after: own && isMeasured ? bothText(own, cost, score) : notMeasured,
    };
  });
}

const bothText = (candidate: CandidateResult, cost: Objective, score: Score): string =>
  [score.read(candidate), cost.read(candidate)]
    .flatMap((at, index) => (at ? [(index === 0 ? score : cost).text(at)] : []))
    .join(', ');

/** Neighbours of the front whose times the first run tells apart, among those that both runs timed. */
function frontTimes(
  before: ExperimentResult,
  after: ExperimentResult,
  { front: { x, front } }: Conclusions,
): ReproducedConclusion[] {
  const shared = front.flatMap((index) => {
    const own = sameNetwork(after, before.candidates[index]!);
    const isTimed = own?.profiles.some(({ batch, stepMs }) => batch === x.batch && stepMs !== undefined);
    return own && isTimed ? [{ index, own: after.candidates.indexOf(own) }] : [];
  });
  const first = neighbourVerdicts(before, { x, front: shared.map(({ index }) => index) }) ?? [];
  const second = neighbourVerdicts(after, { x, front: shared.map(({ own }) => own) }) ?? [];
  return first.flatMap((told, position) => {
    if (told.verdict !== 'FASTER' && told.verdict !== 'SLOWER') return [];
    const again = second[position];
    const names = [position, position + 1].map((at) => nameOf(before.candidates[shared[at]!.index]!));
    const [fast, slow] = told.verdict === 'FASTER' ? names : names.reverse();
    return [
      {
        conclusion: `${fast} is faster than ${slow} at batch ${x.batch}`,
        verdict: ofTimes(told.verdict, again?.verdict),
        before: ratioText(told),
        after: again ? ratioText(again) : notMeasured,
      },
    ];
  });
}

/** SAME within the relevance contradicts a difference as well as its opposite does. */
function ofTimes(
  before: Comparison['verdict'],
  after: Comparison['verdict'] | undefined,
): ReproductionVerdict {
  if (after === undefined || after === 'NOT TOLD APART') return 'not decided';
  return after === before ? 'holds' : 'contradicted';
}

/** Of neighbours on the front, by rising cost. */
function ratioText({ ratio: { value, low, high }, verdict }: Comparison): string {
  const digits = (each: number): string => fixedText(each, 3);
  return `ratio of times ${digits(value)} [${digits(low)}, ${digits(high)}], ${verdict}`;
}
