/**
 * Many points on a canvas under a plot, whose axes, front and labels stay Plotly's. Each look of a point is
 * drawn once and copied, so that 100,000 points take some tens of milliseconds; SVG dies at a tenth of them.
 */
import { type Symmetry, symmetryKinds } from '../../../../architecture/layout.js';
import { rangeOf } from '../../../../util/statistics/range-of.js';
import { kindPath } from '../../../kind-marks.js';
import { el } from '../../dom.js';
import type { PlotElement } from '../plotly.js';
import type { Pixels } from './point-index.js';
import { type Rings, ringCover } from './ring-cover.js';

/** Points in the order in which they are drawn. */
export interface Points {
  /** Candidate positions. */
  readonly candidates: readonly number[];
  /** In the units of the axes. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Diameters in pixels. */
  readonly size: Float64Array;
  readonly kind: readonly Symmetry[];
}

/** Look of the points of one kind. */
export type PointColours = Readonly<Record<Symmetry, string>>;

/** Diameters are rounded to this, so that few looks exist. */
const sizeStep = 0.5;

/** Pixels of a point within its plot, from the axes as drawn now. */
export function pixelsOf(plot: PlotElement, points: Points): Pixels {
  const { xaxis, yaxis } = plot._fullLayout!;
  const onAxis = (axis: typeof xaxis, values: Float64Array): Float64Array => {
    const isLog = axis.type === 'log';
    const [first, last] = axis.range; // of a logarithmic axis exponents
    const map = isLog ? Math.log10 : (value: number): number => value;
    // from the ends: Plotly rounds pixels to hundredths
    const from = axis.d2p(isLog ? 10 ** first : first);
    const perUnit = (axis.d2p(isLog ? 10 ** last : last) - from) / (last - first);
    return values.map((value) => axis._offset + from + perUnit * (map(value) - first));
  };
  return { x: onAxis(xaxis, points.x), y: onAxis(yaxis, points.y) };
}

/** The canvas of a name behind `plot`, of its size; created where there is none. */
export function canvasBehind(plot: HTMLElement, name: string): HTMLCanvasElement {
  const found = plot.parentElement!.querySelector<HTMLCanvasElement>(`canvas[data-points="${name}"]`);
  const canvas =
    found ??
    el('canvas', {
      'data-points': name,
      'aria-hidden': 'true',
      style: 'position: absolute; left: 0; top: 0; pointer-events: none',
    });
  if (!found) plot.before(canvas);
  return canvas;
}

/** A drawn plot: its size and its axes, CSS pixels, and the pixels of a canvas in one of these. */
export interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly axes: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

export function frameOf(plot: PlotElement, scale = devicePixelRatio): PlotFrame {
  const { xaxis, yaxis } = plot._fullLayout!;
  const axes = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
  return { width: plot.clientWidth, height: plot.clientHeight, scale, axes };
}

