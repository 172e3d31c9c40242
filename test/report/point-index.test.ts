/** Points by their pixels against a test of every point and edge. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PointIndex } from '../../src/report/page/plots/points/point-index.js';

type Point = readonly [x: number, y: number];
const [width, height] = [300, 200];
const place = fc.tuple(fc.integer({ min: -40, max: 340 }), fc.integer({ min: -40, max: 240 }));
/** Between whole pixels, so that no point lies on an edge. */
const points = fc.array(
  place.map(([x, y]): Point => [x + 0.37, y + 0.41]),
  { maxLength: 60 },
);
const outline = fc.array(fc.tuple(fc.integer({ min: 0, max: width }), fc.integer({ min: 0, max: height })), {
  minLength: 2,
  maxLength: 40,
});

const indexOf = (at: readonly Point[]): PointIndex =>
  new PointIndex(
    { x: Float64Array.from(at, ([x]) => x), y: Float64Array.from(at, ([, y]) => y) },
    width,
    height,
  );

/** Even-odd rule: edges that a ray to the right crosses. */
const isInside = (corners: readonly Point[], [px, py]: Point): boolean =>
  corners.filter(([x1, y1], at) => {
    const [x2, y2] = corners.at(at - 1)!;
    return y1 > py !== y2 > py && px < x1 + ((py - y1) / (y2 - y1)) * (x2 - x1);
  }).length %
    2 ===
  1;

describe('PointIndex', () => {
  it('inside finds the points of any outline, in their order', () => {
    fc.assert(
      fc.property(points, outline, (at, corners) => {
        const found = indexOf(at).inside({ x: corners.map(([x]) => x), y: corners.map(([, y]) => y) });
        expect(found).toEqual(at.flatMap((point, index) => (isInside(corners, point) ? [index] : [])));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('nearest finds the nearest point of the plot within 14 pixels', () => {
    fc.assert(
      fc.property(points, place, (at, [x, y]) => {
        const distance = ([px, py]: Point): number => Math.hypot(px - x, py - y);
        const near = at.filter(
          (point) => point[0] >= 0 && point[1] >= 0 && point[0] < width && point[1] < height,
        );
        const least = Math.min(...near.map(distance));
        const found = indexOf(at).nearest(x, y);
        if (least < 14) expect(distance(at[found!]!)).toBe(least);
        else if (found !== undefined) expect(distance(at[found]!)).toBeLessThan(14); // just beyond the edge
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('a point without a place, such as the logarithm of zero, is nowhere', () => {
    const index = new PointIndex({ x: Float64Array.of(Number.NaN), y: Float64Array.of(5) }, width, height);
    expect(index.nearest(5, 5)).toBeUndefined();
    expect(index.inside({ x: [0, 9, 9, 0], y: [0, 0, 9, 9] })).toEqual([]);
  });
});
