/** Links the marks of the charts, which the page holds as SVG, to the selection of plots and table. */
import type { PlotListeners } from './plot-events.js';

const candidateOf = (target: EventTarget | null): number | undefined => {
  const mark = target instanceof Element ? target.closest('svg.chart [data-candidate]') : null;
  return mark ? Number(mark.getAttribute('data-candidate')) : undefined;
};

export function linkCharts({ dispatch, hover }: PlotListeners): void {
  for (const chart of document.querySelectorAll('svg.chart')) {
    chart.addEventListener('click', (event) => {
      const candidate = candidateOf(event.target);
      const { shiftKey, ctrlKey } = event as MouseEvent;
      if (candidate !== undefined)
        dispatch({ kind: 'select', candidates: [candidate], add: shiftKey || ctrlKey });
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
