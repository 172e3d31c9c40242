/** A benchmark table from a file's text, by its form: CSV, or the JSON of NAS-Bench-Macro. */
import { UserError } from '../../util/errors.js';
import { nameHint } from '../../util/nearest-name.js';
import type { SearchObjective } from '../objective.js';
import type { BenchmarkTable } from './benchmark-table.js';
import { csvTable } from './csv-table.js';
import { nasBenchMacro } from './nas-bench-macro.js';

/** @param name file name: `.json` is NAS-Bench-Macro, anything else CSV */
export function readTable(text: string, name: string): BenchmarkTable {
  if (!name.endsWith('.json')) return csvTable(text, name);
  try {
    return nasBenchMacro(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new UserError(`${name}: a .json table must be valid JSON, got ${cause.message}`, { cause });
    throw cause;
  }
}

const usualCosts = /mac|flop|madd|mult-?add/i;

/**
 * The objectives of a search on a table.
 * @param names default: the first quantity to maximise, and the first of MACs, exact costs, other costs
 * @throws UserError for a name that is no quantity of the table
 */
export function usualObjectives(table: BenchmarkTable, names?: readonly string[]): SearchObjective[] {
  const known = Object.keys(table.quantities);
  const wrong = names?.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new UserError(
      'objective: ' +
        `must be a quantity of ${table.name}, got ${JSON.stringify(wrong)} (${nameHint(wrong, known)})`,
    );
  const [first] = table.space.enumerate();
  const exact = table.space.exact(first!);
  const scores = known.filter((name) => table.quantities[name] === 'higher');
  const costs = known.filter((name) => table.quantities[name] === 'lower');
  const cost =
    costs.find((name) => usualCosts.test(name)) ??
    costs.find((name) => Object.hasOwn(exact, name)) ??
    costs[0];
  const chosen = names ?? [...scores.slice(0, 1), ...(cost === undefined ? [] : [cost])];
  return chosen.map((name) => ({
    name,
    better: table.quantities[name]!,
    ...(Object.hasOwn(exact, name) ? { exact: true } : {}),
  }));
}
