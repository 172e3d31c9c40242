/**
 * The page's controller. It holds one view state, which only `dispatch` changes, and draws everything from
 * data and state.
 */
import type { FigureInfos } from '../figures/figure-table.js';
import type { PageData } from '../page-data.js';
import { afterFrame } from './after-frame.js';
import { candidateSet } from './candidate-set.js';
import { ChartLinks } from './chart-links.js';
import { listenToControls, showControls } from './controls.js';
import { costNote } from './cost-note.js';
import { showDetailPanel } from './detail-panel.js';
import { byId } from './dom.js';
import { moveHoverRing } from './hover-ring.js';
import { createLayoutTable, type LayoutTable } from './layout-table.js';
import { NearScreen } from './near-screen.js';
import { linkOf, stateOfLink } from './permanent-link.js';
import { listenToBoxes, listenToPoints, type PlotListeners } from './plot-events.js';
import { figurePlots, type PlottedFigure, plottedFigures, selectionFigures } from './plots/figure-plots.js';
import { drawFrontPlot, hasManyPoints } from './plots/front-plot.js';
import { selectLines } from './plots/lines/selected-lines.js';
import { printInLight, wireThemeToggle } from './plots/plot-style.js';
import type { PlotElement } from './plots/plotly.js';
import { listenToManyPoints, rehearseOutline, showSelection } from './plots/points/many-points.js';
import { rehearse } from './rehearse.js';
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

interface Matching extends ReturnType<typeof matchingCandidates> {
  readonly key: string;
  /** Those that match, in the table's order. */
  readonly order: readonly number[];
}

/** Figures this far beyond the screen are kept drawn, CSS pixels. */
const nearPx = 400;

export class ReportPage {
  private kept: Matching | undefined;
  private state: ViewState;
  private readonly table: LayoutTable;
  private readonly listeners: PlotListeners = {
    dispatch: (action) => this.dispatch(action),
    hover: (candidate, event) => this.hover(candidate, event),
  };
  /** Plots with listeners. */
  private readonly listening = new WeakSet<HTMLElement>();
  private readonly charts: ChartLinks;
  private readonly onScreen: NearScreen<HTMLElement>;
  private readonly near: NearScreen<HTMLElement>;
  /** Figures that are not drawn yet, or show an earlier state: they are drawn near the screen. */
  private readonly stale: Set<PlottedFigure>;
  private readonly drawNear = afterFrame(() => {
    for (const name of [...this.stale]) if (this.near.has(byId(`plot-${name}`))) this.drawIfStale(name);
  });
  /** The part of the address after `#` that was set last. */
  private link: string | undefined;

  constructor(private readonly data: PageData) {
    this.state = stateOfLink(data, location.hash);
    this.table = createLayoutTable(data, {
      dispatch: this.listeners.dispatch,
      hover: (candidate) => this.hover(candidate),
    });
    this.charts = new ChartLinks(this.listeners, (stage, position) => layoutsWithT(data, stage, position));
    this.stale = new Set(plottedFigures.filter((name) => data.figures[name] !== undefined));
    const figures = document.querySelectorAll<HTMLElement>('[data-figure]');
    this.onScreen = new NearScreen(figures, 0);
    this.near = new NearScreen(figures, nearPx, ({ dataset }) =>
      this.drawIfStale(dataset['figure'] as PlottedFigure),
    );
  }

  start(): void {
    // paper is white: letters of the dark theme would vanish on it
    printInLight(() => {
      void this.drawFront(this.derived().matches);
      this.drawFigures(plottedFigures, true);
    });
    listenToControls(
      (action) => this.dispatch(action),
      () => this.state,
    );
    wireThemeToggle(byId<HTMLButtonElement>('theme-toggle'), () => {
      void this.drawFront(this.derived().matches);
      this.drawFigures(plottedFigures);
    });
    listenToSaves((name) => this.drawer(name));
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
    this.render(before, action.kind === 'select' ? this.state.selected.at(-1) : undefined);
  }

  private hover(candidate: number | undefined, event?: MouseEvent): void {
    this.table.hover(candidate);
    showTooltip(this.data, this.state, event ? candidate : undefined, event);
    moveHoverRing(this.data, this.state.cost, candidate);
  }

  /**
   * @param before the state drawn last: plots that it draws alike are kept
   * @param target a layout whose row comes into view
   */
  private render(before?: ViewState, target?: number): void {
    const { data, state } = this;
    const { matches, problem } = this.derived();
    this.table.update(state, this.order(), target);
    showControls(state, matches.size, data.candidates.length, problem);
    showDetailPanel(data, state);
    const selectionChanged = before?.selected !== state.selected;
    const pointsChanged = before?.cost !== state.cost || before.filter !== state.filter;
    if (!pointsChanged && selectionChanged && hasManyPoints(data))
      showSelection(byId('plot-front') as unknown as PlotElement, candidateSet(state.selected));
    else if (selectionChanged || pointsChanged) void this.drawFront(matches);
    if (selectionChanged) {
      byId('selection-text').textContent = selectedRanges(data, state);
      this.charts.mark(state.selected);
      for (const name of selectionFigures) this.selectIn(name);
    }
    const link = linkOf(data, state);
    if (link !== this.link) history.replaceState(null, '', link);
    this.link = link;
    this.table.scroll();
  }

  /** What a lasso computes, of some layouts, and nothing of it is shown or kept. */
  private rehearseSelection(plot: PlotElement, share: number): void {
    const selected = rehearseOutline(plot, share);
    selectedRanges(this.data, { selected, cost: this.state.cost });
  }

  /** What passes the filter, and its order; kept while the state that they depend on stays. */
  private derived(): Matching {
    const { data, state } = this;
    const { filter, cost, sort } = state;
    const key = [filter, cost, sort.column, sort.down].join('\n');
    if (this.kept?.key !== key) {
      const matching = matchingCandidates(data, state);
      this.kept = { key, ...matching, order: sortedCandidates(data, state, matching.matches) };
    }
    return this.kept;
  }

  /** Layouts of the table. */
  private order(): readonly number[] {
    const { order } = this.derived();
    if (!this.state.onlySelected) return order;
    const selected = candidateSet(this.state.selected);
    return order.filter((candidate) => selected.has(candidate));
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
      rehearse((share) => this.rehearseSelection(plot, share));
    } else {
      this.listen(plot);
      listenToBoxes(plot, this.listeners);
    }
    plot.on('plotly_relayout', () => moveHoverRing(this.data, this.state.cost, undefined));
  }

  /**
   * Those on the screen at once, those near it after the next frame, the others when they come near.
   * @param all of them at once, for print
   */
  private drawFigures(names: readonly PlottedFigure[], all = false): void {
    for (const name of names) {
      if (this.data.figures[name] === undefined) continue;
      this.stale.add(name);
      if (all || this.onScreen.has(byId(`plot-${name}`))) this.drawIfStale(name);
    }
    this.drawNear();
  }

  /** A figure that is drawn later is drawn with the selection. */
  private selectIn(name: PlottedFigure): void {
    const isDrawn = this.data.figures[name] !== undefined && !this.stale.has(name);
    if (isDrawn)
      selectLines(byId(`plot-${name}`) as unknown as PlotElement, candidateSet(this.state.selected));
  }

  private drawIfStale(name: PlottedFigure): void {
    if (!this.stale.delete(name)) return;
    const element = byId(`plot-${name}`);
    void this.drawInto(name, element).then(() => {
      this.listen(element as unknown as PlotElement);
      this.selectIn(name); // what was selected meanwhile
    });
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
}
