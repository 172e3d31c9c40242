/**
 * The table beside the plot: one row per architecture. Rows are created once, then sorted, hidden and marked
 * by the state.
 */
import { unitBeside } from '../../analysis/objectives/quantity-names.js';
import type { PageData } from '../page-data.js';
import { byId, el, numberCell, stripElement } from './dom.js';
import {
  type Action,
  type ColumnName,
  cellText,
  columnNames,
  costOf,
  shownColumns,
  type ViewState,
} from './view-state.js';

export interface LayoutTable {
  update(state: ViewState, order: readonly number[]): void;
  hover(candidate: number | undefined): void;
  scrollTo(candidate: number): void;
}

interface RowEvents {
  dispatch(action: Action): void;
  hover(candidate: number | undefined, event?: MouseEvent): void;
}

export function createLayoutTable(data: PageData, { dispatch, hover }: RowEvents): LayoutTable {
  const body = byId<HTMLTableSectionElement>('rows-body');
  const widest = Math.max(
    1,
    ...data.candidates.flatMap((candidate) => candidate.stages.map((stage) => stage.width)),
  );
  const rows = data.candidates.map((_, candidate) => createRow(data, candidate, widest));
  let drawnCost: string | undefined;
  let marked: HTMLElement[] = [];
  let hovered: HTMLElement | undefined;

  listenToRows(
    body,
    { dispatch, hover },
    (candidate) => marked.length === 1 && marked[0] === rows[candidate],
  );

  return {
    update(state, order) {
      if (drawnCost !== state.cost) {
        drawnCost = state.cost;
        fillCost(data, state, rows);
      }
      body.replaceChildren(...order.map((candidate) => rows[candidate]!));
      byId('rows-empty').hidden = order.length > 0;
      for (const row of marked) {
        row.classList.remove('selected');
        row.removeAttribute('aria-selected');
      }
      marked = state.selected.map((candidate) => rows[candidate]!);
      for (const row of marked) {
        row.classList.add('selected');
        row.setAttribute('aria-selected', 'true');
      }
      for (const name of columnNames) markSorted(name, state);
    },
    hover(candidate) {
      hovered?.classList.remove('hovered');
      hovered = candidate === undefined ? undefined : rows[candidate];
      hovered?.classList.add('hovered');
    },
    scrollTo(candidate) {
      const box = byId('rows');
      const row = rows[candidate]!;
      if (!row.isConnected) return;
      const top = row.offsetTop - 44; // below the sticky head
      if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 90)
        box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    },
  };
}

function candidateOf(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-candidate]') : null;
  return row ? Number(row.dataset['candidate']) : undefined;
}

/** A click or Enter selects a row; on the only selected row it clears the selection. */
function listenToRows(
  body: HTMLElement,
  { dispatch, hover }: RowEvents,
  isOnlySelected: (candidate: number) => boolean,
): void {
  const choose = (event: MouseEvent | KeyboardEvent): void => {
    const candidate = candidateOf(event.target);
    if (candidate === undefined) return;
    const add = event.ctrlKey || event.metaKey || event.shiftKey;
    const again = !add && isOnlySelected(candidate);
    dispatch({ kind: 'select', candidates: again ? [] : [candidate], add });
  };
  body.addEventListener('click', choose);
  body.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(event);
    } else moveFocus(event);
  });
  body.addEventListener('mouseover', (event) => hover(candidateOf(event.target)));
  body.addEventListener('mouseleave', () => hover(undefined));
  for (const button of document.querySelectorAll<HTMLElement>('th [data-sort]')) {
    button.addEventListener('click', () =>
      dispatch({ kind: 'sort', column: button.dataset['sort'] as ColumnName }),
    );
  }
}

/** Arrow and `aria-sort` of a column's head. */
function markSorted(name: ColumnName, { sort }: ViewState): void {
  const head = byId(`head-${name}`);
  const arrow = head.querySelector('.arrow')!;
  if (sort.column === name) {
    head.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
    arrow.textContent = sort.down ? '\u00a0↓' : '\u00a0↑';
  } else {
    head.removeAttribute('aria-sort');
    arrow.textContent = '';
  }
}

function createRow(data: PageData, candidate: number, widest: number): HTMLTableRowElement {
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
      { class: 'mono layout' },
      row.layout,
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

function fillCost(data: PageData, state: ViewState, rows: readonly HTMLTableRowElement[]): void {
  const cost = costOf(data, state.cost);
  byId('head-cost').querySelector('.label')!.textContent = cost?.label ?? 'Cost';
  byId('head-cost').querySelector('.unit')!.textContent = cost?.format === 'measured' ? unitBeside(cost) : '';
  const onFront = new Set(cost?.front ?? []);
  const shown = shownColumns(data, state);
  for (const name of columnNames) byId(`head-${name}`).hidden = !shown.includes(name);
  rows.forEach((row, candidate) => {
    for (const cell of row.querySelectorAll<HTMLElement>('[data-column]'))
      cell.hidden = !shown.includes(cell.dataset['column'] as ColumnName);
    row
      .querySelector('[data-column="cost"]')!
      .replaceChildren(...numberCell(cellText(data, state, 'cost', candidate)));
    row.querySelector('.layout')!.classList.toggle('on-front', onFront.has(candidate));
  });
}

/** Arrow keys move the focus between rows. */
function moveFocus(event: KeyboardEvent): void {
  const row = event.target instanceof Element ? event.target.closest('tr') : undefined;
  const next = {
    ArrowDown: row?.nextElementSibling,
    ArrowUp: row?.previousElementSibling,
  }[event.key];
  if (next instanceof HTMLElement) {
    event.preventDefault();
    next.focus();
  }
}
