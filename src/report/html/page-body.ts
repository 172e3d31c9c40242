/**
 * The page's markup before its script runs: the conclusions, then plot and table, then smaller figures, then
 * how it was measured.
 */
import { verdictSentence } from '../../analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../analysis/ablation/analyse-ablation.js';
import type { Conclusions } from '../../analysis/summary/conclusions.js';
import { computeText } from '../../runtime/compute.js';
import { notVerified } from '../../setup/verified/verified-devices.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { chartSvg } from '../charts/chart-svg.js';
import type { Figure } from '../figures/figure.js';
import { chartFigures, type FigureInfos, type FigureName, figures } from '../figures/figure-table.js';
import { withTerms } from '../glossary.js';
import type { PageData } from '../page-data.js';
import { ablationSection } from './ablation-section.js';
import { classesSection } from './classes-section.js';
import { damagedSection } from './damaged-section.js';
import { elsewhereSection } from './elsewhere-section.js';
import { explorerSection } from './explorer-section.js';
import { failuresSection } from './failures-section.js';
import { groupDigits } from './group-digits.js';
import { measurementSection } from './measurement-section.js';
import { saveButtons, saveWidth } from './save-buttons.js';

/** Figures below the main plot. */
const smallFigures = ['groups', 'throughput', 'curves', 'fidelity', 'zeroCost', 'time'] as const;

export function pageBody(
  result: ExperimentResult,
  findings: Conclusions,
  data: PageData,
  infos: Partial<FigureInfos>,
): string {
  const charts = chartFigures.filter((name) => infos[name]).map((name) => chartSection(name, infos));
  const small = smallFigures.filter((name) => data.figures[name]).map((name) => figureSection(name, data));
  const sentences = findings.sentences.map((sentence) => `<p>${withTerms(escapeMarkup(sentence))}</p>`);
  const banner = findings.comparable
    .map((statement) => `<span>${withTerms(escapeMarkup(statement))}</span>`)
    .join('\n');
  return `<header class="page">
${masthead(result)}
<div class="comparable" role="note" aria-label="What may be compared">${banner}</div>
<div class="found">
<h1>${escapeMarkup(headlineOf(result, findings))}</h1>
<div class="findings">${sentences.join('\n')}</div>
</div>
</header>
<main>
<noscript><p>The plots and the table need JavaScript. The CSV and JSON files beside this page have the \
numbers.</p></noscript>
${ablationSection(result)}
${data.figures.front ? explorerSection(data) : ''}
${small.length > 0 ? `<section><div class="grid">${small.join('\n')}</div></section>` : ''}
${charts.length > 0 ? `<section><div class="grid">${charts.join('\n')}</div></section>` : ''}
${elsewhereSection(result)}
${classesSection(result, findings.score)}
${damagedSection(result)}
${failuresSection(result)}
${measurementSection(result)}
</main>
<footer class="page"><p>Made with stagecraft. This page is one file and makes no network requests. \
Machine-readable results: <code>results.csv</code>, <code>seeds.csv</code>, <code>batches.csv</code>, \
<code>launches.csv</code> and <code>results.json</code> beside it.</p></footer>
<div id="tip" class="tip" role="tooltip" hidden></div>`;
}

/** Of an ablation its verdict: what its arms are compared for is not their front. */
function headlineOf(result: ExperimentResult, { headline }: Conclusions): string {
  const analysis = analyseAblation(result);
  return analysis ? verdictSentence(analysis) : headline;
}

/** One line with experiment, data, device and date. */
function masthead({
  ablation,
  experiment,
  candidates,
  spaceCount,
  datasetName,
  device,
  environment,
  jobs,
}: ExperimentResult): string {
  const { key } = device;
  const threads = key.kind === 'cpu' ? `${key.threads} ${key.threads === 1 ? 'thread' : 'threads'}, ` : '';
  const ended = jobs.done + jobs.failed;
  const parts = [
    `<b>${escapeMarkup(experiment.name)}</b>`,
    ablation // arms may lie outside the space, or share a network
      ? `${ablation.arms.length} arms`
      : `${candidates.length} of ${escapeMarkup(groupDigits(spaceCount))} layouts`,
    escapeMarkup(datasetName),
    escapeMarkup(
      `${key.device}, ${threads}${runtimeNames[key.runtime]}, ${key.execution}${computeText(key)}`,
    ),
    ...(environment['verified'] === 'no' ? [`<b>${notVerified}</b>`] : []),
    escapeMarkup(experiment.createdAt.slice(0, 10)),
    ...(ended < jobs.planned ? [`<b>unfinished: ${ended} of ${jobs.planned} jobs</b>`] : []),
  ];
  const spans = parts.map((part) => `<span>${part}</span>`).join('');
  return (
    `<div class="masthead"><div>${spans}</div><span class="actions">${saveWidth}` +
    '<button type="button" id="print" hidden>Print, PDF</button>' +
    '<button type="button" id="theme-toggle" hidden></button></span></div>'
  );
}

const runtimeNames: Readonly<Record<string, string>> = {
  tensorflow: 'TensorFlow',
  wasm: 'WebAssembly',
  pytorch: 'PyTorch',
  onnxruntime: 'ONNX Runtime',
};

function figureSection(name: FigureName, data: PageData): string {
  const { title: titleOf, caption } = figures[name] as Figure<unknown>;
  const title = escapeMarkup(titleOf(data.figures[name]));
  const differences = name === 'groups' ? '<div id="group-differences" class="num"></div>' : '';
  const height = name === 'groups' || name === 'time' ? 'short' : 'tall';
  const captionText = withTerms(escapeMarkup(caption(data.figures[name])));
  return `<div class="figure"><h2>${title} ${saveButtons(name)}</h2>\
<p class="caption">${captionText}</p>${differences}\
<div id="plot-${name}" data-figure="${name}" class="plot ${height}" role="group" \
aria-label="${title}"></div></div>`;
}

/** Drawn here; the page's script only links its marks to the selection. */
function chartSection(name: (typeof chartFigures)[number], infos: Partial<FigureInfos>): string {
  const { title, caption, chart } = figures[name] as Required<Figure<unknown>>;
  const info = infos[name];
  return `<div class="figure" id="figure-${name}"><h2>${escapeMarkup(title(info))} ${saveButtons(name)}</h2>\
<p class="caption">${withTerms(escapeMarkup(caption(info)))}</p>
${chartSvg(chart(info), { theme: 'page' })}</div>`;
}
