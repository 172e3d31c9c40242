/** Labels of the front's points in the main plot: their layouts, moved apart where they would collide. */
import { candidateName } from '../../../analysis/candidate-name.js';
import type { CostFront } from '../../figures/front-figure.js';
import { placeLabels } from '../../label-placement.js';
import type { PageData } from '../../page-data.js';
import type { Colours } from './plot-style.js';
import type { Layout, PlotElement } from './plotly.js';

/** Wider fronts are labelled at this many points, spread evenly. */
const mostLabels = 24;
const fontSize = 11;
const letterWidth = 6.7;

/** Plotly reads markup in texts: a layout from a database is text. */
const plainText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** One point of each square of a label's height: more cover the same ground. */
function apart<P extends { readonly x: number; readonly y: number }>(points: readonly P[]): P[] {
  const side = fontSize + 5;
  const bySquare = new Map(
    points.map((each) => [`${Math.floor(each.x / side)} ${Math.floor(each.y / side)}`, each]),
  );
  return points.length < 1000 ? [...points] : [...bySquare.values()];
}

/**
 * Annotations for a drawn plot, whose axes give the pixels.
 * @param at point of a candidate in the units of the axes
 * @param shown candidates with a point
 */
export function frontLabels(
  plot: PlotElement,
  cost: CostFront,
  at: (candidate: number) => readonly [number, number],
  shown: readonly number[],
  data: PageData,
  c: Colours,
): Layout[] {
  const layout = plot._fullLayout;
  if (!layout) return [];
  const { xaxis, yaxis } = layout;
  const step = Math.ceil(cost.front.length / mostLabels);
  const points = cost.front
    .filter((_, index) => index % step === 0)
    .map((candidate) => {
      const [x, y] = at(candidate);
      const text = candidateName(data.candidates[candidate]!);
      const size = { width: text.length * letterWidth + 4, height: fontSize + 5 };
      return { candidate, text, value: [x, y] as const, x: xaxis.d2p(x), y: yaxis.d2p(y), ...size };
    })
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= xaxis._length && y <= yaxis._length);
  const others = apart(shown.map(at).map(([x, y]) => ({ x: xaxis.d2p(x), y: yaxis.d2p(y) })));
  const places = placeLabels(points, { x0: 0, y0: 0, x1: xaxis._length, y1: yaxis._length }, others);
  return points.map((point, index) => {
    const { left, top } = places[index]!;
    return {
      text: plainText(point.text),
      x: xaxis.type === 'log' ? Math.log10(point.value[0]) : point.value[0],
      y: point.value[1],
      ax: left + point.width / 2 - point.x,
      ay: top + point.height / 2 - point.y,
      xanchor: 'center',
      yanchor: 'middle',
      showarrow: true,
      arrowhead: 0,
      arrowwidth: 0.8,
      arrowcolor: c.muted,
      standoff: 7,
      borderpad: 1,
      captureevents: false,
      font: { family: c.mono, size: fontSize, color: c.text },
    };
  });
}
