import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../src/report/label-placement.js';
import { seededRandom } from '../../src/util/random.js';

const bounds = { x0: 0, y0: 0, x1: 700, y1: 400 };

describe('placeLabels', () => {
  it('drops none: crowded points get labels that neither overlap nor leave the drawing', () => {
    const random = seededRandom('labels');
    for (let round = 0; round < 50; round++) {
      const points = Array.from({ length: 8 }, () => ({
        x: 300 + 100 * random.next(),
        y: 150 + 60 * random.next(),
        width: 110,
        height: 16,
      }));
      const boxes = placeLabels(points, bounds).map(({ left, top }, index) => ({
        left,
        top,
        right: left + points[index]!.width,
        bottom: top + points[index]!.height,
      }));
      expect(boxes.length).toBe(points.length);
      boxes.forEach((a, i) => {
        expect(a.left >= bounds.x0 && a.right <= bounds.x1).toBe(true);
        expect(a.top >= bounds.y0 && a.bottom <= bounds.y1).toBe(true);
        for (const b of boxes.slice(i + 1))
          expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
        for (const { x, y } of points)
          expect(x > a.left && x < a.right && y > a.top && y < a.bottom).toBe(false);
      });
    }
  });
  it('a single label stands beside its point', () => {
    const [place] = placeLabels([{ x: 100, y: 100, width: 50, height: 12 }], bounds);
    expect(place).toEqual({ left: 110, top: 78, gap: 10 });
  });
});
