/** The table that ends `docs/report.md` is written from the terms of the page: `vitest run FILE -u` writes it anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { termMeanings, withTerms } from '../../src/report/glossary.js';
import { repository } from '../import-graph.js';

const page = join(repository, 'docs/report.md');
const tableHead = '| term | meaning |\n| --- | --- |\n';

it('docs/report.md has the terms of the page', async () => {
  const byMeaning = new Map<string, string[]>();
  for (const [term, meaning] of Object.entries(termMeanings))
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), term]);
  const rows = [...byMeaning].map(([meaning, names]) => `| ${names[0]} | ${meaning} |`);
  const sorted = rows.sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase(), 'en'));
  const [head] = readFileSync(page, 'utf8').split(tableHead) as [string];
  await expect(`${head}${tableHead}${sorted.join('\n')}\n`).toMatchFileSnapshot(page);
});

it('withTerms explains the first use of a term, the longest that fits', () => {
  const meaning = termMeanings['Pareto fronts'];
  expect(withTerms('Pareto fronts, and Pareto fronts')).toBe(
    `<abbr title="${meaning}">Pareto fronts</abbr>, and Pareto fronts`,
  );
  expect(withTerms('the unmixed-layouts')).toBe('the unmixed-layouts');
});
