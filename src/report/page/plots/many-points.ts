/**
 * The points of a large front on canvases behind its plot: all points, and rings around the selected ones.
 */

import type { PlotListeners } from '../plot-events.js';
import type { Colours } from './plot-style.js';
import { withOpacity } from './plot-style.js';
import { addPicture, type PlotElement, type PlotEvent } from './plotly.js';
import {
  canvasBehind,
  drawPoints,
  insideOf,
  type Outline,
  oneColour,
  type PointColours,
  PointIndex,
  type Points,
  pointsOf,
} from './point-canvas.js';

/** Fronts with more points are drawn on a canvas. */
export const mostSvgPoints = 1000;

interface Scene {
  readonly points: Points;
  readonly layers: readonly { readonly points: Points; readonly fill: PointColours }[];
  readonly accent: string;
  selected: ReadonlySet<number>;
  index: PointIndex;
  /** The place at which it was drawn last; '' before. */
  drawnAt: string;
}
const scenes = new WeakMap<PlotElement, Scene>();

/** @param matches candidates that pass the filter; the others are drawn faintly */
function sceneOf(
  plot: PlotElement,
  points: Points,
  matches: ReadonlySet<number>,
  selected: ReadonlySet<number>,
  c: Colours,
): Scene {
  const fill = (opacity: number): PointColours => ({
    symmetric: withOpacity(c.symmetric, opacity),
    asymmetric: withOpacity(c.asymmetric, opacity),
    unmixed: withOpacity(c.unmixed, opacity),
  });
  const inside = pointsOf(points, (candidate) => matches.has(candidate));
  const opacity = Math.max(0.16, 0.5 - inside.candidates.length / 120_000);
  const layers = [
    { points: pointsOf(points, (candidate) => !matches.has(candidate)), fill: fill(0.05) },
    { points: inside, fill: fill(opacity) },
  ];
  return { points, layers, accent: c.accent, selected, index: new PointIndex(plot, inside), drawnAt: '' };
}

/** Draws the points of a plot whose axes are drawn, and again whenever its axes move. */
export function showManyPoints(
  plot: PlotElement,
  points: Points,
  matches: ReadonlySet<number>,
  selected: ReadonlySet<number>,
  c: Colours,
): void {
  const isNew = !scenes.has(plot);
  scenes.set(plot, sceneOf(plot, points, matches, selected, c));
  redraw(plot);
  if (!isNew) return;
  plot.on('plotly_afterplot', () => redraw(plot));
  plot.on('plotly_relayouting', () => redraw(plot));
}

function redraw(plot: PlotElement): void {
  const scene = scenes.get(plot);
  if (!scene || !plot._fullLayout) return;
  const place = placeOf(plot);
  if (scene.drawnAt === place) return; // a lasso ends with a plot that is as it was
  scene.drawnAt = place;
  const canvas = canvasBehind(plot, 'all');
  drawLayers(canvas, plot, scene);
  scene.index = new PointIndex(plot, scene.layers.at(-1)!.points);
  drawSelected(plot, scene);
}

/** Changes whenever the points would be drawn elsewhere. */
function placeOf({ _fullLayout, clientWidth, clientHeight }: PlotElement): string {
  const { xaxis, yaxis } = _fullLayout!;
  const axes = [xaxis, yaxis].flatMap(({ type, range, _offset, _length }) => [
    type,
    ...range,
    _offset,
    _length,
  ]);
  return [...axes, clientWidth, clientHeight, devicePixelRatio].join(' ');
}

function drawLayers(canvas: HTMLCanvasElement, plot: PlotElement, { layers }: Scene, scale?: number): void {
  const copy = canvas.cloneNode() as HTMLCanvasElement;
  const context = canvas.getContext('2d')!;
  layers.forEach(({ points, fill }, position) => {
    const target = position === 0 ? canvas : copy;
    drawPoints(target, plot, points, fill, scale === undefined ? {} : { scale });
    if (target === copy) context.drawImage(copy, 0, 0);
  });
}

function drawSelected(plot: PlotElement, { points, selected, accent }: Scene): void {
  const chosen = pointsOf(points, (candidate) => selected.has(candidate));
  const rings = { ...chosen, size: chosen.size.map((size) => size + 4) };
  drawPoints(canvasBehind(plot, 'selected'), plot, rings, oneColour(accent), { ring: true });
}

/** Marks the selected points, without another drawing of the rest. */
export function showSelection(plot: PlotElement, selected: ReadonlySet<number>): void {
  const scene = scenes.get(plot);
  if (!scene) return;
  scene.selected = selected;
  drawSelected(plot, scene);
}

/** Of a figure that is saved: the points as a picture inside the plot. */
export async function embedManyPoints(
  plot: PlotElement,
  points: Points,
  matches: ReadonlySet<number>,
  c: Colours,
): Promise<void> {
  const canvas = document.createElement('canvas');
  drawLayers(canvas, plot, sceneOf(plot, points, matches, new Set(), c), 3);
  const { xaxis, yaxis } = plot._fullLayout!;
  const part = document.createElement('canvas');
  [part.width, part.height] = [xaxis._length * 3, yaxis._length * 3];
  part.getContext('2d')!.drawImage(canvas, -xaxis._offset * 3, -yaxis._offset * 3);
  await addPicture(plot, part.toDataURL('image/png'));
}

/** Hover, click and selection by a box or lasso, as actions on candidates. */
export function listenToManyPoints(plot: PlotElement, { dispatch, hover }: PlotListeners): void {
  const nearest = ({ clientX, clientY }: MouseEvent): number | undefined => {
    const { left, top } = plot.getBoundingClientRect();
    return scenes.get(plot)?.index.nearest(clientX - left, clientY - top);
  };
  plot.addEventListener('mousemove', (event) => hover(nearest(event), event));
  plot.addEventListener('mouseleave', () => hover(undefined));
  plot.addEventListener(
    'mousedown',
    (down) => {
      const up = (event: MouseEvent): void => {
        const moved = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
        const candidate = moved < 4 ? nearest(event) : undefined;
        if (candidate === undefined) return;
        dispatch({ kind: 'select', candidates: [candidate], add: event.shiftKey || event.ctrlKey });
      };
      document.addEventListener('mouseup', up, { once: true, capture: true });
    },
    { capture: true },
  );
  plot.on('plotly_selected', (event) => {
    const outline = outlineOf(event);
    const points = scenes.get(plot)?.layers.at(-1)?.points;
    if (outline && points) dispatch({ kind: 'select', candidates: insideOf(outline, points) });
  });
}

function outlineOf(event: PlotEvent | undefined): Outline | undefined {
  if (event?.lassoPoints) return event.lassoPoints;
  if (!event?.range) return undefined;
  const [x, y] = [event.range.x, event.range.y];
  return { x: [x[0], x[1], x[1], x[0]], y: [y[0], y[0], y[1], y[1]] };
}
