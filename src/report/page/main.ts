/**
 * Wires data, state, plots and table. One state; every change goes through `dispatch` and is drawn from the
 * state alone.
 */

import type { FigureInfos } from '../figures/figure-table.js';
import type { CostFront, ScoreInfo } from '../figures/front-figure.js';
import type { PageData } from '../page-data.js';
import { showDetailPanel } from './detail-panel.js';
import { byId } from './dom.js';
import { createLayoutTable } from './layout-table.js';
import { figurePlots } from './plots/figure-plots.js';
import { drawFrontPlot } from './plots/front-plot.js';
import { wireThemeToggle } from './plots/plot-style.js';
import type { PlotElement } from './plots/plotly.js';
import { showTooltip } from './tooltip.js';
import {
  type Action,
  costOf,
  initialViewState,
  matchingCandidates,
  reduce,
  sortedCandidates,
  type ViewState,
} from './view-state.js';

function start(data: PageData): void {
  let state: ViewState = initialViewState(data);
  const rows = createLayoutTable(data, { dispatch, hover: (candidate) => hover(candidate) });
  const wired = new WeakSet<HTMLElement>();
  const visible = new Set<string>();

  function dispatch(action: Action): void {
    const before = state;
    state = reduce(data, state, action);
    render(before);
    const last = state.selected.at(-1);
    if (action.kind === 'select' && last !== undefined) rows.scrollTo(last);
  }

  function hover(candidate: number | undefined, event?: MouseEvent): void {
    rows.hover(candidate);
    showTooltip(data, state, event ? candidate : undefined, event);
    markHovered(candidate);
  }

  /** A ring over the plot, moved without drawing the plot again. */
  function markHovered(candidate: number | undefined): void {
    const ring = byId('hover-ring');
    const layout = (byId('plot-front') as unknown as PlotElement)._fullLayout;
    const at = candidate === undefined ? undefined : pointOf(candidate);
    ring.hidden = !layout || !at;
    if (!layout || !at) return;
    const [left, top] = [layout.xaxis.d2p(at[0]), layout.yaxis.d2p(at[1])];
    ring.hidden = left < 0 || top < 0 || left > layout.xaxis._length || top > layout.yaxis._length;
    ring.style.transform = `translate(${left + layout.xaxis._offset}px, ${top + layout.yaxis._offset}px)`;
  }

  function pointOf(candidate: number): [number, number] | undefined {
    const cost = costOf(data, state.cost);
    const score = data.figures.front?.score;
    const [x, y] = [cost?.values[candidate], score?.values[candidate]];
    const unit = cost?.format === 'bytes' ? 2 ** 20 : cost?.format === 'count' ? 1e6 : 1;
    return score && x && y ? [x[0] / unit, y[0] * score.scale] : undefined;
  }

  function render(before?: ViewState): void {
    const { matches, problem } = matchingCandidates(data, state);
    rows.update(state, sortedCandidates(data, state, matches));
    byId('filter-problem').textContent = problem ?? '';
    byId('row-count').textContent =
      matches.size === data.candidates.length
        ? `${matches.size} layouts`
        : `${matches.size} of ${data.candidates.length} layouts`;
    const only = byId<HTMLButtonElement>('only-selected');
    only.hidden = state.selected.length === 0;
    only.textContent = state.onlySelected ? 'Show all' : `Only the ${state.selected.length} selected`;
    const clear = byId<HTMLButtonElement>('clear-selection');
    clear.hidden = state.selected.length === 0;
    showDetailPanel(data, state);
    if (
      !before ||
      before.cost !== state.cost ||
      before.filter !== state.filter ||
      before.selected !== state.selected
    )
      void drawMain(matches);
    if (!before || before.selected !== state.selected) drawOthers();
  }

  async function drawMain(matches: ReadonlySet<number>): Promise<void> {
    const plot = await drawFrontPlot(byId('plot-front'), data, state, matches);
    const cost = costOf(data, state.cost);
    const score = data.figures.front?.score;
    byId('cost-interval').textContent =
      cost && score
        ? `${score.label} is measured, ${cost.label} is ${cost.provenance}. Intervals: ${score.short}, ${score.interval}; ${cost.label}, ${cost.interval}.${volumeText(cost, score)}`
        : '';
    if (plot) wire(plot, true);
  }

  function drawOthers(): void {
    for (const name of Object.keys(figurePlots) as (keyof typeof figurePlots)[]) {
      const info = data.figures[name];
      if (info && visible.has(name)) void drawOne(name, info);
    }
  }

  async function drawOne<Name extends keyof typeof figurePlots>(
    name: Name,
    info: FigureInfos[Name],
  ): Promise<void> {
    const element = byId(`plot-${name}`);
    await figurePlots[name](element, info, data, state);
    wire(element as unknown as PlotElement, false);
  }

  /** Hover and click of a plot, once per element. */
  function wire(plot: PlotElement, selects: boolean): void {
    if (wired.has(plot)) return;
    wired.add(plot);
    const candidateOf = (event: Parameters<Parameters<PlotElement['on']>[1]>[0]): number | undefined =>
      event?.points.find((point) => typeof point.customdata === 'number')?.customdata;
    plot.on('plotly_hover', (event) => hover(candidateOf(event), event?.event));
    plot.on('plotly_unhover', () => hover(undefined));
    plot.on('plotly_click', (event) => {
      const candidate = candidateOf(event);
      if (candidate !== undefined)
        dispatch({
          kind: 'select',
          candidates: [candidate],
          add: event?.event?.shiftKey === true || event?.event?.ctrlKey === true,
        });
    });
    if (!selects) return;
    plot.on('plotly_selected', (event) => {
      const candidates = (event?.points ?? []).flatMap((point) =>
        typeof point.customdata === 'number' ? [point.customdata] : [],
      );
      if (candidates.length > 0) dispatch({ kind: 'select', candidates }); // an empty one also comes when the box is taken away
    });
    plot.on('plotly_relayout', () => markHovered(undefined));
  }

  /** Figures below the fold are drawn when they come near the screen. */
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const name = (entry.target as HTMLElement).dataset['figure'] as keyof typeof figurePlots;
        const info = data.figures[name];
        if (!entry.isIntersecting || visible.has(name) || !info) continue;
        visible.add(name);
        void drawOne(name, info);
      }
    },
    { rootMargin: '400px' },
  );
  for (const element of document.querySelectorAll('[data-figure]')) watcher.observe(element);
  addEventListener('beforeprint', () => {
    for (const name of Object.keys(figurePlots)) visible.add(name);
    drawOthers();
  });

  const select = byId<HTMLSelectElement>('cost');
  select.value = state.cost;
  select.addEventListener('change', () => dispatch({ kind: 'cost', cost: select.value }));
  const filter = byId<HTMLInputElement>('filter');
  filter.addEventListener('input', () => dispatch({ kind: 'filter', text: filter.value }));
  byId('only-selected').addEventListener('click', () =>
    dispatch({ kind: 'only-selected', on: !state.onlySelected }),
  );
  byId('clear-selection').addEventListener('click', () => dispatch({ kind: 'select', candidates: [] }));
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') dispatch({ kind: 'select', candidates: [] });
    if (event.key === '/' && document.activeElement !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });
  wireThemeToggle(byId<HTMLButtonElement>('theme-toggle'), () => {
    void drawMain(matchingCandidates(data, state).matches);
    drawOthers();
  });
  render();
}

function volumeText(cost: CostFront, { scale, unit, short }: ScoreInfo): string {
  if (!cost.hypervolume) return '';
  const { value, reference } = cost.hypervolume;
  const text = (number: number): string => number.toLocaleString('en', { maximumSignificantDigits: 4 });
  return ` Hypervolume ${text(value * scale)} ${unit || short}·${cost.unit || cost.short} from the worst values (${text(reference[1] * scale)}${unit && ` ${unit}`}, ${text(reference[0])}).`;
}

start(JSON.parse(document.getElementById('page-data')!.textContent!) as PageData);
