/**
 * Results of other searches as the history of a new one: rows of a table matched to a space by names and
 * labels.
 */
import { UserError } from '../util/errors.js';
import { nameHint } from '../util/nearest-name.js';
import type { SearchSpace } from './candidate.js';
import type { EarlierResult } from './study.js';
import type { BenchmarkTable } from './tables/benchmark-table.js';

export interface EarlierResults {
  readonly results: readonly EarlierResult[];
  /** Rows whose choices are no member of the space. */
  readonly outside: number;
}

/**
 * Every training of the table, as a result of the space.
 * @param quantities names in the space's objectives, by the table's name; default: the same
 * @throws UserError where the table lacks a choice of the space
 * @example new Study({ ...settings, earlier: earlierResults(space, csvTable(text, 'old.csv')).results })
 */
export function earlierResults<V>(
  space: SearchSpace<V>,
  table: BenchmarkTable,
  quantities: Readonly<Record<string, string>> = {},
): EarlierResults {
  const columns = space.genes.map(({ name, choices }) => {
    const column = table.space.genes.findIndex((gene) => gene.name === name);
    // A choice with a single value says nothing, and other tools leave it out.
    if (column < 0 && choices > 1)
      throw new UserError(
        `${table.name}: a column for the choice ${JSON.stringify(name)} is needed, got none`,
        {
          fix: nameHint(
            name,
            table.space.genes.map((gene) => gene.name),
          ),
        },
      );
    return column;
  });
  const results: EarlierResult[] = [];
  let outside = 0;
  for (const member of table.space.enumerate()) {
    const genes = space.genes.map((gene, index) => {
      const column = columns[index]!;
      if (column < 0) return 0;
      const text = labelOf(table.space.genes[column]!, member.genes[column]!);
      return Array.from({ length: gene.choices }, (_, value) => value).findIndex(
        (value) => labelOf(gene, value) === text,
      );
    });
    const candidate = genes.includes(-1) ? undefined : space.withGenes(genes);
    for (const { values, seconds = 0 } of table.runs(member)) {
      if (!candidate) {
        outside++;
        continue;
      }
      const named = Object.entries(values).map(([name, value]) => [quantities[name] ?? name, value] as const);
      results.push({ genes, values: { ...space.exact(candidate), ...Object.fromEntries(named) }, seconds });
    }
  }
  return { results, outside };
}

const labelOf = ({ labels }: { readonly labels?: readonly string[] }, value: number): string =>
  labels?.[value] ?? String(value);
