/** The table of damaged rows, which every other part of the page leaves out. */
import type { ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';

/** More rows are counted. */
const maxRows = 50;

/** Empty where no row is damaged. */
export function damagedSection({ damaged = [] }: Pick<ExperimentResult, 'damaged'>): string {
  if (damaged.length === 0) return '';
  const rows = damaged.slice(0, maxRows).map(({ table, row, column, reason }) => {
    const cells = [`${table} ${row}`, column, reason].map((text) => `<td>${escapeMarkup(text)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  const more = damaged.length > maxRows ? `, of which ${maxRows} are listed` : '';
  const heads = ['Row', 'Column', 'Problem'].map(
    (title) => `<th style="position: static; padding: 4px 8px">${title}</th>`,
  );
  return `<section><h2>Damaged rows</h2><p class="caption">The database holds ${damaged.length} damaged \
${damaged.length === 1 ? 'value' : 'values'}${more}. Nothing else on this page uses them. \
<code>npx stagecraft doctor DATABASE</code> examines the whole file.</p><div class="scroll">\
<table class="failures"><thead><tr>${heads.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></section>`;
}
