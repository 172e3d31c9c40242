/**
 * The page's controller. It holds one view state, which only `dispatch` changes, and draws everything from
 * data and state.
 */
import type { FigureInfos } from '../figures/figure-table.js';
import type { PageData } from '../page-data.js';
import { linkCharts, markInCharts } from './chart-links.js';
import { listenToControls, showControls } from './controls.js';
import { costNote } from './cost-note.js';
import { showDetailPanel } from './detail-panel.js';
import { byId } from './dom.js';
import { moveHoverRing } from './hover-ring.js';
import { createLayoutTable, type LayoutTable } from './layout-table.js';
import { linkOf, stateOfLink } from './permanent-link.js';
import { listenToBoxes, listenToPoints, type PlotListeners } from './plot-events.js';
import { figurePlots, type PlottedFigure, plottedFigures } from './plots/figure-plots.js';
import { drawFrontPlot, hasManyPoints } from './plots/front-plot.js';
import { listenToManyPoints, showSelection } from './plots/many-points.js';
import { printInLight, wireThemeToggle } from './plots/plot-style.js';
import type { PlotElement } from './plots/plotly.js';
import { listenToSaves } from './save-figure.js';
import { layoutsWithT, selectedRanges } from './selected-layouts.js';
import { showTooltip } from './tooltip.js';
import {
  type Action,
  costOf,
  matchingCandidates,
  reduce,
  sortedCandidates,
  type ViewState,
} from './view-state.js';

interface Derived extends ReturnType<typeof matchingCandidates> {
  readonly key: string;
  readonly order: readonly number[];
}

export class ReportPage {
  private kept: Derived | undefined;
  private state: ViewState;
  private readonly table: LayoutTable;
  private readonly listeners: PlotListeners = {
    dispatch: (action) => this.dispatch(action),
    hover: (candidate, event) => this.hover(candidate, event),
  };
  /** Plots with listeners. */
  private readonly listening = new WeakSet<HTMLElement>();
  /** Figures that have come near the screen; the others are not drawn yet. */
  private readonly visible = new Set<PlottedFigure>();

  constructor(private readonly data: PageData) {
    this.state = stateOfLink(data, location.hash);
    this.table = createLayoutTable(data, {
      dispatch: this.listeners.dispatch,
      hover: (candidate) => this.hover(candidate),
    });
  }

  start(): void {
    this.watchFigures();
    listenToControls(
      (action) => this.dispatch(action),
      () => this.state,
    );
    wireThemeToggle(byId<HTMLButtonElement>('theme-toggle'), () => {
      void this.drawFront(this.derived().matches);
      this.drawFigures();
    });
    listenToSaves((name) => this.drawer(name));
    linkCharts(this.listeners, (stage, position) => layoutsWithT(this.data, stage, position));
    this.render();
  }

  /** Draws a figure of this name as the page shows it. */
  private drawer(name: string): (element: HTMLElement) => Promise<unknown> {
    if (name !== 'front') return (element) => this.drawInto(name as PlottedFigure, element);
    const { matches } = this.derived();
    return (element) => drawFrontPlot(element, this.data, this.state, matches);
  }

  private dispatch(action: Action): void {
    const before = this.state;
    this.state = reduce(this.data, this.state, action);
    this.render(before);
    const last = this.state.selected.at(-1);
    if (action.kind === 'select' && last !== undefined) this.table.scrollTo(last);
  }

  private hover(candidate: number | undefined, event?: MouseEvent): void {
    this.table.hover(candidate);
    showTooltip(this.data, this.state, event ? candidate : undefined, event);
    moveHoverRing(this.data, this.state.cost, candidate);
  }

  /** @param before the state drawn last: plots that it draws alike are kept */
  private render(before?: ViewState): void {
    const { data, state } = this;
    const { matches, problem, order } = this.derived();
    this.table.update(state, order);
    showControls(state, matches.size, data.candidates.length, problem);
    showDetailPanel(data, state);
    const selectionChanged = before?.selected !== state.selected;
    const pointsChanged = before?.cost !== state.cost || before.filter !== state.filter;
    if (!pointsChanged && selectionChanged && hasManyPoints(data))
      showSelection(byId('plot-front') as unknown as PlotElement, new Set(state.selected));
    else if (selectionChanged || pointsChanged) void this.drawFront(matches);
    // the answer to a selection is on the screen before the other figures follow
    if (selectionChanged)
      setTimeout(
        () => {
          markInCharts(this.state.selected);
          byId('selection-text').textContent = selectedRanges(this.data, this.state);
          this.drawFigures();
        },
        before ? 30 : 0,
      );
    history.replaceState(null, '', linkOf(data, state));
  }

  /** What passes the filter, and the table's order; kept while the state that they depend on stays. */
  private derived(): Derived {
    const { data, state } = this;
    const { filter, cost, sort, onlySelected, selected } = state;
    const key = [filter, cost, sort.column, sort.down, onlySelected && selected.join()].join('\n');
    if (this.kept?.key !== key) {
      const matching = matchingCandidates(data, state);
      this.kept = { key, ...matching, order: sortedCandidates(data, state, matching.matches) };
    }
    return this.kept;
  }

  private async drawFront(matches: ReadonlySet<number>): Promise<void> {
    const plot = await drawFrontPlot(byId('plot-front'), this.data, this.state, matches);
    const cost = costOf(this.data, this.state.cost);
    const score = this.data.figures.front?.score;
    byId('cost-interval').textContent = cost && score ? costNote(cost, score) : '';
    if (!plot || this.listening.has(plot)) return;
    if (hasManyPoints(this.data)) {
      this.listening.add(plot);
      listenToManyPoints(plot, this.listeners);
    } else {
      this.listen(plot);
      listenToBoxes(plot, this.listeners);
    }
    plot.on('plotly_relayout', () => moveHoverRing(this.data, this.state.cost, undefined));
  }

  private drawFigures(): void {
    for (const name of this.visible) this.drawFigure(name);
  }

  private drawFigure<Name extends PlottedFigure>(name: Name): void {
    if (this.data.figures[name] === undefined) return;
    const element = byId(`plot-${name}`);
    void this.drawInto(name, element).then(() => this.listen(element as unknown as PlotElement));
  }

  private async drawInto<Name extends PlottedFigure>(name: Name, element: HTMLElement): Promise<void> {
    const info: FigureInfos[Name] | undefined = this.data.figures[name];
    if (info !== undefined) await figurePlots[name](element, info, this.data, this.state);
  }

  private listen(plot: PlotElement): void {
    if (this.listening.has(plot)) return;
    this.listening.add(plot);
    listenToPoints(plot, this.listeners);
  }

  /** Draws each figure when it first comes near the screen, and all of them before printing. */
  private watchFigures(): void {
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const name = (entry.target as HTMLElement).dataset['figure'] as PlottedFigure;
          if (!entry.isIntersecting || this.visible.has(name)) continue;
          this.visible.add(name);
          this.drawFigure(name);
        }
      },
      { rootMargin: '400px' },
    );
    for (const element of document.querySelectorAll('[data-figure]')) watcher.observe(element);
    addEventListener('beforeprint', () => {
      for (const name of plottedFigures) this.visible.add(name);
    });
    // paper is white: letters of the dark theme would vanish on it
    printInLight(() => {
      void this.drawFront(this.derived().matches);
      this.drawFigures();
    });
  }
}
