/** Links the marks of the charts, which the page holds as SVG, to the selection of plots and table. */
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

/** @param withT layouts with a T at this stage and position */
export function linkCharts(
  { dispatch, hover }: PlotListeners,
  withT: (stage: number, position: number) => readonly number[] = () => [],
): void {
  for (const chart of document.querySelectorAll('svg.chart')) {
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
}

/** Marks of selected layouts stand out; of many selected ones the rest fades. */
export function markInCharts(selected: readonly number[]): void {
  const chosen = new Set(selected);
  for (const chart of document.querySelectorAll('svg.chart')) {
    chart.classList.toggle('has-chosen', chosen.size > 0);
    for (const mark of chart.querySelectorAll('[data-candidate]'))
      mark.classList.toggle('chosen', chosen.has(Number(mark.getAttribute('data-candidate'))));
  }
}
