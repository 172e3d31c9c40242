import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Direction } from '../../../src/util/pareto/directed.js';
import { nonDominated } from '../../../src/util/pareto/directed.js';
import { nasBenchMacroSample } from '../../fixtures/published/nas-bench-macro.js';

/** The definition, word by word. */
function bruteForce(points: readonly number[][], better: readonly Direction[]): number[] {
  const atLeast = (a: number, b: number, axis: number): boolean =>
    better[axis] === 'higher' ? a >= b : a <= b;
  const dominates = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((value, axis) => atLeast(value, b[axis]!, axis)) && a.some((value, axis) => value !== b[axis]);
  return points.flatMap((point, index) => (points.some((other) => dominates(other, point)) ? [] : [index]));
}

const direction = fc.constantFrom<Direction>('higher', 'lower');
/** Few distinct values, so that ties of every kind are common. */
const coarse = fc.integer({ min: -3, max: 3 });
const fine = fc.double({ min: -10, max: 10, noNaN: true });

describe('nonDominated', () => {
  for (const [title, value] of [
    ['few values, many ties', coarse],
    ['many values', fine],
  ] as const) {
    it(`equals the definition with two objectives: ${title}`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { maxLength: 60 }),
          fc.tuple(direction, direction),
          (points, better) => {
            expect(nonDominated(points, better)).toEqual(bruteForce(points, better));
          },
        ),
        { seed: 1, numRuns: 400 },
      );
    });
    it(`equals the definition with three objectives: ${title}`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { maxLength: 60 }),
          fc.tuple(direction, direction, direction),
          (points, better) => {
            expect(nonDominated(points, better)).toEqual(bruteForce(points, better));
          },
        ),
        { seed: 1, numRuns: 600 },
      );
    });
  }
  it('keeps every one of exactly equal points', () => {
    expect(
      nonDominated(
        [
          [1, 2],
          [1, 2],
          [0, 1],
        ],
        ['higher', 'higher'],
      ),
    ).toEqual([0, 1]);
  });
  it('refuses another number of objectives, another length and values that are not finite', () => {
    expect(() => nonDominated([[1, 2, 3]], ['higher', 'lower'])).toThrow(
      'as many values as there are objectives (2), got 3',
    );
    expect(() => nonDominated([[1, NaN]], ['higher', 'lower'])).toThrow('finite, got NaN');
  });

  it('NAS-Bench-Macro: 35 points of accuracy against FLOPs, 39 against parameters', () => {
    const rows = nasBenchMacroSample(); // holds both fronts of the whole table
    const distinct = (key: 'macs' | 'params'): number => {
      const points = rows.map((row) => [row.meanAccuracy, row[key]]);
      return new Set(nonDominated(points, ['higher', 'lower']).map((index) => points[index]!.join())).size;
    };
    expect([distinct('macs'), distinct('params')]).toEqual([35, 39]);
  });
});
