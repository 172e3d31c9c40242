/** Rings as coverages: area, symmetry, edges and overlaps. */
import { describe, expect, it } from 'vitest';
import { ringCover } from '../../src/report/page/plots/points/ring-cover.js';

const rings = (...list: readonly (readonly [x: number, y: number, radius: number])[]) => ({
  x: Float64Array.from(list, ([x]) => x),
  y: Float64Array.from(list, ([, y]) => y),
  radius: Float64Array.from(list, ([, , radius]) => radius),
});
const sum = (cover: Uint8ClampedArray): number => cover.reduce((total, share) => total + share / 255, 0);

describe('ringCover', () => {
  it('covers the area of a ring, and neither its centre nor what is far from it', () => {
    for (const radius of [3, 4.5, 7.25, 12]) {
      const cover = ringCover(rings([20, 20, radius]), 41, 41, 1.6);
      const area = 2 * Math.PI * radius * 1.6;
      expect(Math.abs(sum(cover) / area - 1)).toBeLessThan(0.03);
      expect(cover[20 * 41 + 20]).toBe(0);
      expect(cover[0]).toBe(0);
    }
  });

  it('looks the same from all sides', () => {
    const cover = ringCover(rings([10, 10, 6]), 21, 21, 1.6);
    const at = (x: number, y: number): number => cover[21 * y + x]!;
    for (let x = 0; x < 21; x++)
      for (let y = 0; y < 21; y++) {
        expect(at(20 - x, y)).toBe(at(x, y));
        expect(at(y, x)).toBe(at(x, y));
      }
  });

  it('a ring across the edge is the part of a larger picture, and wraps nowhere', () => {
    const whole = ringCover(rings([30, 32, 8]), 60, 60, 1.6);
    const part = ringCover(rings([0, 2, 8]), 30, 30, 1.6);
    for (let y = 0; y < 30; y++)
      for (let x = 0; x < 30; x++) expect(part[30 * y + x]).toBe(whole[60 * (y + 30) + x + 30]);
    expect(sum(ringCover(rings([-50, 10, 8], [500, 10, 8], [10, -50, 8]), 30, 30, 1.6))).toBe(0);
  });

  it('overlapping rings cover what both cover, never more than the whole pixel', () => {
    const two = ringCover(rings([10, 10, 6], [16, 10, 6]), 27, 21, 1.6);
    const [first, second] = [
      ringCover(rings([10, 10, 6]), 27, 21, 1.6),
      ringCover(rings([16, 10, 6]), 27, 21, 1.6),
    ];
    two.forEach((share, at) => {
      const both = 255 - (255 - first[at]!) * (1 - second[at]! / 255);
      expect(Math.abs(share - both)).toBeLessThanOrEqual(1);
    });
    const many = ringCover(rings(...Array.from({ length: 300 }, () => [10, 10, 6] as const)), 21, 21, 1.6);
    expect(Math.max(...many)).toBe(255);
  });
});
