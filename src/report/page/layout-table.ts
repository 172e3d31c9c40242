/**
 * The table beside the plot: one row per architecture. Rows are created once, then sorted, hidden and marked
 * by the state.
 */

import { unitBeside } from '../../analysis/objectives/quantity-names.js';
import type { PageData } from '../page-data.js';
import { afterFrame } from './after-frame.js';
import { type CandidateSet, candidateSet } from './candidate-set.js';
import { byId } from './dom.js';
import { createRow, fillRow, markRow, spacer } from './layout-rows.js';
import {
  type Action,
  type ColumnName,
  columnNames,
  costOf,
  shownColumns,
  type ViewState,
} from './view-state.js';

export interface LayoutTable {
  /** @param target a layout whose row comes into view, once `scroll` is called */
  update(state: ViewState, order: readonly number[], target?: number): void;
  /** Scrolls to the target. Its forced layout is that of the frame where nothing else changes afterwards. */
  scroll(): void;
  hover(candidate: number | undefined): void;
}

interface RowEvents {
  dispatch(action: Action): void;
  hover(candidate: number | undefined, event?: MouseEvent): void;
}

/** Longer tables hold the rows near the visible ones only. */
const mostRows = 400;
/** Rows above and below the visible ones. */
const rowsBeyond = 24;
/** So many of these are there at least, also in the frame that answers a selection. */
const fewestBeyond = 8;
/** Pixels, until a row is measured. */
const usualRowHeight = 27;
/** Pixels that the sticky head covers. */
const headHeight = 44;

export function createLayoutTable(data: PageData, events: RowEvents): LayoutTable {
  return new RowWindow(data, events);
}

/** Rows are created when they are first shown. */
class RowWindow implements LayoutTable {
  private readonly body = byId<HTMLTableSectionElement>('rows-body');
  private readonly box = byId('rows');
  /** Of `box` as it was before it is drawn anew: reading it afterwards would force a layout. */
  private view = { top: 0, height: 0 };
  private target: number | undefined;
  private readonly widest: number;
  private rows = new Map<number, HTMLTableRowElement>();
  private order: readonly number[] = [];
  private positions = new Map<number, number>();
  private state: ViewState | undefined;
  private selected = candidateSet([]);
  private hovered: HTMLElement | undefined;
  private rowHeight = usualRowHeight;
  /** Whether rows as they are now, with this cost, were measured. */
  private isMeasured = false;
  private readonly extend = afterFrame(() => {
    this.look();
    if (this.order.length > mostRows) this.show(...this.visible());
  });
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
    this.box.addEventListener('scroll', () => {
      this.look();
      this.follow();
    });
  }

  update(state: ViewState, order: readonly number[], target?: number): void {
    this.look();
    if (this.state?.cost !== state.cost) {
      this.rows = new Map();
      this.isMeasured = false;
      fillHead(this.data, state);
    }
    const isOther = this.order !== order || this.state?.cost !== state.cost;
    this.state = state;
    this.order = order;
    if (isOther) this.positions = new Map(order.map((candidate, position) => [candidate, position]));
    byId('rows-empty').hidden = order.length > 0;
    this.markSelected(candidateSet(state.selected));
    this.target = target;
    const position = target === undefined ? undefined : this.positions.get(target);
    const top = position === undefined ? undefined : this.topFor(position * this.rowHeight);
    if (top !== undefined) this.view.top = top;
    if (isOther) this.show(...this.visible());
    else this.follow(fewestBeyond);
    for (const name of columnNames) markSorted(name, state);
  }

  hover(candidate: number | undefined): void {
    this.hovered?.classList.remove('hovered');
    this.hovered = candidate === undefined ? undefined : this.rows.get(candidate);
    this.hovered?.classList.add('hovered');
  }

  scroll(): void {
    const { target, box } = this;
    this.target = undefined;
    if (target === undefined) return;
    if (this.order.length > mostRows) {
      if (box.scrollTop !== this.view.top) box.scrollTop = this.view.top;
      return;
    }
    const row = this.rows.get(target);
    this.look();
    const top = row?.isConnected ? this.topFor(row.offsetTop - headHeight) : undefined;
    if (top !== undefined) box.scrollTop = top;
  }

  /** Where the box scrolls so that a row at `top` is seen; undefined where it is. */
  private topFor(top: number): number | undefined {
    const { view } = this;
    const isSeen = top >= view.top && top <= view.top + view.height - 90;
    return isSeen ? undefined : Math.max(0, top - view.height / 3);
  }

  /** Reads the document, which is quick before it changes. */
  private look(): void {
    const { box, body } = this;
    this.view = { top: box.scrollTop, height: box.clientHeight };
    const [first, second] = body.querySelectorAll<HTMLElement>('tr[data-candidate]');
    const height = (second ?? first)?.getBoundingClientRect().height ?? 0; // the first has no border
    if (height > 0) this.rowHeight = height;
  }

  private visible(beyond = rowsBeyond): [from: number, to: number] {
    const { length } = this.order;
    if (length <= mostRows) return [0, length];
    const first = Math.floor(this.view.top / this.rowHeight);
    const count = Math.ceil(this.view.height / this.rowHeight);
    const from = Math.max(0, Math.min(first, length - count) - beyond);
    return [from, Math.min(length, from + count + 2 * beyond)];
  }

  /** Shows other rows where the visible ones come near the end of those in the document. */
  private follow(beyond = rowsBeyond): void {
    if (this.order.length <= mostRows) return;
    const [from, to] = this.visible(fewestBeyond);
    if (from >= this.shown[0] && to <= this.shown[1]) return;
    this.show(...this.visible(beyond));
    if (beyond < rowsBeyond) this.extend();
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
    if (this.isMeasured || rows.length === 0) return;
    this.isMeasured = true;
    this.look();
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

  private markSelected(selected: CandidateSet): void {
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
      this.look();
      this.view.top = Math.max(0, (position + step) * this.rowHeight - this.view.height / 2);
      this.show(...this.visible());
      this.box.scrollTop = this.view.top;
    }
    this.rows.get(candidate)?.focus();
  }
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

/** The head of the cost column, and which columns are shown. */
function fillHead(data: PageData, state: ViewState): void {
  const cost = costOf(data, state.cost);
  byId('head-cost').querySelector('.label')!.textContent = cost?.label ?? 'Cost';
  byId('head-cost').querySelector('.unit')!.textContent = cost?.format === 'measured' ? unitBeside(cost) : '';
  const shown = shownColumns(data, state);
  for (const name of columnNames) byId(`head-${name}`).hidden = !shown.includes(name);
}

/** Arrow keys move the focus between rows. */
function moveFocus(event: KeyboardEvent, focusFrom: (row: HTMLElement, step: number) => void): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('tr') : undefined;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!row || step === undefined) return;
  event.preventDefault();
  focusFrom(row, step);
}
