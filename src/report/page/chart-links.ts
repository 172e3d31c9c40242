/** Links the marks of the charts, which the page holds as SVG, to the selection of plots and table. */
import { afterFrame } from './after-frame.js';
import { candidateSet } from './candidate-set.js';
import { NearScreen } from './near-screen.js';
import type { PlotListeners } from './plot-events.js';

const candidateOf = (target: EventTarget | null): number | undefined => {
  const mark = target instanceof Element ? target.closest('svg.chart [data-candidate]') : null;
  return mark ? Number(mark.getAttribute('data-candidate')) : undefined;
};

/** Stage and position of a heat map's cell, from 1. */
const placeOf = (target: EventTarget | null): readonly [stage: number, position: number] | undefined => {
  const cell = target instanceof Element ? target.closest('svg.chart [data-place]') : null;
  const [stage, position] = (cell?.getAttribute('data-place') ?? '').split(' ').map(Number);
  return stage && position ? [stage, position] : undefined;
};

/** The charts of the page as links to its selection. */
export class ChartLinks {
  private readonly charts = [...document.querySelectorAll<SVGElement>('svg.chart')];
  private readonly marks = new Map<SVGElement, readonly (readonly [candidate: number, mark: Element])[]>();
  private readonly onScreen: NearScreen<SVGElement>;
  private chosen = candidateSet([]);
  /** Charts whose marks show an earlier selection. */
  private readonly stale = new Set<SVGElement>();
  private readonly markOthers = afterFrame(() => this.markAll());

  /** @param withT layouts with a T at this stage and position */
  constructor(
    { dispatch, hover }: PlotListeners,
    withT: (stage: number, position: number) => readonly number[] = () => [],
  ) {
    for (const chart of this.charts) {
      chart.addEventListener('click', (event) => {
        const candidate = candidateOf(event.target);
        const place = placeOf(event.target);
        const { shiftKey, ctrlKey } = event as MouseEvent;
        if (candidate !== undefined)
          dispatch({ kind: 'select', candidates: [candidate], add: shiftKey || ctrlKey });
        else if (place) dispatch({ kind: 'select', candidates: withT(...place) });
      });
      chart.addEventListener('mousemove', (event) => hover(candidateOf(event.target), event as MouseEvent));
      chart.addEventListener('mouseleave', () => hover(undefined));
    }
    this.onScreen = new NearScreen(this.charts, 0, (chart) => this.markIfStale(chart));
    addEventListener('beforeprint', () => this.markAll());
  }

  /** Marks of selected layouts stand out, and the rest fades: at once on the screen, elsewhere afterwards. */
  mark(selected: readonly number[]): void {
    this.chosen = candidateSet(selected);
    for (const chart of this.charts) {
      this.stale.add(chart);
      if (this.onScreen.has(chart)) this.markIfStale(chart);
    }
    this.markOthers();
  }

  private markAll(): void {
    for (const chart of this.charts) this.markIfStale(chart);
  }

  private markIfStale(chart: SVGElement): void {
    if (!this.stale.delete(chart)) return;
    chart.classList.toggle('has-chosen', this.chosen.size > 0);
    for (const [candidate, mark] of this.marksOf(chart))
      mark.classList.toggle('chosen', this.chosen.has(candidate));
  }

  private marksOf(chart: SVGElement): readonly (readonly [candidate: number, mark: Element])[] {
    const found =
      this.marks.get(chart) ??
      [...chart.querySelectorAll('[data-candidate]')].map(
        (mark) => [Number(mark.getAttribute('data-candidate')), mark] as const,
      );
    this.marks.set(chart, found);
    return found;
  }
}
