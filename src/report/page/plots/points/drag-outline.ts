/**
 * Clicks on a plot, and the outlines that a lasso or a box draws over it. The library tells of an outline
 * 50 ms and more after the button was released; the answer to it need not wait for that.
 */
import type { PlotElement } from '../plotly.js';
import type { Outline } from './point-index.js';

interface DragListeners {
  click(event: MouseEvent): void;
  /** @param outline in pixels of the plot, within its axes */
  outline(outline: Outline, event: MouseEvent): void;
}

/** Pixels that the pointer may move within a click. */
const clickReach = 4;
/** A box narrower than this, and than 0.6 of its length, spans the whole plot: so the library draws it. */
const narrowPx = 12;

type Point = readonly [x: number, y: number];

export function listenToDrags(plot: PlotElement, listeners: DragListeners): void {
  const pressed = (down: MouseEvent): void => {
    const path: Point[] = [[down.clientX, down.clientY]];
    const moved = (event: PointerEvent): void => {
      const all = event.getCoalescedEvents(); // what a busy page missed since the event before
      for (const { clientX, clientY } of all.length > 0 ? all : [event]) path.push([clientX, clientY]);
    };
    const released = (up: MouseEvent): void => {
      document.removeEventListener('pointermove', moved, { capture: true });
      path.push([up.clientX, up.clientY]);
      // a lasso that returns to its start is no click
      const isClick = path.every(([x, y]) => Math.hypot(x - down.clientX, y - down.clientY) < clickReach);
      const outline = down.target instanceof Element && outlineOf(plot, path, down.target);
      if (isClick) listeners.click(up);
      else if (outline) listeners.outline(outline, up);
    };
    document.addEventListener('pointermove', moved, { capture: true });
    document.addEventListener('mouseup', released, { once: true, capture: true });
  };
  plot.addEventListener('mousedown', pressed, { capture: true });
}

/** Undefined where the drag did something else, such as to zoom. @param path in pixels of the window */
function outlineOf(plot: PlotElement, path: readonly Point[], target: Element): Outline | undefined {
  const { xaxis, yaxis, dragmode } = plot._fullLayout!;
  if (!target.classList.contains('nsewdrag')) return undefined; // not within the axes
  const { left, top } = plot.getBoundingClientRect();
  const within = (value: number, { _offset, _length }: typeof xaxis): number =>
    Math.min(_offset + _length, Math.max(_offset, value));
  const points = path.map(([x, y]): Point => [within(x - left, xaxis), within(y - top, yaxis)]);
  if (dragmode === 'lasso') return { x: points.map(([x]) => x), y: points.map(([, y]) => y) };
  if (dragmode !== 'select') return undefined;
  const [x, y] = boxSides(points[0]!, points.at(-1)!, [xaxis, yaxis]);
  return { x: [x[0], x[1], x[1], x[0]], y: [y[0], y[0], y[1], y[1]] };
}

type Axes = readonly [x: Side, y: Side];
interface Side {
  readonly _offset: number;
  readonly _length: number;
}

function boxSides([x0, y0]: Point, [x1, y1]: Point, [xaxis, yaxis]: Axes): readonly [Point, Point] {
  const [dx, dy] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const whole = ({ _offset, _length }: Side): Point => [_offset, _offset + _length];
  if (dy < Math.min(0.6 * dx, narrowPx)) return [[x0, x1], whole(yaxis)];
  if (dx < Math.min(0.6 * dy, narrowPx)) return [whole(xaxis), [y0, y1]];
  return [
    [x0, x1],
    [y0, y1],
  ];
}