/** The context of a canvas that has the size of its plot and is clear. */
function clearAs(canvas: HTMLCanvasElement, frame: PlotFrame): CanvasRenderingContext2D {
  const [width, height] = [Math.round(frame.width * frame.scale), Math.round(frame.height * frame.scale)];
  const context = canvas.getContext('2d')!;
  if (canvas.width === width && canvas.height === height) context.clearRect(0, 0, width, height);
  else {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${frame.width}px`;
    canvas.style.height = `${frame.height}px`;
  }
  return context;
}

/** Draws the points that lie inside the axes. @param at their pixels */
export function drawPoints(
  canvas: HTMLCanvasElement,
  frame: PlotFrame,
  points: Points,
  at: Pixels,
  fill: PointColours,
): void {
  const { axes, scale } = frame;
  const context = clearAs(canvas, frame);
  context.save();
  context.beginPath();
  context.rect(axes.left * scale, axes.top * scale, axes.width * scale, axes.height * scale);
  context.clip();
  const looks: HTMLCanvasElement[] = [];
  for (let index = 0; index < points.candidates.length; index++) {
    const kind = points.kind[index]!;
    const steps = Math.max(1, Math.round(points.size[index]! / sizeStep));
    const key = steps * symmetryKinds.length + symmetryKinds.indexOf(kind);
    const look = (looks[key] ??= lookOf(kind, steps * sizeStep, fill[kind], scale));
    // whole pixels: copies are then sharp and fast
    const left = Math.round(at.x[index]! * scale - look.width / 2);
    const top = Math.round(at.y[index]! * scale - look.height / 2);
    context.drawImage(look, left, top);
  }
  context.restore();
}

function lookOf(kind: Symmetry, size: number, colour: string, scale: number): HTMLCanvasElement {
  const side = Math.ceil((1.2 * size + 6) * scale);
  const look = el('canvas', { width: String(side), height: String(side) });
  const context = look.getContext('2d')!;
  context.translate(side / 2, side / 2);
  context.scale(scale, scale);
  context.fillStyle = colour;
  context.fill(new Path2D(kindPath(kind, size / 2)));
  return look;
}

/** Pixels. */
const ringLine = 1.6;
/** A ring stands off its point. */
const ringGap = 2;

/** Rings of the selected points, with room for their lines, in pixels of the canvas. */
export function ringsAround(
  points: Points,
  at: Pixels,
  selected: { has(candidate: number): boolean },
  scale: number,
): Rings {
  const chosen: number[] = [];
  for (let index = 0; index < points.candidates.length; index++)
    if (selected.has(points.candidates[index]!)) chosen.push(index);
  const rings = {
    x: new Float64Array(chosen.length),
    y: new Float64Array(chosen.length),
    radius: new Float64Array(chosen.length),
  };
  for (let ring = 0; ring < chosen.length; ring++) {
    const index = chosen[ring]!;
    rings.x[ring] = at.x[index]! * scale;
    rings.y[ring] = at.y[index]! * scale;
    rings.radius[ring] = (points.size[index]! / 2 + ringGap) * scale;
  }
  return rings;
}

/** Draws the rings that lie inside the axes; touches only the part of the canvas where rings are. */
export function drawRings(canvas: HTMLCanvasElement, frame: PlotFrame, rings: Rings, colour: string): void {
  const context = clearAs(canvas, frame);
  const line = ringLine * frame.scale;
  const { left, top, right, bottom } = boxOf(frame, rings, line);
  const [width, height] = [right - left, bottom - top];
  if (width < 1 || height < 1) return;
  const inBox = { ...rings, x: rings.x.map((x) => x - left), y: rings.y.map((y) => y - top) };
  const cover = ringCover(inBox, width, height, line);
  const picture = context.createImageData(width, height);
  for (let pixel = 0; pixel < cover.length; pixel++) picture.data[4 * pixel + 3] = cover[pixel]!;
  context.putImageData(picture, left, top);
  context.save();
  context.globalCompositeOperation = 'source-in'; // colours what is covered
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.restore();
}

/** The part of the axes that rings may touch, whole pixels of the canvas. */
function boxOf({ axes, scale }: PlotFrame, { x, y, radius }: Rings, line: number) {
  const room = rangeOf(radius)[1] + line + 1;
  const part = (offset: number, length: number, values: Float64Array): readonly [number, number] => {
    const [least, most] = rangeOf(values);
    const [from, to] = [Math.round(offset * scale), Math.round((offset + length) * scale)];
    return [Math.max(from, Math.floor(least - room)), Math.min(to, Math.ceil(most + room))];
  };
  const [left, right] = part(axes.left, axes.width, x);
  const [top, bottom] = part(axes.top, axes.height, y);
  return { left, top, right, bottom };
}

/** The points of some candidates. */
export function pointsOf(all: Points, isMember: (candidate: number) => boolean): Points {
  const kept: number[] = [];
  for (let index = 0; index < all.candidates.length; index++)
    if (isMember(all.candidates[index]!)) kept.push(index);
  const pick = (values: Float64Array): Float64Array => {
    const picked = new Float64Array(kept.length);
    for (let at = 0; at < kept.length; at++) picked[at] = values[kept[at]!]!;
    return picked;
  };
  return {
    candidates: kept.map((index) => all.candidates[index]!),
    x: pick(all.x),
    y: pick(all.y),
    size: pick(all.size),
    kind: kept.map((index) => all.kind[index]!),
  };
}
