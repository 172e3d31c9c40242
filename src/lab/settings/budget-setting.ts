/** `budget 200 trials 3 hours until steady(trials: 30)`: what ends a search, whichever comes first. */
import type { Term } from '../../language/experiment-file.js';
import type { Mutable } from '../../util/mutable.js';
import type { ParamTable } from '../../util/params.js';
import type { SearchBudget } from '../search/search-budget.js';
import { readCall, termText } from './read-terms.js';
import type { ReadContext, Setting, SettingSource } from './setting.js';

const steadyParams = {
  trials: { kind: 'int', min: 1, max: 1_000_000, default: 30, doc: 'answers in a row without a rise' },
  rise: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.001,
    doc: 'rise of the hypervolume that counts, as a fraction of it',
  },
} as const satisfies ParamTable;

export const defaultBudget: SearchBudget = { trials: 100 };
/** Words of a limit, with what one of them is in its unit. */
const units: Readonly<Record<string, readonly ['trials' | 'hours', number]>> = {
  trial: ['trials', 1],
  trials: ['trials', 1],
  h: ['hours', 1],
  hour: ['hours', 1],
  hours: ['hours', 1],
  minutes: ['hours', 1 / 60],
};

export const budgetSetting: Setting<SearchBudget> = {
  keyword: 'budget',
  summary: 'what ends a search: 200 trials, 3 hours, until steady(trials: 30), or several of them',
  example: 'budget  200 trials  3 hours  until steady(trials: 30)',
  reference:
    'Default: 100 trials. Hours are those of evaluations over the number of workers, so that a ' +
    'resumed search ' +
    'has the same budget. `until steady` ends a search whose hypervolume no longer rises.',
  calls: { steady: steadyParams },
  needs: 'strategy',
  read: (source, context) => (source ? readBudget(source, context) : defaultBudget),
  meaning: (budget) => (budget ? { budget } : {}),
};

function readBudget(source: SettingSource, { diagnostics }: ReadContext): SearchBudget | undefined {
  const budget: Mutable<SearchBudget> = {};
  const fail = (term: Term, expected: string): undefined =>
    diagnostics.error(
      term.span,
      `budget must be ${expected}, got ${JSON.stringify(termText(term))}`,
      budgetSetting.example,
    );
  for (let at = 0; at < source.terms.length; at += 2) {
    const [first, second] = [source.terms[at]!, source.terms[at + 1]];
    if (first.kind === 'text' && first.value === 'until') {
      const read = second && readCall(source, { steady: steadyParams }, diagnostics, { term: second });
      if (!second) return fail(first, 'until steady(…)');
      if (!read) return undefined;
      budget.steady = { trials: Number(read.values.trials), rise: Number(read.values.rise) };
      continue;
    }
    const unit = second?.kind === 'text' ? units[second.value] : undefined;
    if (first.kind !== 'number' || first.value <= 0) return fail(first, 'a number of trials or hours');
    if (!unit) return fail(second ?? first, `a number and one of ${Object.keys(units).join(', ')}`);
    const [name, factor] = unit;
    if (name === 'trials' && !Number.isInteger(first.value)) return fail(first, 'a whole number of trials');
    if (budget[name] !== undefined) return fail(first, `given once in ${name}`);
    budget[name] = first.value * factor;
  }
  return budget;
}
