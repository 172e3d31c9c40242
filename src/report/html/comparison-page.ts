/**
 * A comparison of strategies as one self-contained page: what was found, the figure, the rank table, the
 * method.
 */
import { fixedText } from '../../analysis/number-text.js';
import type { SearchObjective } from '../../search/objective.js';
import type { ComparisonRow, StrategyComparison } from '../../search/tables/compare-strategies.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { type Theme, themes } from '../report-theme.js';
import { comparisonSvg, rankedRows } from '../svg/comparison-svg.js';
import { htmlPage } from './html-page.js';

/** What the comparison was made of. */
export interface ComparisonSubject {
  readonly table: string;
  /** URL and licence of the table. */
  readonly source: string;
  readonly networks: number;
  readonly objectives: readonly SearchObjective[];
  readonly seeds: number;
  readonly budget: number;
  readonly workers: number;
  readonly scores: 'mean' | 'seeds';
}

/** Colours as the page's CSS variables, so that the figure follows the system's theme. */
const pageTheme: Theme = {
  ...themes.light,
  ...Object.fromEntries(
    Object.entries(themes.light).map(([name, value]) => {
      const variable = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return typeof value === 'string'
        ? [name, `var(--${variable})`]
        : [name, value.map((_, index) => `var(--others-${index})`)];
    }),
  ),
};

export const comparisonTitle = ({ table, budget, seeds, workers }: ComparisonSubject): string =>
  `${table}: ${budget} trials, ` +
  `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}${workers > 1 ? `, ${workers} workers` : ''}`;

/** The best strategy, and which others the seeds tell apart from it. */
export function comparisonFinding(comparison: StrategyComparison): string {
  const [best, ...others] = rankedRows(comparison);
  const tied = others.filter(({ p }) => p === undefined || p >= 0.05).map(({ label }) => label);
  const lead = `${best!.label} has the best mean rank, with ${percent(best!.share.value)} of the hypervolume`;
  if (others.length === 0) return `${lead}.`;
  if (tied.length === 0) return `${lead}, ahead of every other strategy (p < 0.05).`;
  // The least p of a signed-rank test is 2 / 2^seeds, which Holm multiplies by the number of tests.
  const needed = Math.ceil(Math.log2((2 * others.length) / 0.05));
  const tooFew = best!.share.samples < needed ? ` Fewer than ${needed} seeds cannot tell them apart.` : '';
  return `${lead}; not told apart from it: ${tied.join(', ')}.${tooFew}`;
}

const percent = (share: number): string => `${fixedText(100 * share, 2)} %`;
const probability = (p: number): string => (p < 0.001 ? '< 0.001' : fixedText(p, 3));

export function comparisonPage(comparison: StrategyComparison, subject: ComparisonSubject): string {
  const title = comparisonTitle(subject);
  const figure = comparisonSvg(title, comparison, { theme: pageTheme, workers: subject.workers });
  const body = `<header class="page"><h1>${escapeMarkup(comparisonFinding(comparison))}</h1></header>
<main>
<section><h2>Hypervolume and regret</h2>
<p class="caption">Lines: medians over the seeds. Bands: 95 % intervals of the median.</p>
<div class="scroll">${figure}</div></section>
<section><h2>Ranks after ${subject.budget} trials</h2>
<p class="caption">p: Wilcoxon's signed-rank test against the best mean rank, paired by seed, corrected by \
Holm.</p>
<div class="scroll">${rankTable(rankedRows(comparison))}</div></section>
<section><h2>How it was compared</h2><div class="facts">${facts(comparison, subject)}</div></section>
</main>`;
  const data = { subject, ...comparison };
  return htmlPage({ title, body, scripts: [], data: { plain: data } });
}

function rankTable(rows: readonly ComparisonRow[]): string {
  const head = ['strategy', 'hypervolume', '95 % interval', 'regret', 'mean rank', 'p', 'trials to 99 %'];
  const lines = rows.map(({ label, share, meanRank, p, trialsTo99 }) => [
    label,
    percent(share.value),
    `${fixedText(100 * share.low, 2)} to ${fixedText(100 * share.high, 2)}`,
    percent(1 - share.value),
    fixedText(meanRank, 2),
    p === undefined ? '' : probability(p),
    trialsTo99 === undefined ? 'not reached' : String(trialsTo99),
  ]);
  const cell = (text: string, index: number): string =>
    `<td${index > 0 ? ' class="r"' : ''}>${escapeMarkup(text)}</td>`;
  const heads = head.map((text, index) => `<th scope="col"${index > 0 ? ' class="r"' : ''}>${text}</th>`);
  return `<table><thead><tr>${heads.join('')}</tr></thead>
<tbody>${lines.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n')}</tbody></table>`;
}

function facts({ reference, timed }: StrategyComparison, subject: ComparisonSubject): string {
  const { objectives } = subject;
  const bounds = objectives.map(
    ({ name, better }, axis) => `${name} ${fixedText((better === 'higher' ? -1 : 1) * reference[axis]!, 4)}`,
  );
  const entries: readonly (readonly [string, string])[] = [
    ['table', `${subject.table}, ${subject.networks} networks`],
    ['source', subject.source],
    ['objectives', objectives.map(({ name, better }) => `${name} (${better})`).join(', ')],
    ['reference point', `${bounds.join(', ')}: beyond the worst of the table by a tenth of its range`],
    [
      'scores',
      subject.scores === 'mean'
        ? 'a search sees the mean over the table’s seeds'
        : 'repetition k of a network shows the k-th seed of the table; judged by the mean',
    ],
    ['workers', `${subject.workers} simulated`],
    ['times', timed ? 'of the table' : 'the table has none: an evaluation takes one second'],
  ];
  const lines = entries.map(([term, text]) => `<dt>${term}</dt><dd>${escapeMarkup(text)}</dd>`);
  return `<dl>${lines.join('')}</dl>`;
}
