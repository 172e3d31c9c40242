/** `docs/report.md` is written from the terms of the page: `vitest run FILE -u` writes it anew. */
import { expect, it } from 'vitest';
import { termMeanings, withTerms } from '../../src/report/glossary.js';

const head = `# The report

\`stagecraft run\` writes the report beside its database, \`stagecraft report DATABASE\` writes it anew, and
\`stagecraft serve\` shows it live while a run writes. \`index.html\` is one file that asks nothing of the network.

| file | content |
| --- | --- |
| \`index.html\` | what may be compared, the front, table, figures, failures, how it was measured |
| \`results.csv\` | one row a network: scores and times with intervals, costs, flags |
| \`seeds.csv\` | one row a training |
| \`launches.csv\`, \`batches.csv\` | one row a network, batch and launch; the same pooled over launches |
| \`results.json\` | everything that the page shows |

\`stagecraft figure\` writes any figure of the page as SVG or PNG without a browser.

## Terms

The page explains a term on hovering, at its first use in each text. This table is written from the same
source, and a test compares it. [Architecture](architecture.md) has the glossary of the whole lab.

| term | meaning |
| --- | --- |
`;

it('docs/report.md has the terms of the page', async () => {
  const byMeaning = new Map<string, string[]>();
  for (const [term, meaning] of Object.entries(termMeanings))
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), term]);
  const rows = [...byMeaning].map(([meaning, names]) => `| ${names[0]} | ${meaning} |`);
  const sorted = rows.sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase(), 'en'));
  await expect(`${head}${sorted.join('\n')}\n`).toMatchFileSnapshot('../../docs/report.md');
});

it('withTerms explains the first use of a term, the longest that fits', () => {
  const meaning = termMeanings['Pareto fronts'];
  expect(withTerms('Pareto fronts, and Pareto fronts')).toBe(
    `<abbr title="${meaning}">Pareto fronts</abbr>, and Pareto fronts`,
  );
  expect(withTerms('the unmixed-layouts')).toBe('the unmixed-layouts');
});
