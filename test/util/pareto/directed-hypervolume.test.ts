import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directedReference, hypervolume } from '../../../src/util/pareto/directed.js';

/** Volume of the union of boxes by counting unit cells; coordinates are small integers. */
function cells(points: readonly number[][], reference: readonly number[]): number {
  const axes = reference.map((limit) => Array.from({ length: limit }, (_, step) => step));
  const all = axes.reduce<number[][]>(
    (corners, axis) => corners.flatMap((corner) => axis.map((step) => [...corner, step])),
    [[]],
  );
  return all.filter((cell) => points.some((point) => point.every((value, axis) => value <= cell[axis]!)))
    .length;
}

describe('hypervolume', () => {
  for (const objectives of [2, 3, 4]) {
    it(`equals the count of dominated unit cells, ${objectives} objectives`, () => {
      const point = fc.array(fc.integer({ min: 0, max: 8 }), {
        minLength: objectives,
        maxLength: objectives,
      });
      fc.assert(
        fc.property(fc.array(point, { maxLength: 12 }), (points) => {
          const reference = Array.from({ length: objectives }, () => 7);
          expect(
            hypervolume(
              points,
              reference,
              reference.map(() => 'lower' as const),
            ),
          ).toBe(cells(points, reference));
        }),
        { seed: 1, numRuns: 300 },
      );
    });
  }
  it('respects directions', () => {
    expect(hypervolume([[0.9, 10]], [0.5, 4], ['higher', 'higher'])).toBeCloseTo(0.4 * 6, 12);
    expect(hypervolume([[0.9, 10]], [0.5, 14], ['higher', 'lower'])).toBeCloseTo(0.4 * 4, 12);
  });
  it('grows by no point that is dominated or beyond the reference', () => {
    const front = [
      [1, 5],
      [3, 3],
    ];
    expect(hypervolume([...front, [4, 6], [1, 99]], [6, 7], ['lower', 'lower'])).toBe(
      hypervolume(front, [6, 7], ['lower', 'lower']),
    );
  });
  it('is 0 for no points', () => expect(hypervolume([], [1, 1], ['lower', 'lower'])).toBe(0));
});

it('directedReference lies beyond the worst of each objective by a tenth of its range, and not under 0', () => {
  const points = [
    [1, 5],
    [3, 2],
  ];
  expect(directedReference(points, ['higher', 'lower'])).toEqual([0.8, 5.3]);
  expect(
    hypervolume([[1, 2]], directedReference(points, ['higher', 'lower']), ['higher', 'lower']),
  ).toBeGreaterThan(0);
  expect(directedReference([[0.05], [0.95]], ['higher'])).toEqual([0]);
  expect(directedReference([[-1], [1]], ['higher'])[0]).toBeCloseTo(-1.2, 12);
});
