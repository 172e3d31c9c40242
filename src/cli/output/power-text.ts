/** What a plan can tell, as lines of `check` and `run`. */
import { scoreStepText } from '../../analysis/summary/comparable.js';
import { statedPower } from '../../analysis/summary/power-check.js';
import { percent } from '../../analysis/summary/resolution-text.js';
import { fewestOfAKind } from '../../analysis/summary/symmetry-comparison.js';
import type { PlanPower } from '../../lab/plan-power.js';

/**
 * @param source of the measured scatter, e.g. a database's path
 * @returns no line where the plan compares nothing
 */
export function powerLines(power: PlanPower, source: string): string[] {
  const { plan, check, score } = power;
  const networks = plan.symmetric + plan.asymmetric + plan.unmixed;
  const lines = [
    ...kindsLine(power),
    ...(check.networks === undefined
      ? oneSeedLine(plan.seeds)
      : [`two networks: ${scoreStepText(score, check.networks)} with ${plan.seeds} seeds each`]),
    ...(check.times === undefined
      ? []
      : [`times: ${percent(check.times)} with ${networks} networks in ${plan.launches} launches`]),
  ];
  if (lines.length === 0) return [];
  return [
    `can tell, in ${percent(statedPower)} of runs:`,
    ...lines.map((line) => `  ${line}`),
    `  ${scatterLine(power, source)}`,
  ];
}

function kindsLine({ plan, check, score }: PlanPower): string[] {
  if (!check.kinds) return [];
  const { symmetric, asymmetric, unmixed } = plan;
  const left = unmixed === 0 ? '' : `; ${unmixed} unmixed ${unmixed === 1 ? 'is' : 'are'} left out`;
  const who = `${symmetric} symmetric against ${asymmetric} asymmetric layouts`;
  return 'tooFew' in check.kinds
    ? [`kinds: nothing, ${who}${left}; a comparison takes ${fewestOfAKind} of each`]
    : [`kinds: ${scoreStepText(score, check.kinds.difference)}, ${who}${left}`];
}

const oneSeedLine = (seeds: number): string[] =>
  seeds === 1
    ? ['two networks: nothing with one seed, whose scatter the run cannot know; two seeds or more tell']
    : [];

/** `scatter: seeds 1.2 points and layouts 2.1 points (measured, FILE), launches 1.1 % (default)`. */
function scatterLine({ plan, scatter, score, defaults }: PlanPower, source: string): string {
  const parts = [
    ...(plan.seeds > 0 && scatter.seeds !== undefined
      ? [['seeds', scoreStepText(score, scatter.seeds)] as const]
      : []),
    ...(plan.seeds > 0 && scatter.layouts !== undefined
      ? [['layouts', scoreStepText(score, scatter.layouts)] as const]
      : []),
    ...(plan.launches > 0 && scatter.launches !== undefined
      ? [['launches', percent(scatter.launches)] as const]
      : []),
  ];
  const texts = parts.map(
    ([name, text]) =>
      `${name} ${text} ` +
      `(${defaults.includes(name) ? 'default of docs/benchmarks.md' : `measured, ${source}`})`,
  );
  const none =
    plan.seeds > 0 && scatter.seeds === undefined ? [`${score.short} unknown before the first results`] : [];
  return `scatter assumed: ${[...texts, ...none].join(', ')}`;
}
