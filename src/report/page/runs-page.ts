/** Controller of the page that compares runs: one selection for all charts and the table. */
import type { RunsPageData } from '../comparison/runs-page-data.js';
import { ChartLinks } from './chart-links.js';
import { byId } from './dom.js';
import { printInLight, wireThemeToggle } from './plots/plot-style.js';
import { listenToSaves } from './save-figure.js';
import { selectedRange, selectionText } from './selection-text.js';

/** `layout`, or run and which of its two numbers. */
type SortKey = 'layout' | readonly [run: number, which: 0 | 1];
interface Sort {
  readonly key: SortKey;
  readonly down: boolean;
}

export class RunsPage {
  private selected: readonly number[] = [];
  private sort: Sort | undefined;
  private readonly rows: readonly HTMLTableRowElement[];
  private charts: ChartLinks | undefined;

  constructor(private readonly data: RunsPageData) {
    this.rows = [...document.querySelectorAll<HTMLTableRowElement>('#rows-body tr')];
  }

  start(): void {
    wireThemeToggle(byId<HTMLButtonElement>('theme-toggle'), () => undefined); // charts follow the style
    printInLight(() => undefined);
    listenToSaves();
    this.charts = new ChartLinks({
      dispatch: (action) => {
        if (action.kind === 'select') this.select(action.candidates, action.add ?? false);
      },
      hover: (candidate) => this.hover(candidate),
    });
    this.listenToRows();
    this.listenToControls();
    this.select(this.linked(), false);
  }

  private listenToRows(): void {
    const body = byId('rows-body');
    const rowOf = (event: Event): HTMLTableRowElement | null =>
      event.target instanceof Element
        ? event.target.closest<HTMLTableRowElement>('tr[data-candidate]')
        : null;
    body.addEventListener('click', (event) => {
      const row = rowOf(event);
      if (row) this.select([candidateOf(row)], event.shiftKey || event.ctrlKey || event.metaKey);
    });
    body.addEventListener('keydown', (event) => {
      const row = rowOf(event);
      if (!row) return;
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        this.select([candidateOf(row)], event.shiftKey || event.ctrlKey || event.key === ' ');
      }
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      const shown = [...body.querySelectorAll<HTMLTableRowElement>('tr')].filter(({ hidden }) => !hidden);
      const next = shown[shown.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)];
      if (next) this.focusRow(next);
    });
    const [first] = this.rows;
    if (first) this.makeReachable(first);
  }

  /** One row at a time is reached by the Tab key; arrows move among them. */
  private makeReachable(row: HTMLTableRowElement): void {
    for (const each of this.rows) each.tabIndex = each === row ? 0 : -1;
  }

  private focusRow(row: HTMLTableRowElement): void {
    this.makeReachable(row);
    row.focus();
  }

  private listenToControls(): void {
    const filter = byId<HTMLInputElement>('filter');
    filter.addEventListener('input', () => this.filterRows(filter.value));
    this.filterRows('');
    byId('clear-selection').addEventListener('click', () => this.select([], false));
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-sort]'))
      button.addEventListener('click', () => this.sortBy(button));
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.select([], false);
      if (event.key === '/' && document.activeElement !== filter) {
        event.preventDefault();
        filter.focus();
      }
    });
  }

  private filterRows(text: string): void {
    const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of this.rows) {
      const { layout, id } = this.data.networks[candidateOf(row)]!;
      const name = `${layout.toLowerCase()} ${id}`;
      row.hidden = !words.every((word) => name.includes(word));
      if (!row.hidden) shown++;
    }
    const of = this.data.networks.length;
    byId('row-count').textContent = shown === of ? `${of} networks` : `${shown} of ${of} networks`;
  }

  /** Best first, at the second click worst first. */
  private sortBy(button: HTMLButtonElement): void {
    const text = button.dataset['sort']!;
    const [run, which] = text.split(':').map(Number);
    const key: SortKey = text === 'layout' ? 'layout' : [run!, which === 0 ? 0 : 1];
    const isSame = String(this.sort?.key) === String(key);
    const down = isSame ? !this.sort!.down : this.bestIsDown(key);
    this.sort = { key, down };
    for (const head of document.querySelectorAll('th[aria-sort]')) head.removeAttribute('aria-sort');
    for (const arrow of document.querySelectorAll('th .arrow')) arrow.textContent = '';
    button.closest('th')!.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    button.querySelector('.arrow')!.textContent = down ? ' ↓' : ' ↑';
    const sorted = [...this.rows].sort((a, b) => this.compare(candidateOf(a), candidateOf(b)));
    byId('rows-body').append(...sorted);
  }

  private bestIsDown(key: SortKey): boolean {
    if (key === 'layout') return false;
    const { score, cost } = this.data.runs[key[0]]!;
    return (key[1] === 0 ? score : cost).better === 'higher';
  }

  /** Networks without a value come last. */
  private compare(a: number, b: number): number {
    const { key, down } = this.sort!;
    const { networks } = this.data;
    const sign = down ? -1 : 1;
    if (key === 'layout') return sign * networks[a]!.layout.localeCompare(networks[b]!.layout);
    const [x, y] = [a, b].map((each) => networks[each]!.values[key[0]]![key[1]]);
    if (x === null || y === null || x === undefined || y === undefined)
      return Number(x === null) - Number(y === null);
    return sign * (x - y);
  }

  private select(candidates: readonly number[], add: boolean): void {
    const [candidate] = candidates;
    const isOn = candidate !== undefined && this.selected.includes(candidate);
    const others = this.selected.filter((each) => each !== candidate);
    if (!add) this.selected = candidates;
    else this.selected = isOn ? others : [...this.selected, ...candidates];
    const chosen = new Set(this.selected);
    for (const row of this.rows) {
      const is = chosen.has(candidateOf(row));
      row.classList.toggle('selected', is);
      row.setAttribute('aria-selected', String(is));
    }
    this.charts?.mark(this.selected);
    byId('clear-selection').hidden = chosen.size === 0;
    byId('selection-text').textContent = this.rangesText();
    history.replaceState(null, '', this.link());
  }

  /** Ranges of what is selected, by run. */
  private rangesText(): string {
    const { runs, networks } = this.data;
    if (this.selected.length === 0) return '';
    const columns = runs.flatMap(({ label, score, cost }, run) =>
      [score, cost].map((quantity, which) => ({
        label: runs.length > 1 ? `${label}: ${quantity.short}` : quantity.short,
        unit: quantity.unit,
        range: selectedRange(this.selected, (each) => {
          const value = networks[each]!.values[run]![which === 0 ? 0 : 1];
          return value === null ? undefined : value * quantity.scale;
        }),
      })),
    );
    const { selected } = this;
    return selectionText(selected.length, (at) => networks[selected[at]!]!.layout, columns);
  }

  private hover(candidate: number | undefined): void {
    for (const row of this.rows) row.classList.toggle('hovered', candidateOf(row) === candidate);
  }

  private link(): string {
    const ids = this.selected.map((each) => this.data.networks[each]!.id.slice(0, 10));
    return ids.length === 0 ? '#' : `#layouts=${ids.join('+')}`;
  }

  private linked(): number[] {
    const wanted = new URLSearchParams(location.hash.slice(1)).get('layouts')?.split(' ') ?? [];
    return this.data.networks.flatMap(({ id }, index) =>
      wanted.some((prefix) => prefix.length >= 6 && id.startsWith(prefix)) ? [index] : [],
    );
  }
}

const candidateOf = (row: HTMLElement): number => Number(row.dataset['candidate']);
