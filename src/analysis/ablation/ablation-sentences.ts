/** The answer of an ablation in words, with the sentence for a paper. */
import { signedIntervalText } from '../number-text.js';
import { inSentence } from '../objectives/objectives.js';
import type { AblationAnalysis, Effect } from './analyse-ablation.js';
import { seedsNeeded } from './decision/power.js';

/** `−1.9 [−2.5, −1.3] points`; `+0.4 points, interval open` where nothing bounds it yet. */
export function differenceText(
  { difference }: Effect,
  { response }: Pick<AblationAnalysis, 'response'>,
): string {
  if (!difference) return '';
  const unit = response.unit === '' ? '' : ` ${response.unit}`;
  const relative = response.kind === 'log-rate' ? (x: number) => Math.expm1(x) : (x: number) => x;
  const { value, low, high } = difference;
  if (!Number.isFinite(low)) {
    const shown = relative(value) * response.scale;
    const sign = shown < 0 ? '−' : '+';
    return `${sign}${Number(Math.abs(shown).toPrecision(2))}${unit}, interval not bounded yet`;
  }
  return (
    signedIntervalText({ value: relative(value), low: relative(low), high: relative(high) }, response.scale) +
    unit
  );
}

export const pText = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`);

/** `at equal MACs (within 2 %)`; '' where nothing is held. */
export function holdText({ hold }: AblationAnalysis['plan']): string {
  const names = { params: 'parameters', macs: 'MACs', latency: 'measured latency' } as const;
  const held = (Object.keys(names) as (keyof typeof names)[]).flatMap((name) => {
    const tolerance = hold[name];
    return tolerance === undefined
      ? []
      : [`${names[name]} (within ${Number((100 * tolerance).toPrecision(3))} %)`];
  });
  return held.length === 0 ? '' : `at equal ${held.join(' and ')}`;
}

function claimText({ plan, response }: AblationAnalysis): string {
  const { claim, by } = plan.rule;
  const unit = response.unit === '' ? '' : ` ${response.unit}`;
  const margin = `${Number((by * response.scale).toPrecision(3))}${unit}`;
  if (claim === 'equal') return `${inSentence(response.objective)} within ${margin}`;
  const more = `a ${claim} ${inSentence(response.objective)}`;
  return by === 0 ? more : `${more} by more than ${margin}`;
}

/** One sentence: the verdict on the question. */
export function verdictSentence(analysis: AblationAnalysis): string {
  const { plan, effects, verdict } = analysis;
  const claims = effects.filter(({ contrast }) => contrast.kind !== 'interaction');
  const compared = claims.filter(({ difference }) => difference !== undefined).length;
  const which = plan.rule.of === 'any' ? 'some change gives' : 'every change gives';
  const made = `${compared} of ${claims.length} comparisons made`;
  return `${capital(verdict)}: that ${which} ${claimText(analysis)} (${made}).`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

const plurals = { 'paired seed': 'paired seeds', launch: 'launches' } as const;

/** The sentence for the paper on one effect. */
export function effectSentence(effect: Effect, analysis: AblationAnalysis): string {
  const { plan, response } = analysis;
  const { name, against, refused, difference, decision } = effect;
  if (refused !== undefined) return `${name} is not compared with ${against}: ${refused}.`;
  if (!difference || !decision) return `${name} has no run paired with ${against} yet.`;
  const where = holdText(plan);
  const pair = response.kind === 'score' ? 'paired seed' : 'launch';
  const pairs = difference.samples === 1 ? pair : plurals[pair];
  const looks = plan.rule.looks === 'any-time' ? '95 %, valid at every look' : '95 %';
  const adjusted = plan.design.kind === 'path' ? 'Bonferroni' : 'Holm';
  return (
    `${where === '' ? '' : `${capital(where)}, `}${name} against ${against} changes ` +
    `${inSentence(response.objective)} by ${differenceText(effect, analysis)} ` +
    `(${looks}, ${difference.samples} ${pairs}, ${adjusted}-adjusted ${pText(decision.p)}): ` +
    `${outcomeText(effect, analysis)}.`
  );
}

/** Interactions are tested against none; changes against the claim. */
function outcomeText({ contrast, decision }: Effect, { plan }: AblationAnalysis): string {
  if (contrast.kind !== 'interaction') return `the claim of ${plan.rule.claim} is ${decision!.verdict}`;
  return decision!.verdict === 'not decided' ? 'whether they interact is not decided' : 'they interact';
}

/**
 * How many seeds, or launches, a difference needs, from the noise measured so far; undefined without any.
 * @param differences default: a quarter, half and the whole of the noise, and the rule's margin
 */
export function powerLines(analysis: AblationAnalysis, differences?: readonly number[]): string[] {
  const { deviation, plan, response, effects } = analysis;
  if (deviation === undefined) return [];
  const comparisons = Math.max(1, effects.filter(({ contrast }) => contrast.kind !== 'interaction').length);
  const wanted = differences ?? [0.5 * deviation, deviation, 2 * deviation];
  const unit = response.unit === '' ? '' : ` ${response.unit}`;
  const text = (value: number): string => `${Number((value * response.scale).toPrecision(2))}${unit}`;
  const runs = response.kind === 'score' ? 'seeds' : 'launches';
  return wanted.map((difference) => {
    const seeds = seedsNeeded(plan.rule, difference, { deviation, comparisons, simulations: 400 });
    return (
      `a difference of ${text(difference)} beyond the margin needs ` +
      `${seeds === undefined ? 'more than 200' : seeds} ${runs} for a power of 80 % ` +
      `(noise of a paired difference: ${text(deviation)}; ` +
      `${comparisons} comparison${comparisons === 1 ? '' : 's'})`
    );
  });
}
