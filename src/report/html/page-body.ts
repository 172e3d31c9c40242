/**
 * The page's markup before its script runs: findings first, then plot and table, then how, at the foot
 * everything it rests on.
 */

import { fixedText } from '../../analysis/number-text.js';
import { filterExample } from '../../analysis/row-filter.js';
import type { Conclusions } from '../../analysis/summary/conclusions.js';
import { computeText } from '../../runtime/compute.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import type { Figure } from '../figures/figure.js';
import type { FigureName } from '../figures/figure-table.js';
import { figures } from '../figures/figure-table.js';
import type { PageData } from '../page-data.js';
import { classesSection } from './classes-section.js';

export function pageBody(result: ExperimentResult, findings: Conclusions, data: PageData): string {
  const small = (['groups', 'throughput', 'curves', 'fidelity', 'zeroCost', 'time'] as const).filter(
    (name) => data.figures[name],
  );
  return `<header class="page">
${masthead(result)}
<div class="found">
<h1>${escapeMarkup(findings.headline)}</h1>
<div class="findings">${findings.sentences.map((sentence) => `<p>${escapeMarkup(sentence)}</p>`).join('\n')}</div>
</div>
</header>
<main>
<noscript><p>The plots and the table need JavaScript; the numbers are also in the CSV and JSON files beside this page.</p></noscript>
${data.figures.front ? explorer(data) : ''}
${small.length > 0 ? `<section><div class="grid">${small.map((name) => figureSection(name, data)).join('\n')}</div></section>` : ''}
${classesSection(result, findings.score)}
${failures(result)}
${foot(result)}
</main>
<footer class="page"><p>Made by stagecraft. This page is one file and asks nothing of the network. Machine-readable copies: <code>results.csv</code> and <code>results.json</code> beside it.</p></footer>
<div id="tip" class="tip" role="tooltip" hidden></div>`;
}

/** What was run, in one line. */
function masthead({
  experiment,
  candidates,
  spaceCount,
  datasetName,
  device,
  jobs,
}: ExperimentResult): string {
  const { key } = device;
  const parts = [
    `<b>${escapeMarkup(experiment.name)}</b>`,
    `${candidates.length} of ${escapeMarkup(grouped(spaceCount))} layouts`,
    escapeMarkup(datasetName),
    escapeMarkup(
      `${key.device}, ${key.kind === 'cpu' ? `${key.threads} ${key.threads === 1 ? 'thread' : 'threads'}, ` : ''}${runtimeNames[key.runtime]}, ${key.execution}${computeText(key)}`,
    ),
    escapeMarkup(experiment.createdAt.slice(0, 10)),
    ...(jobs.done + jobs.failed < jobs.planned
      ? [`<b>unfinished: ${jobs.done + jobs.failed} of ${jobs.planned} jobs</b>`]
      : []),
  ];
  return `<div class="masthead"><div>${parts.map((part) => `<span>${part}</span>`).join('')}</div><button type="button" id="theme-toggle" hidden></button></div>`;
}

const runtimeNames: Readonly<Record<string, string>> = { tensorflow: 'TensorFlow', wasm: 'WebAssembly' };
const grouped = (count: string): string =>
  /^\d+$/.test(count) ? count.replace(/\B(?=(\d{3})+$)/g, ',') : count;

