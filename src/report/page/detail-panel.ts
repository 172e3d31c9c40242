/** The panel under plot and table: all measurements of the layout selected last. */

import { candidateName } from '../../analysis/candidate-name.js';
import {
  addedText,
  bytesText,
  countText,
  plusMinusText,
  significantText,
} from '../../analysis/number-text.js';
import type { ScoreInfo } from '../figures/front-figure.js';
import type { PageCandidate, PageData } from '../page-data.js';
import { byId, el, stripElement } from './dom.js';
import { asInterval, type ViewState } from './view-state.js';

export function showDetailPanel(data: PageData, state: ViewState): void {
  const panel = byId('detail');
  const index = state.selected.at(-1);
  const candidate = index === undefined ? undefined : data.candidates[index];
  panel.hidden = candidate === undefined;
  if (candidate === undefined || index === undefined) return;
  const score = data.figures.front?.score;
  const widest = Math.max(1, ...candidate.stages.map((stage) => stage.width));
  panel.replaceChildren(
    el(
      'div',
      {},
      el(
        'div',
        { class: 'name' },
        stripElement(candidate.stages, widest, { size: 13, tallest: 30 }) as HTMLElement,
        el('span', { class: 'mono' }, candidateName(candidate)),
      ),
      el(
        'div',
        { class: 'muted num' },
        `${candidate.arm === undefined ? '' : `${candidate.layout} · `}${candidate.symmetry} · ` +
          `widths ${candidate.stages.map((stage) => stage.width).join(', ')} · ` +
          `${countText(candidate.params)} parameters · ${countText(candidate.macs)} MACs · ` +
          `${bytesText(candidate.activationBytes)} live activations`,
      ),
      ...(score
        ? [
            el(
              'div',
              { class: 'num' },
              scoreText(score, index),
              seedsText(score, candidate),
              testText(score, candidate),
            ),
          ]
        : []),
      el('div', { class: 'muted' }, 'id ', el('code', {}, candidate.id)),
      ...candidate.failures.map((failure) => el('div', { class: 'problem' }, failureText(failure))),
    ),
    el('div', { class: 'scroll' }, profileTable(candidate)),
  );
}

const withUnit = ({ unit }: ScoreInfo, text: string): string => (unit ? `${text} ${unit}` : text);
const seedText = (score: ScoreInfo, value: number | null): string =>
  value === null ? '–' : withUnit(score, significantText(value * score.scale));

/** ` · seeds 1: 0.0968, 2: 0.0971`; empty without a training. */
function seedsText(score: ScoreInfo, { seeds }: PageCandidate): string {
  const texts = seeds.map((seed) => `${seed.seed}: ${seedText(score, seed.score)}`);
  return texts.length === 0 ? '' : ` · seeds ${texts.join(', ')}`;
}

/** ` · test split 1: 0.0968`; empty without a test score. */
function testText(score: ScoreInfo, { seeds }: PageCandidate): string {
  const tested = seeds.filter((seed) => seed.test !== undefined);
  return tested.length === 0
    ? ''
    : ` · test split ${tested.map((seed) => `${seed.seed}: ${seedText(score, seed.test!)}`).join(', ')}`;
}

function scoreText(score: ScoreInfo, candidate: number): string {
  const value = asInterval(score.values[candidate]);
  return value ? `${score.label} ${withUnit(score, plusMinusText(value, score.scale))}` : 'Not scored';
}

export function failureText({ job, status, reason, batch, seed }: PageCandidate['failures'][number]): string {
  const where = [job, batch === undefined ? '' : `batch ${batch}`, seed === undefined ? '' : `seed ${seed}`]
    .filter(Boolean)
    .join(', ');
  return `${where}: ${status}${reason ? ` – ${reason}` : ''}`;
}

function profileTable(candidate: PageCandidate): HTMLElement {
  if (candidate.profiles.length === 0) return el('p', { class: 'muted' }, 'No speed measured.');
  const head = [
    'Batch',
    'Images/s',
    'ms p50 / p90 / p99',
    'Peak memory',
    'Passes add',
    'First run',
    'Runs',
    'Status',
  ];
  return el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ...head.map((title, column) =>
          el(
            'th',
            { class: column < 7 ? 'r' : '', style: 'position: static; background: none; padding: 3px 8px' },
            title,
          ),
        ),
      ),
    ),
    el(
      'tbody',
      {},
      ...candidate.profiles.map((profile) =>
        el(
          'tr',
          {},
          ...[
            String(profile.batch),
            profile.imagesPerSecond ? plusMinusText(profile.imagesPerSecond) : '–',
            profile.latencyMs
              ? [profile.latencyMs.p50, profile.latencyMs.p90, profile.latencyMs.p99]
                  .map(significantText)
                  .join(' / ')
              : '–',
            profile.peakBytes === undefined ? '–' : bytesText(profile.peakBytes),
            addedText(profile),
            profile.firstRunMs === undefined ? '–' : `${significantText(profile.firstRunMs)} ms`,
            String(profile.launches),
          ].map((text) => el('td', { class: 'r' }, text)),
          el(
            'td',
            {},
            [profile.status, ...profile.flags].join(', '),
            profile.reason ? el('span', { class: 'muted' }, ` ${profile.reason}`) : undefined,
          ),
        ),
      ),
    ),
  );
}
