/**
 * Rings around many points as one picture. A canvas call for each of 20,000 rings takes longer than all the
 * rest of a selection.
 */

/** By ring, in pixels of the picture. */
export interface Rings {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly radius: Float64Array;
}

/** The pixels of a ring that its line touches, from the pixel of the centre. */
interface Stamp {
  readonly reach: number;
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  /** 0..1 */
  readonly share: Float64Array;
}

/** Radii are rounded to this, so that few stamps exist. */
const radiusStep = 0.25;

/**
 * How much of each pixel the rings cover, as an opacity of 0..255, `[height, width]` row by row. Rings are
 * centred on pixels; what lies outside the picture is left out.
 * @param line width of the lines, pixels
 */
export function ringCover(
  { x, y, radius }: Rings,
  width: number,
  height: number,
  line: number,
): Uint8ClampedArray {
  const cover = new Uint8ClampedArray(width * height);
  const stamps: Stamp[] = [];
  for (let ring = 0; ring < x.length; ring++) {
    const steps = Math.max(1, Math.round(radius[ring]! / radiusStep));
    const stamp = (stamps[steps] ??= stampOf(steps * radiusStep, line));
    addStamp(cover, width, height, stamp, Math.floor(x[ring]!), Math.floor(y[ring]!));
  }
  return cover;
}

function stampOf(radius: number, line: number): Stamp {
  const reach = Math.ceil(radius + line / 2 + 0.5);
  const found: [dx: number, dy: number, share: number][] = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      const share = Math.min(1, line, line / 2 + 0.5 - Math.abs(Math.hypot(dx, dy) - radius));
      if (share > 0) found.push([dx, dy, share]);
    }
  return {
    reach,
    dx: Int16Array.from(found, ([dx]) => dx),
    dy: Int16Array.from(found, ([, dy]) => dy),
    share: Float64Array.from(found, ([, , share]) => share),
  };
}

function addStamp(
  cover: Uint8ClampedArray,
  width: number,
  height: number,
  { reach, dx, dy, share }: Stamp,
  x: number,
  y: number,
): void {
  const isWhole = x >= reach && y >= reach && x + reach < width && y + reach < height;
  for (let pixel = 0; pixel < share.length; pixel++) {
    const left = x + dx[pixel]!;
    const top = y + dy[pixel]!;
    if (!isWhole && (left < 0 || top < 0 || left >= width || top >= height)) continue;
    const at = top * width + left;
    cover[at] = cover[at]! + (255 - cover[at]!) * share[pixel]!;
  }
}
