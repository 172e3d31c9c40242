/** The ring over the main plot that marks the hovered layout, moved without drawing the plot again. */
import { axisUnit } from '../axis-unit.js';
import type { PageData } from '../page-data.js';
import { byId } from './dom.js';
import type { PlotElement } from './plots/plotly.js';
import { costOf } from './view-state.js';

/** @param candidate undefined hides the ring */
export function moveHoverRing(data: PageData, costId: string, candidate: number | undefined): void {
  const ring = byId('hover-ring');
  const layout = (byId('plot-front') as unknown as PlotElement)._fullLayout;
  const at = candidate === undefined ? undefined : pointOf(data, costId, candidate);
  ring.hidden = !layout || !at;
  if (!layout || !at) return;
  const { xaxis, yaxis } = layout;
  const [left, top] = [xaxis.d2p(at[0]), yaxis.d2p(at[1])];
  ring.hidden = left < 0 || top < 0 || left > xaxis._length || top > yaxis._length;
  ring.style.transform = `translate(${left + xaxis._offset}px, ${top + yaxis._offset}px)`;
}

/** In the units of the axes. */
function pointOf(data: PageData, costId: string, candidate: number): [number, number] | undefined {
  const cost = costOf(data, costId);
  const score = data.figures.front?.score;
  const [x, y] = [cost?.values[candidate], score?.values[candidate]];
  return cost && score && x && y ? [x[0] / axisUnit(cost).divisor, y[0] * score.scale] : undefined;
}
