/**
 * The points of a large front on canvases behind its plot: all points, and rings around the selected ones.
 */

import { type CandidateSet, candidateSet } from '../../candidate-set.js';
import type { PlotListeners } from '../../plot-events.js';
import type { Colours } from '../plot-style.js';
import { withOpacity } from '../plot-style.js';
import { addPicture, type PlotElement, removeOutlines } from '../plotly.js';
import { listenToDrags } from './drag-outline.js';
import {
  canvasBehind,
  drawPoints,
  drawRings,
  frameOf,
  type PlotFrame,
  type PointColours,
  type Points,
  pixelsOf,
  pointsOf,
  ringsAround,
} from './point-canvas.js';
import { type Outline, type Pixels, PointIndex } from './point-index.js';

/** Fronts with more points are drawn on a canvas. */
export const mostSvgPoints = 1000;

/** An outline is seen this long after its selection, milliseconds. */
const outlineMs = 60;

interface Layer {
  readonly points: Points;
  readonly fill: PointColours;
}
interface Scene {
  readonly points: Points;
  /** Points that do not pass the filter, and those that do. */
  readonly layers: readonly [outside: Layer, inside: Layer];
  readonly accent: string;
  selected: CandidateSet;
  drawn?: Drawn;
}
/** Where the points of a scene were drawn last. */
interface Drawn {
  readonly place: string;
  readonly frame: PlotFrame;
  /** Of all points. */
  readonly at: Pixels;
  /** Of the points that pass the filter. */
  readonly index: PointIndex;
}
const scenes = new WeakMap<PlotElement, Scene>();

/** @param matches candidates that pass the filter; the others are drawn faintly */
function sceneOf(points: Points, matches: ReadonlySet<number>, selected: CandidateSet, c: Colours): Scene {
  const fill = (opacity: number): PointColours => ({
    symmetric: withOpacity(c.symmetric, opacity),
    asymmetric: withOpacity(c.asymmetric, opacity),
    unmixed: withOpacity(c.unmixed, opacity),
  });
  const inside = pointsOf(points, (candidate) => matches.has(candidate));
  const opacity = Math.max(0.16, 0.5 - inside.candidates.length / 120_000);
  const outside = pointsOf(points, (candidate) => !matches.has(candidate));
  const layers = [
    { points: outside, fill: fill(0.05) },
    { points: inside, fill: fill(opacity) },
  ] as const;
  return { points, layers, accent: c.accent, selected };
}

/** Draws the points of a plot whose axes are drawn, and again whenever its axes move. */
export function showManyPoints(
  plot: PlotElement,
  points: Points,
  matches: ReadonlySet<number>,
  selected: CandidateSet,
  c: Colours,
): void {
  const isNew = !scenes.has(plot);
  scenes.set(plot, sceneOf(points, matches, selected, c));
  redraw(plot);
  if (!isNew) return;
  plot.on('plotly_afterplot', () => redraw(plot));
  plot.on('plotly_relayouting', () => redraw(plot));
}

function redraw(plot: PlotElement): void {
  const scene = scenes.get(plot);
  if (!scene || !plot._fullLayout) return;
  const place = placeOf(plot);
  if (scene.drawn?.place === place) return; // a lasso ends with a plot that is as it was
  const frame = frameOf(plot);
  drawLayers(canvasBehind(plot, 'all'), plot, scene, frame);
  const index = new PointIndex(pixelsOf(plot, scene.layers[1].points), frame.width, frame.height);
  scene.drawn = { place, frame, at: pixelsOf(plot, scene.points), index };
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

function drawLayers(canvas: HTMLCanvasElement, plot: PlotElement, { layers }: Scene, frame: PlotFrame): void {
  const copy = canvas.cloneNode() as HTMLCanvasElement;
  const context = canvas.getContext('2d')!;
  layers.forEach(({ points, fill }, position) => {
    const target = position === 0 ? canvas : copy;
    drawPoints(target, frame, points, pixelsOf(plot, points), fill);
    if (target === copy) context.drawImage(copy, 0, 0);
  });
}

function drawSelected(plot: PlotElement, { points, selected, accent, drawn }: Scene): void {
  if (!drawn) return;
  const { frame, at } = drawn;
  drawRings(canvasBehind(plot, 'selected'), frame, ringsAround(points, at, selected, frame.scale), accent);
}

/** Candidates inside an outline, of those that pass the filter. */
function insideOf({ layers, drawn }: Scene, outline: Outline): number[] {
  const { candidates } = layers[1].points;
  return drawn?.index.inside(outline).map((point) => candidates[point]!) ?? [];
}

/** Marks the selected points, without another drawing of the rest. */
export function showSelection(plot: PlotElement, selected: CandidateSet): void {
  const scene = scenes.get(plot);
  if (!scene) return;
  scene.selected = selected;
  drawSelected(plot, scene);
}

/** Computes and draws a selection in the middle of a plot, unseen. @returns the candidates inside */
export function rehearseOutline(plot: PlotElement, share: number): number[] {
  const scene = scenes.get(plot);
  if (!scene?.drawn) return [];
  const { frame, at } = scene.drawn;
  const { left, top, width, height } = frame.axes;
  const radius = 0.12 * share;
  const angles = Array.from({ length: 48 }, (_, step) => (step / 24) * Math.PI);
  const inside = insideOf(scene, {
    x: angles.map((angle) => left + width * (0.5 + radius * Math.cos(angle))),
    y: angles.map((angle) => top + height * (0.5 + radius * Math.sin(angle))),
  });
  const rings = ringsAround(scene.points, at, candidateSet(inside), frame.scale);
  drawRings(document.createElement('canvas'), frame, rings, scene.accent);
  return inside;
}

/** Of a figure that is saved: the points as a picture inside the plot. */
export async function embedManyPoints(
  plot: PlotElement,
  points: Points,
  matches: ReadonlySet<number>,
  c: Colours,
): Promise<void> {
  const canvas = document.createElement('canvas');
  drawLayers(canvas, plot, sceneOf(points, matches, candidateSet([]), c), frameOf(plot, 3));
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
    const scene = scenes.get(plot);
    const point = scene?.drawn?.index.nearest(clientX - left, clientY - top);
    return point === undefined ? undefined : scene!.layers[1].points.candidates[point];
  };
  plot.addEventListener('mousemove', (event) => hover(nearest(event), event));
  plot.addEventListener('mouseleave', () => hover(undefined));
  listenToDrags(plot, {
    click: (event) => {
      const candidate = nearest(event);
      if (candidate !== undefined)
        dispatch({ kind: 'select', candidates: [candidate], add: event.shiftKey || event.ctrlKey });
    },
    outline: (outline, { shiftKey }) => {
      const scene = scenes.get(plot);
      if (!scene) return;
      const inside = insideOf(scene, outline);
      const { selected } = scene;
      const more = shiftKey ? [...selected.list, ...inside.filter((each) => !selected.has(each))] : inside;
      dispatch({ kind: 'select', candidates: more });
    },
  });
  // the rings show what is selected; the library would drag a kept outline instead of drawing a new one
  plot.on('plotly_selected', () => setTimeout(() => removeOutlines(plot), outlineMs));
}
