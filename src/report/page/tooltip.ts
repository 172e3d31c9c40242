/** The tooltip of one layout: strip, layout string and numbers as page elements, not as plot markup. */

import { candidateName } from '../../analysis/candidate-name.js';
import { countText } from '../../analysis/number-text.js';
import type { PageData } from '../page-data.js';
import { byId, el, stripElement } from './dom.js';
import { cellText, costOf, marksOf, type ViewState } from './view-state.js';

export function showTooltip(
  data: PageData,
  state: ViewState,
  candidate: number | undefined,
  event: MouseEvent | undefined,
): void {
  const tip = byId('tip');
  tip.hidden = candidate === undefined || event === undefined;
  if (candidate === undefined || event === undefined) return;
  const row = data.candidates[candidate]!;
  const cost = costOf(data, state.cost);
  const tied = cost && marksOf(cost).tied.has(candidate);
  const entry = (label: string, value: string | undefined): Node[] => [
    el('dt', {}, label),
    el('dd', {}, value ?? '–'),
  ];
  const score = data.figures.front?.score;
  const scoreText = cellText(data, state, 'score', candidate);
  const costText = cellText(data, state, 'cost', candidate);
  tip.replaceChildren(
    el('div', { class: 'mono' }, candidateName(row)),
    stripElement(row.stages, Math.max(1, ...row.stages.map((stage) => stage.width)), {
      size: 11,
      tallest: 20,
    }),
    el(
      'dl',
      {},
      ...(score ? entry(score.label, scoreText && `${scoreText}${score.unit && ` ${score.unit}`}`) : []),
      ...(cost
        ? entry(cost.label, costText && `${costText}${cost.format === 'measured' ? ` ${cost.unit}` : ''}`)
        : []),
      ...(cost?.name === 'params' ? [] : entry('Parameters', countText(row.params))),
      ...(cost?.name === 'macs' ? [] : entry('MACs', countText(row.macs))),
    ),
    el(
      'div',
      { class: 'muted' },
      [row.symmetry, cost && marksOf(cost).front.has(candidate) ? 'on the front' : '', tied ? 'tied' : '']
        .filter(Boolean)
        .join(' · '),
    ),
  );
  const { width, height } = tip.getBoundingClientRect();
  const left = event.clientX + 16 + width > innerWidth - 8 ? event.clientX - 16 - width : event.clientX + 16;
  const top = Math.min(Math.max(8, event.clientY - height / 2), innerHeight - height - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${top}px`;
}
