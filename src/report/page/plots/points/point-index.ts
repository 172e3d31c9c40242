/** Points by their pixels: the one nearest to the pointer, and those inside an outline. */
import { rangeOf } from '../../../../util/statistics/range-of.js';

/** A polygon. */
export interface Outline {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Pixels of points within their plot. */
export interface Pixels {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Pixels: the pointer is that near to a point; also the side of a cell. */
const reach = 14;

export class PointIndex {
  private readonly columns: number;
  private readonly rows: number;
  /** Points of cell `c` are `inCells[starts[c]]` to before `inCells[starts[c + 1]]`. */
  private readonly starts: Int32Array;
  private readonly inCells: Int32Array;

  /** @param width of the plot, pixels; points beyond it are never the nearest @param height likewise */
  constructor(
    readonly at: Pixels,
    width: number,
    height: number,
  ) {
    this.columns = Math.floor(width / reach) + 1;
    this.rows = Math.floor(height / reach) + 1;
    const cells = Int32Array.from(at.x, (x, index) => this.cellOf(x, at.y[index]!));
    this.starts = new Int32Array(this.columns * this.rows + 1);
    for (const cell of cells) if (cell >= 0) this.starts[cell + 1]!++;
    for (let cell = 1; cell < this.starts.length; cell++) this.starts[cell]! += this.starts[cell - 1]!;
    const next = this.starts.slice();
    this.inCells = new Int32Array(this.starts.at(-1)!);
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!;
      if (cell >= 0) this.inCells[next[cell]!++] = index;
    }
  }

  /** -1 beyond the plot. */
  private cellOf(x: number, y: number): number {
    const [column, row] = [Math.floor(x / reach), Math.floor(y / reach)];
    const isWithin = column >= 0 && row >= 0 && column < this.columns && row < this.rows;
    return isWithin ? row * this.columns + column : -1;
  }

  /** The point nearest to a pixel, within `reach`. */
  nearest(x: number, y: number): number | undefined {
    let [best, distance] = [-1, reach ** 2];
    for (const dx of [-reach, 0, reach])
      for (const dy of [-reach, 0, reach]) {
        const cell = this.cellOf(x + dx, y + dy);
        for (let at = cell < 0 ? 0 : this.starts[cell]!; cell >= 0 && at < this.starts[cell + 1]!; at++) {
          const index = this.inCells[at]!;
          const found = (this.at.x[index]! - x) ** 2 + (this.at.y[index]! - y) ** 2;
          if (found < distance) [best, distance] = [index, found];
        }
      }
    return best < 0 ? undefined : best;
  }

  /** Points inside an outline, in their order. */
  inside(outline: Outline): number[] {
    const { x, y } = this.at;
    const [left, right] = rangeOf(outline.x);
    const [top, bottom] = rangeOf(outline.y);
    const edges = edgesByBand(outline, top, bottom);
    const found: number[] = [];
    for (let index = 0; index < x.length; index++) {
      const px = x[index]!;
      const py = y[index]!;
      const isNear = px >= left && px <= right && py >= top && py <= bottom;
      if (isNear && isInside(outline, edges[bandOf(py, top)]!, px, py)) found.push(index);
    }
    return found;
  }
}

/** Pixels. */
const bandHeight = 4;
const bandOf = (y: number, top: number): number => Math.floor((y - top) / bandHeight);

/** Edges of an outline by the bands of pixels that they reach: a point is tested against its band's. */
function edgesByBand({ y }: Outline, top: number, bottom: number): number[][] {
  const bands: number[][] = Array.from({ length: bandOf(bottom, top) + 1 }, () => []);
  for (let edge = 0, before = y.length - 1; edge < y.length; before = edge++) {
    const [low, high] = [Math.min(y[edge]!, y[before]!), Math.max(y[edge]!, y[before]!)];
    for (let band = bandOf(low, top); band <= bandOf(high, top); band++) bands[band]!.push(edge);
  }
  return bands;
}

/** Whether a point lies inside, by the even-odd rule. @param edges those at its height, by their end */
function isInside({ x, y }: Outline, edges: readonly number[], px: number, py: number): boolean {
  let inside = false;
  for (const i of edges) {
    const j = i === 0 ? x.length - 1 : i - 1;
    const [xi, yi, xj, yj] = [x[i]!, y[i]!, x[j]!, y[j]!];
    if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