function explorer(data: PageData): string {
  const { front } = figures;
  const info = data.figures.front!;
  const option = ({ id, label }: (typeof info.costs)[number]): string =>
    `<option value="${escapeMarkup(id)}">${escapeMarkup(label)}</option>`;
  const letters = new Set(
    data.candidates.flatMap((candidate) =>
      candidate.stages.flatMap((stage) => stage.letters.map((letter) => letter[0] ?? '')),
    ),
  );
  return `<div class="explorer">
<div>
<h2>${escapeMarkup(front.title(info))}</h2>
<p class="caption">${escapeMarkup(front.caption(info))}</p>
<div class="controls"><label for="cost">Against</label><select id="cost">${info.costs.map(option).join('')}</select>
<span class="legend"><span><i class="dot"></i>symmetric</span><span><i class="dot asymmetric"></i>asymmetric</span><span>size: parameters</span></span></div>
<div style="position: relative"><div id="plot-front" class="plot front" role="img" aria-label="Scatter plot of ${escapeMarkup(info.score.label)} against the chosen cost; the same numbers stand in the table"></div>
<div id="hover-ring" hidden style="position: absolute; left: -13px; top: -13px; width: 26px; height: 26px; border: 2px solid var(--accent); border-radius: 50%; pointer-events: none"></div></div>
<p class="caption" id="cost-interval"></p>
</div>
<div>
<h2>Layouts <span class="muted num" id="row-count" style="font-weight: 400; font-size: 14px" aria-live="polite"></span></h2>
<p class="caption"><span class="legend">${[...letters]
    .sort()
    .map((letter) => legendEntry(letter))
    .join(
      '',
    )}<span>heights: stage widths</span><span><b style="color: var(--text)">bold</b>: on the front</span></span></p>
<div class="controls"><input type="search" id="filter" aria-label="Filter layouts" placeholder="Filter: CC-*-TTTT  ${escapeMarkup(filterExample(info.score))}  params&lt;600k  front  !failed" autocomplete="off" spellcheck="false">
<button type="button" id="only-selected" hidden></button><button type="button" id="clear-selection" hidden>Clear</button></div>
<div class="problem" id="filter-problem" role="status"></div>
<div class="rows" id="rows" style="position: relative"><table aria-label="Layouts"><thead><tr><th></th><th></th>${[
    ['layout', 'Layout', '', ''],
    [
      'score',
      info.score.short.replace(/^[a-z](?![A-Z])/, (letter) => letter.toUpperCase()),
      info.score.unit,
      'r',
    ],
    ['cost', '', ' ', 'r'],
    ['params', 'Parameters', '', 'r'],
    ['macs', 'MACs', '', 'r'],
  ]
    .map(([name, label, unit, align]) => head(name!, label!, unit!, align!))
    .join('')}</tr></thead><tbody id="rows-body"></tbody></table>
<div class="empty" id="rows-empty" hidden>No layout passes the filter.</div></div>
<div class="detail" id="detail" hidden></div>
</div>
</div>`;
}

const head = (name: string, label: string, unit: string, align: string): string =>
  `<th id="head-${name}" class="${align}" scope="col"><button type="button" data-sort="${name}"><span class="label">${escapeMarkup(label)}</span><span class="arrow"></span>${unit === '' ? '' : `<span class="unit">${escapeMarkup(unit.trim())}</span>`}</button></th>`;

function legendEntry(letter: string): string {
  const known: Readonly<Record<string, string>> = { C: 'convolution', T: 'transformer', I: 'identity' };
  const colour =
    letter === 'C'
      ? 'var(--block-c)'
      : letter === 'T'
        ? 'var(--block-t)'
        : letter === 'I'
          ? ''
          : `var(--others-${(letter.codePointAt(0) ?? 0) % 5})`;
  return `<span><i class="swatch${colour ? '' : ' hollow'}"${colour ? ` style="background: ${colour}"` : ''}></i>${escapeMarkup(letter)}${known[letter] ? ` ${known[letter]}` : ''}</span>`;
}

function figureSection(name: FigureName, data: PageData): string {
  const { title: titleOf, caption } = figures[name] as Figure<unknown>;
  const title = titleOf(data.figures[name]);
  return `<div><h2>${escapeMarkup(title)}</h2><p class="caption">${escapeMarkup(caption(data.figures[name]))}</p>${name === 'groups' ? '<div id="group-differences" class="num"></div>' : ''}<div id="plot-${name}" data-figure="${name}" class="plot ${name === 'groups' || name === 'time' ? 'short' : 'tall'}" role="img" aria-label="${escapeMarkup(title)}"></div></div>`;
}

