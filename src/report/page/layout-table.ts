/**
 * The table beside the plot: one row an architecture, made once, then ordered, hidden and marked as the state
 * says.
 */
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

  const candidateOf = (target: EventTarget | null): number | undefined => {
    const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-candidate]') : null;
    return row ? Number(row.dataset['candidate']) : undefined;
  };
  const choose = (event: MouseEvent | KeyboardEvent): void => {
    const candidate = candidateOf(event.target);
    if (candidate === undefined) return;
    const add = event.ctrlKey || event.metaKey || event.shiftKey;
    const again = !add && rows[candidate]!.classList.contains('selected') && marked.length === 1;
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
      for (const name of columnNames) {
        const head = byId(`head-${name}`);
        if (state.sort.column === name)
          head.setAttribute('aria-sort', state.sort.down ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
        head.querySelector('.arrow')!.textContent =
          state.sort.column === name ? (state.sort.down ? '\u00a0↓' : '\u00a0↑') : '';
      }
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

function createRow(data: PageData, candidate: number, widest: number): HTMLTableRowElement {
  const row = data.candidates[candidate]!;
  const failed = row.failures.length > 0;
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
            ' failed',
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
  byId('head-cost').querySelector('.unit')!.textContent = cost?.format === 'measured' ? cost.unit : '';
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

/** Arrow keys walk the rows. */
function moveFocus(event: KeyboardEvent): void {
  const next =
    event.key === 'ArrowDown'
      ? 'nextElementSibling'
      : event.key === 'ArrowUp'
        ? 'previousElementSibling'
        : undefined;
  const row = next && event.target instanceof Element ? event.target.closest('tr')?.[next] : undefined;
  if (row instanceof HTMLElement) {
    event.preventDefault();
    row.focus();
  }
}
