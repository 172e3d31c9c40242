/**
 * Places the labels of points in a drawing: beside their point where there is room, else moved away until
 * they cover neither another label nor a point. None is dropped. Pure; in pixels, y downwards.
 */

export interface Labelled {
  /** The point. */
  readonly x: number;
  readonly y: number;
  /** Of its label. */
  readonly width: number;
  readonly height: number;
}
/** Top left corner of a label. */
export interface Placed {
  readonly left: number;
  readonly top: number;
  /** Gap between point and label; beyond `nearGap`, a line joins them. */
  readonly gap: number;
}
interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export const nearGap = 10;
const gaps = [nearGap, 20, 32, 46, 62, 80, 100, 124, 150];
/** Half a side of the square that a point keeps free. */
const pointRoom = 7;

/**
 * @param bounds that labels stay within
 * @param others points without a label, which labels keep free as well
 */
export function placeLabels(
  points: readonly Labelled[],
  bounds: Box,
  others: readonly Pick<Labelled, 'x' | 'y'>[] = [],
): Placed[] {
  const taken: Box[] = [...points, ...others].map(({ x, y }) => ({
    x0: x - pointRoom,
    y0: y - pointRoom,
    x1: x + pointRoom,
    y1: y + pointRoom,
  }));
  return points.map((point) => {
    const choices = gaps.flatMap((gap) => placesAt(point, gap));
    const cost = ({ left, top }: Placed): number => {
      const box = { x0: left, y0: top, x1: left + point.width, y1: top + point.height };
      return taken.reduce((sum, other) => sum + overlap(box, other), 0) + outside(box, bounds);
    };
    const chosen = choices.find((each) => cost(each) === 0) ?? leastOf(choices, cost);
    taken.push({
      x0: chosen.left,
      y0: chosen.top,
      x1: chosen.left + point.width,
      y1: chosen.top + point.height,
    });
    return chosen;
  });
}

/** Right above, right, right below, above, below, and the same on the left. */
function placesAt({ x, y, width, height }: Labelled, gap: number): Placed[] {
  const [right, left, middle] = [x + gap, x - gap - width, x - width / 2];
  const [above, below, level] = [y - gap - height, y + gap, y - height / 2];
  return [
    [right, above],
    [right, level],
    [right, below],
    [middle, above],
    [middle, below],
    [left, above],
    [left, level],
    [left, below],
  ].map(([atLeft, top]) => ({ left: atLeft!, top: top!, gap }));
}

function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const high = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return wide > 0 && high > 0 ? wide * high : 0;
}

/** Area of the box beyond the bounds, weighted: a label that is cut off is worse than one that covers. */
const outside = (box: Box, bounds: Box): number =>
  3 * ((box.x1 - box.x0) * (box.y1 - box.y0) - overlap(box, bounds));

const leastOf = (choices: readonly Placed[], cost: (place: Placed) => number): Placed =>
  choices.reduce((best, each) => (cost(each) < cost(best) ? each : best));
