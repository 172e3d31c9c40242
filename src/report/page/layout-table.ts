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
  marksOf,
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

/** Longer tables hold the rows near the visible ones only. */
const mostRows = 400;
/** Rows above and below the visible ones. */
const rowsBeyond = 40;
/** Pixels, until a row is measured. */
const usualRowHeight = 27;

export function createLayoutTable(data: PageData, events: RowEvents): LayoutTable {
  return new RowWindow(data, events);
}

/** Rows are created when they are first shown. */
class RowWindow implements LayoutTable {
  private readonly body = byId<HTMLTableSectionElement>('rows-body');
  private readonly box = byId('rows');
  private readonly widest: number;
  private rows = new Map<number, HTMLTableRowElement>();
  private order: readonly number[] = [];
  private positions = new Map<number, number>();
  private state: ViewState | undefined;
  private selected: ReadonlySet<number> = new Set();
  private hovered: HTMLElement | undefined;
  private rowHeight = usualRowHeight;
  /** Positions of the rows in the document: from, to. */
  private shown: readonly [number, number] = [0, 0];

  constructor(
    private readonly data: PageData,
    events: RowEvents,
  ) {
    this.widest = data.candidates.reduce(
      (most, { stages }) => stages.reduce((wide, { width }) => Math.max(wide, width), most),
      1,
    );
    listenToRows(
      this.body,
      events,
      (candidate) => this.selected.size === 1 && this.selected.has(candidate),
      (row, step) => this.focusFrom(row, step),
    );
    this.box.addEventListener('scroll', () => this.follow());
  }

  update(state: ViewState, order: readonly number[]): void {
    if (this.state?.cost !== state.cost) {
      this.rows = new Map();
      fillHead(this.data, state);
    }
    const isOther = this.order !== order || this.state?.cost !== state.cost;
    this.state = state;
    this.order = order;
    if (isOther) this.positions = new Map(order.map((candidate, position) => [candidate, position]));
    byId('rows-empty').hidden = order.length > 0;
    this.markSelected(new Set(state.selected));
    if (isOther) this.show(...this.visible());
    for (const name of columnNames) markSorted(name, state);
  }

  hover(candidate: number | undefined): void {
    this.hovered?.classList.remove('hovered');
    this.hovered = candidate === undefined ? undefined : this.rows.get(candidate);
    this.hovered?.classList.add('hovered');
  }

