/**
 * What a replication needs: device key, environment, protocol, recipe, data, space file and experiment file.
 */
import { fixedText } from '../../analysis/number-text.js';
import { biasText, resolutionText } from '../../analysis/summary/resolution-text.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { groupDigits } from './group-digits.js';

export function measurementSection(result: ExperimentResult): string {
  const { experiment, device, environment, protocol, recipe, jobs } = result;
  const splits = (result.splits ?? []).map(({ split, count, hash }) => [
    `${split} split`,
    `${groupDigits(String(count))} images, ${hash}`,
  ]);
  return `<section><h2>How it was measured</h2><p class="caption">${caption(result)}</p><div class="facts">
${list('Device key', { ...device.key, id: device.id })}
${list('Environment while measuring', environment)}
${list('Protocol', protocol)}
${list('Recipe', recipe)}
${list('Data', { name: result.datasetName, hash: result.datasetHash, ...Object.fromEntries(splits) })}
${list('Experiment', {
  id: experiment.id,
  created: experiment.createdAt,
  'space size': groupDigits(result.spaceCount),
  'jobs planned': jobs.planned,
  'jobs done': jobs.done,
  'jobs failed': jobs.failed,
})}
${text('Experiment file', experiment.text)}
${text('Space file', experiment.spaceText)}
</div></section>`;
}

function caption(result: ExperimentResult): string {
  const { length } = result.otherDevices;
  const others =
    length > 0
      ? ` The database has rows of ${length} other ${length === 1 ? 'key' : 'keys'}, ` +
        'which are never ranked together.'
      : '';
  return `All numbers are of one device key.${others}${resolutionNote(result)}`;
}

/**
 * What the run resolves; bias in bold. Runs stored before the resolution was measured have a control instead.
 */
function resolutionNote(result: ExperimentResult): string {
  const bias = biasText(result);
  const resolution = resolutionText(result);
  const control = String(result.environment['control'] ?? '');
  const old = resolution === undefined && control !== '' ? `Control of the run: ${control}.` : '';
  return [
    ...(bias ? [` <strong>${escapeMarkup(bias)}.</strong>`] : []),
    ...(resolution ? [` ${escapeMarkup(resolution[0]!.toUpperCase() + resolution.slice(1))}.`] : []),
    ...(old === '' ? [] : [` ${escapeMarkup(old)}`]),
  ].join('');
}

function list(title: string, values: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(values).map(
    ([name, value]) => `<dt>${escapeMarkup(nameText(name))}</dt><dd>${escapeMarkup(valueText(value))}</dd>`,
  );
  return entries.length === 0 ? '' : `<div><h3>${escapeMarkup(title)}</h3><dl>${entries.join('')}</dl></div>`;
}

const text = (title: string, body: string): string =>
  `<div><h3>${escapeMarkup(title)}</h3><pre tabindex="0" role="region" ` +
  `aria-label="${escapeMarkup(title)}">${escapeMarkup(body.trimEnd())}</pre></div>`;

/** `warmupCapMs` → `warmup cap ms`. */
const nameText = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function valueText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? fixedText(value, 0) : String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === '' || value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${nameText(name)} ${valueText(each)}`)
    .join(', ');
}
