/** Rows of the table beside the plot, and what stands for those that are not in the document. */
import { candidateName } from '../../analysis/candidate-name.js';
import type { PageData } from '../page-data.js';
import { el, numberCell, stripElement } from './dom.js';
import {
  type ColumnName,
  cellText,
  columnNames,
  costOf,
  marksOf,
  shownColumns,
  type ViewState,
} from './view-state.js';

/** @param widest width of the widest stage of all, for the strip */
export function createRow(data: PageData, candidate: number, widest: number): HTMLTableRowElement {
  const row = data.candidates[candidate]!;
  const failed = row.failures.length > 0;
  const hasAny = row.seeds.length > 0 || row.profiles.some(({ imagesPerSecond }) => imagesPerSecond);
  return el(
    'tr',
    { 'data-candidate': String(candidate), tabindex: '0' },
    el('td', { class: 'mark' }, el('span', { class: `dot ${row.symmetry}`, title: row.symmetry })),
    el('td', {}, stripElement(row.stages, widest) as HTMLElement),
    el(
      'td',
      { class: row.arm === undefined ? 'mono layout' : 'mono layout arm' },
      candidateName(row),
      failed
        ? el(
            'span',
            {
              class: 'badge',
              title: row.failures.map((failure) => `${failure.job}: ${failure.status}`).join(', '),
            },
            hasAny ? ' failed in part' : ' failed',
          )
        : undefined,
    ),
    ...columnNames
      .slice(1)
      .map((name) =>
        el(
          'td',
          { class: 'r', 'data-column': name },
          ...(name === 'cost' ? [] : numberCell(cellText(data, { cost: '' } as ViewState, name, candidate))),
        ),
      ),
  );
}

/** What depends on the cost. */
export function fillRow(data: PageData, state: ViewState, row: HTMLElement, candidate: number): void {
  const cost = costOf(data, state.cost);
  const shown = shownColumns(data, state);
  for (const cell of row.querySelectorAll<HTMLElement>('[data-column]'))
    cell.hidden = !shown.includes(cell.dataset['column'] as ColumnName);
  row
    .querySelector('[data-column="cost"]')!
    .replaceChildren(...numberCell(cellText(data, state, 'cost', candidate)));
  row.querySelector('.layout')!.classList.toggle('on-front', !!cost && marksOf(cost).front.has(candidate));
}

export function markRow(row: HTMLElement, isSelected: boolean): void {
  row.classList.toggle('selected', isSelected);
  if (isSelected) row.setAttribute('aria-selected', 'true');
  else row.removeAttribute('aria-selected');
}

/** Stands for rows that are not in the document. */
export const spacer = (height: number): HTMLElement[] =>
  height > 0
    ? [
        el(
          'tr',
          { 'aria-hidden': 'true' },
          el('td', { colspan: '8', style: `height: ${height}px; padding: 0` }),
        ),
      ]
    : [];