  scrollTo(candidate: number): void {
    const position = this.positions.get(candidate);
    if (position === undefined) return;
    const row = this.rows.get(candidate);
    const { box } = this;
    const top = row?.isConnected ? row.offsetTop - 44 : position * this.rowHeight; // below the sticky head
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 90)
      box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    this.follow();
  }

  private visible(): [from: number, to: number] {
    const { length } = this.order;
    if (length <= mostRows) return [0, length];
    const first = Math.floor(this.box.scrollTop / this.rowHeight);
    const count = Math.ceil(this.box.clientHeight / this.rowHeight);
    const from = Math.max(0, Math.min(first, length - count) - rowsBeyond);
    return [from, Math.min(length, from + count + 2 * rowsBeyond)];
  }

  /** Shows other rows where the visible ones come near the end of those in the document. */
  private follow(): void {
    if (this.order.length <= mostRows) return;
    const [from, to] = this.visible();
    if (Math.abs(from - this.shown[0]) > rowsBeyond / 2) this.show(from, to);
  }

  private show(from: number, to: number): void {
    const rows = this.order.slice(from, to).map((candidate, index) => this.rowOf(candidate, from + index));
    const above = spacer(from * this.rowHeight);
    const below = spacer((this.order.length - to) * this.rowHeight);
    this.body.replaceChildren(...above, ...rows, ...below);
    this.shown = [from, to];
    const table = this.body.closest('table')!;
    if (this.order.length > mostRows) table.setAttribute('aria-rowcount', String(this.order.length + 1));
    else table.removeAttribute('aria-rowcount');
    const height = rows[0]?.getBoundingClientRect().height ?? 0;
    if (height === 0 || Math.abs(height - this.rowHeight) < 0.5) return;
    this.rowHeight = height;
    if (this.order.length > mostRows) this.show(...this.visible()); // once, with the measured height
  }

  private rowOf(candidate: number, position: number): HTMLTableRowElement {
    let row = this.rows.get(candidate);
    if (!row) {
      row = createRow(this.data, candidate, this.widest);
      fillRow(this.data, this.state!, row, candidate);
      this.rows.set(candidate, row);
    }
    markRow(row, this.selected.has(candidate));
    if (this.order.length > mostRows) row.setAttribute('aria-rowindex', String(position + 2));
    return row;
  }

  private markSelected(selected: ReadonlySet<number>): void {
    const before = this.selected;
    this.selected = selected;
    for (const [candidate, row] of this.rows)
      if (before.has(candidate) !== selected.has(candidate)) markRow(row, selected.has(candidate));
  }

  /** Moves the focus to the next row of the order, which need not be in the document yet. */
  private focusFrom(row: HTMLElement, step: number): void {
    const position = this.positions.get(Number(row.dataset['candidate'])) ?? 0;
    const candidate = this.order[position + step];
    if (candidate === undefined) return;
    if (!this.rows.get(candidate)?.isConnected) {
      this.box.scrollTop = Math.max(0, (position + step) * this.rowHeight - this.box.clientHeight / 2);
      this.show(...this.visible());
    }
    this.rows.get(candidate)?.focus();
  }
}

function markRow(row: HTMLElement, isSelected: boolean): void {
  row.classList.toggle('selected', isSelected);
  if (isSelected) row.setAttribute('aria-selected', 'true');
  else row.removeAttribute('aria-selected');
}

/** Stands for rows that are not in the document. */
const spacer = (height: number): HTMLElement[] =>
  height > 0
    ? [
        el(
          'tr',
          { 'aria-hidden': 'true' },
          el('td', { colspan: '8', style: `height: ${height}px; padding: 0` }),
        ),
      ]
    : [];

function candidateOf(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-candidate]') : null;
  return row ? Number(row.dataset['candidate']) : undefined;
}

/** A click or Enter selects a row; on the only selected row it clears the selection. */
function listenToRows(
  body: HTMLElement,
  { dispatch, hover }: RowEvents,
  isOnlySelected: (candidate: number) => boolean,
  focusFrom: (row: HTMLElement, step: number) => void,
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
    } else moveFocus(event, focusFrom);
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

/** The head of the cost column, and which columns are shown. */
function fillHead(data: PageData, state: ViewState): void {
  const cost = costOf(data, state.cost);
  byId('head-cost').querySelector('.label')!.textContent = cost?.label ?? 'Cost';
  byId('head-cost').querySelector('.unit')!.textContent = cost?.format === 'measured' ? unitBeside(cost) : '';
  const shown = shownColumns(data, state);
  for (const name of columnNames) byId(`head-${name}`).hidden = !shown.includes(name);
}

function fillRow(data: PageData, state: ViewState, row: HTMLElement, candidate: number): void {
  const cost = costOf(data, state.cost);
  const shown = shownColumns(data, state);
  for (const cell of row.querySelectorAll<HTMLElement>('[data-column]'))
    cell.hidden = !shown.includes(cell.dataset['column'] as ColumnName);
  row
    .querySelector('[data-column="cost"]')!
    .replaceChildren(...numberCell(cellText(data, state, 'cost', candidate)));
  row.querySelector('.layout')!.classList.toggle('on-front', !!cost && marksOf(cost).front.has(candidate));
}

/** Arrow keys move the focus between rows. */
function moveFocus(event: KeyboardEvent, focusFrom: (row: HTMLElement, step: number) => void): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('tr') : undefined;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!row || step === undefined) return;
  event.preventDefault();
  focusFrom(row, step);
}