function failures(result: ExperimentResult): string {
  const rows = result.candidates.flatMap((candidate) =>
    [
      ...candidate.failures,
      ...(candidate.stopped ?? []).map(({ seed, reason, curve }) => ({
        job: 'train' as const,
        status: `stopped after ${curve.length} epochs`,
        reason,
        seed,
      })),
    ].map((failure: CandidateResult['failures'][number]) => ({ candidate, failure })),
  );
  if (rows.length === 0) return '';
  return `<section><h2>What did not finish</h2><p class="caption">A failed job and a training that was stopped early are rows with their reason, never a missing layout.</p><div class="scroll"><table class="failures"><thead><tr>${['Layout', 'Job', 'Status', 'Reason'].map((title) => `<th style="position: static; padding: 4px 8px">${title}</th>`).join('')}</tr></thead><tbody>
${rows.map(({ candidate, failure }) => `<tr><td class="mono">${escapeMarkup(candidate.layout)}</td><td>${escapeMarkup([failure.job, failure.batch === undefined ? '' : `batch ${failure.batch}`, failure.seed === undefined ? '' : `seed ${failure.seed}`].filter(Boolean).join(', '))}</td><td>${escapeMarkup(failure.status)}</td><td>${escapeMarkup(failure.reason)}</td></tr>`).join('\n')}
</tbody></table></div></section>`;
}

/** A run whose A/A control was not SAME is void as a comparison, and says so wherever its figures stand. */
function voidText(control: unknown): string {
  return String(control ?? '').includes('VOID')
    ? ` <strong>VOID as a comparison of times: the anchor network against itself was not SAME in a session that measured (${escapeMarkup(String(control))}).</strong>`
    : '';
}

/**
 * Environment, device key, protocol, recipe, space and experiment: what another person needs to measure it
 * again.
 */
function foot(result: ExperimentResult): string {
  const { experiment, device, otherDevices, environment, protocol, recipe } = result;
  const list = (title: string, values: Readonly<Record<string, unknown>>): string =>
    Object.keys(values).length === 0
      ? ''
      : `<div><h3>${escapeMarkup(title)}</h3><dl>${Object.entries(values)
          .map(
            ([name, value]) =>
              `<dt>${escapeMarkup(words(name))}</dt><dd>${escapeMarkup(valueText(value))}</dd>`,
          )
          .join('')}</dl></div>`;
  const text = (title: string, body: string): string =>
    `<div><h3>${escapeMarkup(title)}</h3><pre>${escapeMarkup(body.trimEnd())}</pre></div>`;
  return `<section><h2>How it was measured</h2><p class="caption">Numbers of one device key only${otherDevices.length > 0 ? `; the database holds rows of ${otherDevices.length} other ${otherDevices.length === 1 ? 'key' : 'keys'}, which never share a ranking` : ''}.${voidText(environment['control'])}</p><div class="facts">
${list('Device key', { ...device.key, id: device.id })}
${list('Environment while measuring', environment)}
${list('Protocol', protocol)}
${list('Recipe', recipe)}
${list('Data', { name: result.datasetName, hash: result.datasetHash, ...Object.fromEntries((result.splits ?? []).map(({ split, count, hash }) => [`${split} split`, `${grouped(String(count))} images, ${hash}`])) })}
${list('Experiment', { id: experiment.id, created: experiment.createdAt, 'space size': grouped(result.spaceCount), 'jobs planned': result.jobs.planned, 'jobs done': result.jobs.done, 'jobs failed': result.jobs.failed })}
${text('Experiment file', experiment.text)}
${text('Space file', experiment.spaceText)}
</div></section>`;
}

/** `warmupCapMs` → `warmup cap ms`. */
const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function valueText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? fixedText(value, 0) : String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === '' || value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'object'
    ? Object.entries(value)
        .map(([name, each]) => `${words(name)} ${valueText(each)}`)
        .join(', ')
    : String(value);
}
