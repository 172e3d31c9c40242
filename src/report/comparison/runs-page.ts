/**
 * The page that compares runs: fronts side by side, all networks with their numbers in each run, and how far
 * the runs agree. One self-contained file, as the report of one run.
 */
import type { ComparedRun, RunComparison } from '../../analysis/comparison/compared-runs.js';
import { mainCost } from '../../analysis/objectives/objectives.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import { conclusionsOf } from '../../analysis/summary/conclusions.js';
import { computeText } from '../../runtime/compute.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { chartSvg } from '../charts/chart-svg.js';
import { withTerms } from '../glossary.js';
import { groupDigits } from '../html/group-digits.js';
import { htmlPage } from '../html/html-page.js';
import { saveButtons, saveWidth } from '../html/save-buttons.js';
import { comparableSentences, comparisonHeadline } from './comparison-sentences.js';
import { frontPanelChart, inkOf } from './front-panel-chart.js';
import { type RunsPageData, runsPageData } from './runs-page-data.js';

/** @param script the page's code, as the build bundles it */
export function runsPage(comparison: RunComparison, script: string): string {
  const data = runsPageData(comparison);
  const title = `${comparison.runs.length} runs compared`;
  return htmlPage({
    title: `${title} – stagecraft report`,
    body: body(comparison, data),
    scripts: [script],
    data: { plain: data },
  });
}

function body(comparison: RunComparison, data: RunsPageData): string {
  const { runs, panels } = comparison;
  const statements = comparableSentences(comparison).map(
    (text) => `<span>${withTerms(escapeMarkup(text))}</span>`,
  );
  const findings = runs.map(({ key, label, result }) => {
    const { headline } = conclusionsOf(result);
    return `<p><b>${key}</b> ${escapeMarkup(label)}: ${withTerms(escapeMarkup(headline))}</p>`;
  });
  return `<header class="page">
<div class="masthead"><div><span><b>${runs.length} runs</b></span><span>${groupDigits(
    String(comparison.networks.length),
  )} networks</span></div><span class="actions">${saveWidth}\
<button type="button" id="print" hidden>Print, PDF</button>\
<button type="button" id="theme-toggle" hidden></button></span></div>
<div class="comparable" role="note" aria-label="What may be compared">${statements.join('\n')}</div>
<div class="found"><h1>${escapeMarkup(comparisonHeadline(comparison))}</h1>
<div class="findings">${findings.join('\n')}</div></div>
</header>
<main>
<section><h2>Fronts by device and batch size</h2>
<p class="caption">${withTerms(
    'Pareto fronts, one panel for each device key and cost. Runs share a panel where device key, data and ' +
      'recipe are the same. Bars are 95 % intervals, hollow points are tied.',
  )}</p>
<div class="grid">${panels.map((_, index) => panelSection(comparison, index)).join('\n')}</div></section>
<section><h2>Networks <span class="muted num" id="row-count" style="font-weight: 400; font-size: 14px" \
aria-live="polite"></span></h2>
${networkTable(comparison, data)}</section>
${agreementSection(comparison)}
<section><h2>Runs</h2><div class="scroll" tabindex="0" role="region" aria-label="Runs">
${runTable(runs)}</div></section>
</main>
<footer class="page"><p>Made with stagecraft. This page is one file and makes no network requests. \
Machine-readable results: <code>comparison.csv</code> beside it.</p></footer>`;
}

function panelSection({ panels, runs, networks }: RunComparison, index: number): string {
  const panel = panels[index]!;
  const rows = new Map(networks.map(({ id }, row) => [id, row]));
  const chart = frontPanelChart(
    panel,
    runs,
    (run, candidate) => rows.get(runs[run]!.result.candidates[candidate]!.architectureId)!,
  );
  const name = `front-${index + 1}`;
  const where = panel.device
    ? `${panel.device.key.device} (${panel.device.id.slice(0, 6)})`
    : 'counted, the same on every device';
  const title = escapeMarkup(panel.cost.label);
  return `<div class="figure" id="figure-${name}"><h3>${title} ${saveButtons(name)}</h3>\
<p class="caption">${escapeMarkup(where)}</p>
${chartSvg(chart, { theme: 'page' })}</div>`;
}

