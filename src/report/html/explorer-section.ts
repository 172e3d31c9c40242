/**
 * The interactive part of the page: the main plot with its controls, the table of layouts and the detail
 * panel.
 */
import { filterExample } from '../../analysis/row-filter.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { blockFill } from '../block-fill.js';
import { figures } from '../figures/figure-table.js';
import type { FrontInfo } from '../figures/front-figure.js';
import { withTerms } from '../glossary.js';
import type { PageData } from '../page-data.js';
import { saveButtons } from './save-buttons.js';

export function explorerSection(data: PageData): string {
  const info = data.figures.front!;
  return `<div class="explorer">
<div>
${plotColumn(info)}
</div>
<div>
${tableColumn(info, data)}
</div>
</div>`;
}

const ringStyle = [
  'position: absolute; left: -13px; top: -13px; width: 26px; height: 26px',
  'border: 2px solid var(--accent); border-radius: 50%; pointer-events: none',
].join('; ');

function plotColumn(info: FrontInfo): string {
  const { title, caption } = figures.front;
  const options = info.costs.map(
    ({ id, label }) => `<option value="${escapeMarkup(id)}">${escapeMarkup(label)}</option>`,
  );
  const { label: score } = info.score;
  const description = `Scatter plot of ${score} against the selected cost; the table has the same numbers`;
  return `<h2>${escapeMarkup(title(info))} ${saveButtons('front')}</h2>
<p class="caption">${withTerms(escapeMarkup(caption(info)))}</p>
<div class="controls"><label for="cost">Cost</label><select id="cost">${options.join('')}</select>
<span class="legend"><span><i class="dot"></i>${withTerms('symmetric')}</span>\
<span><i class="dot asymmetric"></i>${withTerms('asymmetric')}</span>\
<span><i class="dot unmixed"></i>${withTerms('unmixed')}</span><span>area: parameters</span></span></div>
<div style="position: relative"><div id="plot-front" class="plot front" role="group" \
aria-label="${escapeMarkup(description)}"></div>
<div id="hover-ring" hidden style="${ringStyle}"></div></div>
<p class="caption" id="cost-interval"></p>`;
}

function tableColumn(info: FrontInfo, data: PageData): string {
  const hasArms = data.candidates.some(({ arm }) => arm !== undefined);
  const letters = new Set(
    data.candidates.flatMap((candidate) =>
      candidate.stages.flatMap((stage) => stage.letters.map((letter) => letter[0] ?? '')),
    ),
  );
  const example = `Filter: CC-*-TTTT  ${filterExample(info.score)}  params<600k  front  !failed`;
  return `<h2>Layouts <span class="muted num" id="row-count" style="font-weight: 400; font-size: 14px" \
aria-live="polite"></span></h2>
<p class="caption"><span class="legend">${[...letters].sort().map(legendEntry).join('')}\
<span>heights: stage widths</span>\
<span><span><b style="color: var(--text)">bold</b>: on the front</span></span></span></p>
<div class="controls"><input type="search" id="filter" aria-label="Filter layouts" \
placeholder="${escapeMarkup(example)}" autocomplete="off" spellcheck="false">
<button type="button" id="only-selected" hidden></button>\
<button type="button" id="clear-selection" hidden>Clear</button></div>
<div class="problem" id="filter-problem" role="status"></div>
<p class="caption num" id="selection-text" role="status"></p>
<div class="rows" id="rows" style="position: relative"><table aria-label="Layouts"><thead><tr>\
<th></th><th></th>${tableHead(info, hasArms)}</tr></thead><tbody id="rows-body"></tbody></table>
<div class="empty" id="rows-empty" hidden>No layout matches the filter.</div></div>
<div class="detail" id="detail" hidden></div>`;
}

interface Head {
  readonly name: string;
  readonly label: string;
  readonly unit?: string;
  readonly isNumber: boolean;
}

function tableHead({ score }: FrontInfo, hasArms: boolean): string {
  const scoreLabel = score.short.replace(/^[a-z](?![A-Z])/, (letter) => letter.toUpperCase());
  const heads: readonly Head[] = [
    { name: 'layout', label: hasArms ? 'Arm' : 'Layout', isNumber: false },
    { name: 'score', label: scoreLabel, ...(score.unit && { unit: score.unit }), isNumber: true },
    { name: 'cost', label: '', unit: '', isNumber: true }, // label and unit of the selected cost
    { name: 'params', label: 'Parameters', isNumber: true },
    { name: 'macs', label: 'MACs', isNumber: true },
  ];
  return heads.map(headCell).join('');
}

function headCell({ name, label, unit, isNumber }: Head): string {
  const unitSpan = unit === undefined ? '' : `<span class="unit">${escapeMarkup(unit)}</span>`;
  return `<th id="head-${name}" class="${isNumber ? 'r' : ''}" scope="col">\
<button type="button" data-sort="${name}"><span class="label">${withTerms(escapeMarkup(label))}</span>\
<span class="arrow"></span>${unitSpan}</button></th>`;
}

function legendEntry(letter: string): string {
  const names: Readonly<Record<string, string>> = { C: 'convolution', T: 'transformer', I: 'identity' };
  const fill = blockFill(letter);
  const swatch =
    fill === 'none' ? '<i class="swatch hollow"></i>' : `<i class="swatch" style="background: ${fill}"></i>`;
  return `<span>${swatch}${escapeMarkup(letter)}${names[letter] ? ` ${names[letter]}` : ''}</span>`;
}
