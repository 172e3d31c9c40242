import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { niceTicks, type PlotInput, plotLines } from '../../src/explore/scatter-plot.js';
import { textOf } from '../../src/explore/styled-lines.js';

const input = (points: readonly (readonly [number, number])[], more: Partial<PlotInput> = {}): PlotInput => ({
  points: points.map(([x, y]) => ({ x, y, glyph: '●', role: 'symmetric', weight: 1 })),
  front: [],
  xBetter: 'higher',
  xTitle: 'x',
  yTitle: 'y',
  xText: String,
  ...more,
});
const draw = (plot: PlotInput, width = 40, height = 14): string[] =>
  plotLines(plot, width, height).map(textOf);

describe('plotLines', () => {
  it('puts points by their place: more is right and up', () => {
    const rows = draw(
      input([
        [0, 0],
        [10, 5],
        [20, 10],
      ]),
    );
    const at = rows.flatMap((row, y) =>
      [...row].flatMap((character, x) => (character === '●' ? [{ x, y }] : [])),
    );
    expect(at.length).toBe(3);
    expect(at.map(({ x }) => x)).toEqual(at.map(({ x }) => x).sort((a, b) => b - a)); // from the top row down, x falls
  });
  it('the front steps down first where more is better, right first where less is', () => {
    const steps = [
      [0, 10],
      [20, 0],
    ] as const;
    const higher = draw(
      input(
        [
          [0, 10],
          [20, 0],
        ],
        { front: steps },
      ),
    );
    const lower = draw(
      input(
        [
          [0, 10],
          [20, 0],
        ],
        { front: steps, xBetter: 'lower' },
      ),
    );
    const dots = (rows: string[], row: number): number =>
      [...rows[row]!].filter((character) => character >= '\u2801' && character <= '\u28ff').length;
    expect(dots(higher, 10)).toBeGreaterThan(10); // along the bottom
    expect(dots(lower, 1)).toBeGreaterThan(10); // along the top
  });
  it('every line is as wide as asked for any data', () => {
    const point = fc.tuple(
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 24, max: 120 }),
        fc.integer({ min: 6, max: 50 }),
        (points, width, height) => {
          const rows = draw(input(points, { front: [...points].sort((a, b) => a[0] - b[0]) }), width, height);
          expect(rows.length).toBe(height);
          expect(rows.every((row) => row.length === width)).toBe(true);
          expect(rows.join('')).toContain('●');
        },
      ),
      { seed: 1 },
    );
  });
  it('says when it is too small or empty', () => {
    expect(draw(input([[1, 1]]), 20, 5)[0]).toContain('too small for the p');
    expect(draw(input([]), 60).join('\n')).toContain('no layout has both a score and this cost');
  });
});

describe('niceTicks', () => {
  it.each([
    [[0, 10], 5, [0, 2, 4, 6, 8, 10]],
    [[55.2, 64.1], 4, [60]],
    [[0.12, 0.31], 4, [0.15, 0.2, 0.25, 0.3]],
    [[480, 910], 4, [600, 800]],
  ] as const)('%j in about %d', (range, count, ticks) => {
    expect(niceTicks(range, count)).toEqual(ticks);
  });
});
