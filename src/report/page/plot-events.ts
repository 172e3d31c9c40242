/** Hover, click and box selection of a plot's points, as actions on candidates. */
import type { PlotElement, PlotEvent } from './plots/plotly.js';
import type { Action } from './view-state.js';

export interface PlotListeners {
  dispatch(action: Action): void;
  hover(candidate: number | undefined, event?: MouseEvent): void;
}

const candidatesOf = (event: PlotEvent | undefined): number[] =>
  (event?.points ?? []).flatMap(({ customdata }) => (typeof customdata === 'number' ? [customdata] : []));

export function listenToPoints(plot: PlotElement, { dispatch, hover }: PlotListeners): void {
  plot.on('plotly_hover', (event) => hover(candidatesOf(event)[0], event?.event));
  plot.on('plotly_unhover', () => hover(undefined));
  plot.on('plotly_click', (event) => {
    const [candidate] = candidatesOf(event);
    if (candidate === undefined) return;
    const add = event?.event?.shiftKey === true || event?.event?.ctrlKey === true;
    dispatch({ kind: 'select', candidates: [candidate], add });
  });
}

export function listenToBoxes(plot: PlotElement, { dispatch }: PlotListeners): void {
  plot.on('plotly_selected', (event) => {
    const candidates = candidatesOf(event);
    // removing the box sends an empty event
    if (candidates.length > 0) dispatch({ kind: 'select', candidates });
  });
}
