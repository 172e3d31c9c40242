/**
 * Many points on a canvas under a plot, whose axes, front and labels stay Plotly's. Each look of a point is
 * drawn once and copied, so that 100,000 points take some tens of milliseconds; SVG dies at a tenth of them.
 */
import { type Symmetry, symmetryKinds } from '../../../architecture/layout.js';
import { kindPath } from '../../kind-marks.js';
import { el } from '../dom.js';
import type { PlotElement } from './plotly.js';

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
export function pixelsOf(plot: PlotElement, points: Points): { x: Float64Array; y: Float64Array } {
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

/** Draws the points that lie inside the axes. @param ring draws outlines, as of selected points */
export function drawPoints(
  canvas: HTMLCanvasElement,
  plot: PlotElement,
  points: Points,
  fill: PointColours,
  { ring = false, scale = devicePixelRatio }: { readonly ring?: boolean; readonly scale?: number } = {},
): void {
  const { xaxis, yaxis } = plot._fullLayout!;
  const { clientWidth, clientHeight } = plot;
  canvas.width = Math.round(clientWidth * scale);
  canvas.height = Math.round(clientHeight * scale);
  canvas.style.width = `${clientWidth}px`;
  canvas.style.height = `${clientHeight}px`;
  const context = canvas.getContext('2d')!;
  context.save();
  context.beginPath();
  context.rect(xaxis._offset * scale, yaxis._offset * scale, xaxis._length * scale, yaxis._length * scale);
  context.clip();
  const looks = new Map<string, HTMLCanvasElement>();
  const at = pixelsOf(plot, points);
  points.candidates.forEach((_, index) => {
    const kind = points.kind[index]!;
    const size = Math.max(sizeStep, Math.round(points.size[index]! / sizeStep) * sizeStep);
    const key = `${kind} ${size}`;
    let look = looks.get(key);
    if (!look) looks.set(key, (look = lookOf(kind, size, fill[kind], ring, scale)));
    // whole pixels: copies are then sharp and fast
    const left = Math.round(at.x[index]! * scale - look.width / 2);
    const top = Math.round(at.y[index]! * scale - look.height / 2);
    context.drawImage(look, left, top);
  });
  context.restore();
}

function lookOf(
  kind: Symmetry,
  size: number,
  colour: string,
  ring: boolean,
  scale: number,
): HTMLCanvasElement {
  const side = Math.ceil((1.2 * size + 6) * scale);
  const look = el('canvas', { width: String(side), height: String(side) });
  const context = look.getContext('2d')!;
  context.translate(side / 2, side / 2);
  context.scale(scale, scale);
  const path = new Path2D(kindPath(ring ? 'symmetric' : kind, size / 2));
  if (ring) {
    context.lineWidth = 1.6;
    context.strokeStyle = colour;
    context.stroke(path);
  } else {
    context.fillStyle = colour;
    context.fill(path);
  }
  return look;
}

/** Points by squares of the plot, for the one nearest to the pointer. */
export class PointIndex {
  private readonly cells = new Map<number, number[]>();
  private readonly at: { readonly x: Float64Array; readonly y: Float64Array };

  constructor(
    plot: PlotElement,
    private readonly points: Points,
  ) {
    this.at = pixelsOf(plot, points);
    for (let index = 0; index < points.candidates.length; index++) {
      const key = cellOf(this.at.x[index]!, this.at.y[index]!);
      const cell = this.cells.get(key);
      if (cell) cell.push(index);
      else this.cells.set(key, [index]);
    }
  }

  /** The candidate nearest to a pixel of the plot, within `reach`. */
  nearest(x: number, y: number): number | undefined {
    let [best, distance] = [-1, reach ** 2];
    for (const dx of [-reach, 0, reach])
      for (const dy of [-reach, 0, reach])
        for (const index of this.cells.get(cellOf(x + dx, y + dy)) ?? []) {
          const found = (this.at.x[index]! - x) ** 2 + (this.at.y[index]! - y) ** 2;
          if (found < distance) [best, distance] = [index, found];
        }
    return best < 0 ? undefined : this.points.candidates[best];
  }
}

/** Pixels; also the side of a cell. */
const reach = 14;
const cellOf = (x: number, y: number): number => Math.floor(x / reach) * 10_000 + Math.floor(y / reach);

/** Corners of a lasso, or of a box, in the units of the axes. */
export interface Outline {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Candidates inside an outline, by the even-odd rule. */
export function insideOf({ x, y }: Outline, points: Points): number[] {
  const [left, right, low, high] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  return points.candidates.filter((_, index) => {
    const [px, py] = [points.x[index]!, points.y[index]!];
    if (px < left || px > right || py < low || py > high) return false;
    let inside = false;
    for (let i = 0, j = x.length - 1; i < x.length; j = i++) {
      const [xi, yi, xj, yj] = [x[i]!, y[i]!, x[j]!, y[j]!];
      if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  });
}

/** The points of some candidates. */
export function pointsOf(all: Points, isMember: (candidate: number) => boolean): Points {
  const kept = all.candidates.flatMap((candidate, index) => (isMember(candidate) ? [index] : []));
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (index) => values[index]!);
  return {
    candidates: kept.map((index) => all.candidates[index]!),
    x: pick(all.x),
    y: pick(all.y),
    size: pick(all.size),
    kind: kept.map((index) => all.kind[index]!),
  };
}

/** One colour for every kind. */
export const oneColour = (colour: string): PointColours =>
  Object.fromEntries(symmetryKinds.map((kind) => [kind, colour])) as PointColours;