function networkTable({ runs, networks }: RunComparison, data: RunsPageData): string {
  const costs = runs.map(({ result }) => mainCost(result));
  const ties = runs.map(({ result, score }, run) => {
    const found = frontOf(result.candidates, costs[run]!, score).ties.flat();
    return new Set(found.map((index) => result.candidates[index]!.architectureId));
  });
  const head = runs.map(
    ({ key, label, result }, run) =>
      `<th colspan="2" title="${escapeMarkup(label)}" scope="colgroup"><i class="swatch" \
style="background: var(--${kebab(inkOf(run))})"></i> \
${key} ${escapeMarkup(result.experiment.name)}</th>`,
  );
  const sorts = data.runs.flatMap(({ score, cost }, run) =>
    [score, cost].map(
      ({ short, unit }, which) =>
        `<th class="r" scope="col"><button type="button" data-sort="${run}:${which}">${escapeMarkup(short)}\
<span class="arrow"></span>${unit && `<span class="unit">${escapeMarkup(unit)}</span>`}</button></th>`,
    ),
  );
  const rows = networks.flatMap(({ id, layout, results }, index) => {
    if (!data.networks[index]!.listed) return [];
    const cells = results.flatMap((candidate, run) => {
      const isFront = data.networks[index]!.front.includes(run);
      const mark = ties[run]!.has(id) ? '<span title="tied">=</span> ' : '';
      return [runs[run]!.score, costs[run]!].map((quantity) => {
        const at = candidate && quantity.read(candidate);
        const text = at ? `${mark}${escapeMarkup(withoutUnit(quantity.text(at), quantity.unit))}` : '–';
        return `<td class="r${isFront ? ' on-front' : ''}">${text}</td>`;
      });
    });
    return [
      `<tr data-candidate="${index}" tabindex="0" aria-selected="false">` +
        `<td class="mono">${escapeMarkup(layout)}</td>${cells.join('')}</tr>`,
    ];
  });
  const left = networks.length - rows.length;
  const rest = left > 0 ? ` ${groupDigits(String(left))} further networks are in comparison.csv.` : '';
  const marks = 'Bold: on the front of its run. =: tied. –: not in the run, or not measured.';
  return `<p class="caption">${marks}${rest}</p>
<div class="controls"><input type="search" id="filter" aria-label="Filter layouts" \
placeholder="Filter: CCTT" \
autocomplete="off" spellcheck="false"><button type="button" id="clear-selection" hidden>Clear</button></div>
<p class="num" id="selection-text" role="status"></p>
<div class="rows" id="rows"><table aria-label="Networks" aria-multiselectable="true" role="grid"><thead>
<tr><th rowspan="2" scope="col"><button type="button" data-sort="layout">Layout\
<span class="arrow"></span></button>\
</th>${head.join('')}</tr><tr>${sorts.join('')}</tr></thead>
<tbody id="rows-body">${rows.join('\n')}</tbody></table></div>`;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const withoutUnit = (text: string, unit: string): string =>
  unit !== '' && text.endsWith(` ${unit}`) ? text.slice(0, -unit.length - 1) : text;

function agreementSection({ agreements, runs }: RunComparison): string {
  if (agreements.length === 0) return '';
  const rows = agreements.map(({ runs: [a, b], quantity, tau }) => {
    const interval = `${tau.value.toFixed(2)} [${tau.low.toFixed(2)}, ${tau.high.toFixed(2)}]`;
    const cells = [runs[a]!.key, runs[b]!.key, quantity.label].map(
      (each) => `<td>${escapeMarkup(each)}</td>`,
    );
    return `<tr>${cells.join('')}<td class="r">${interval}</td><td class="r">${tau.samples}</td></tr>`;
  });
  return `<section><h2>Agreement of the runs</h2>
<p class="caption">${withTerms(
    'Kendall’s tau over the networks that both runs measured, with 95 % intervals. It \
compares two orders, and ranks no network across devices.',
  )}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Agreement of the runs"><table><thead><tr>\
<th scope="col">Run</th><th scope="col">Other run</th><th scope="col">Quantity</th>\
<th class="r" scope="col">tau</th><th class="r" scope="col">Networks</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>`;
}

function runTable(runs: readonly ComparedRun[]): string {
  const rows = runs.map(({ key: letter, file, result }) => {
    const { key, id } = result.device;
    const cells = [
      `${letter} ${result.experiment.name}`,
      result.experiment.id,
      `${key.device}, ${key.runtimeVersion}, ${key.execution}${computeText(key)} (${id.slice(0, 6)})`,
      `${result.datasetName}${result.datasetHash && ` (${result.datasetHash.slice(0, 8)})`}`,
      `${result.candidates.length}`,
      file,
    ];
    return `<tr>${cells.map((each) => `<td>${escapeMarkup(each)}</td>`).join('')}</tr>`;
  });
  const head = ['Run', 'Experiment', 'Device key', 'Data', 'Networks', 'Database'];
  return `<table><thead><tr>${head.map((each) => `<th scope="col">${each}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}
