/** The ablation in the page: question and verdict, forest plot, tables, sentences for a paper. */
import { effectSentence, powerLines } from '../../analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../analysis/ablation/analyse-ablation.js';
import { publishedSentence } from '../../analysis/ablation/published-ranks.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { effectsFigure } from '../figures/effects-figure.js';
import { forestSvg } from '../svg/forest-svg.js';
import { ablationTables } from '../tables/ablation-tables.js';
import type { Cell, Table } from '../tables/table.js';

/** Empty for a result of no ablation. */
export function ablationSection(result: ExperimentResult): string {
  const analysis = analyseAblation(result);
  const info = effectsFigure.info(result);
  if (!analysis || !info || !result.ablation) return '';
  const { planHash, frozenAt } = result.ablation;
  const sentences = analysis.effects.map((effect) => effectSentence(effect, analysis));
  const published = publishedSentence(analysis);
  const frozen = `The plan ${planHash} was frozen ${frozenAt.slice(0, 10)}, before the first trial.`;
  const caption = `<figcaption class="caption">${escapeMarkup(effectsFigure.caption(info))}</figcaption>`;
  return `<section id="ablation"><h2>${escapeMarkup(analysis.plan.question)}</h2>
<p class="caption">${escapeMarkup(frozen)}</p>
<figure style="margin:0" id="effects">${caption}
${forestSvg(info, { theme: 'page' })}</figure>
${ablationTables(analysis).map(htmlTable).join('\n')}
${published === '' ? '' : `<p>${escapeMarkup(published)}</p>`}
<h3>Sentences for a paper</h3>
${sentences.map((text) => `<p>${escapeMarkup(text)}</p>`).join('\n')}
${powerLines(analysis)
  .map((text) => `<p class="caption">${escapeMarkup(`Power: ${text}.`)}</p>`)
  .join('\n')}</section>`;
}

/** Aligned with the cells below it. */
const headStyle = 'style="position: static; padding: 2px 6px"';

function htmlTable({ caption, columns, rows, notes }: Table): string {
  const side = (align: string): string => (align === 'r' ? ' class="r"' : '');
  const content = ({ text, bold }: Cell): string =>
    bold ? `<b>${escapeMarkup(text)}</b>` : escapeMarkup(text);
  const head = columns
    .map(({ title, align }) => `<th scope="col"${side(align)} ${headStyle}>${escapeMarkup(title)}</th>`)
    .join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((each, i) => `<td${side(columns[i]!.align)}>${content(each)}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<p class="caption">${escapeMarkup([caption, ...notes].join(' '))}</p>
<div class="scroll" tabindex="0" style="margin-bottom: 1em"><table class="num"><thead><tr>
${head}</tr></thead><tbody>
${body}
</tbody></table></div>`;
}
