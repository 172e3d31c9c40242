import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchByCost } from '../../../src/analysis/summary/match-by-cost.js';

interface Point {
  readonly index: number;
  readonly x: number | undefined;
}

/** Every pair sorted by distance and positions, each network taken once. */
function reference(symmetric: readonly Point[], asymmetric: readonly Point[], within: number): number[][] {
  const used = new Set<number>();
  return symmetric
    .flatMap((s) =>
      asymmetric.flatMap((a) =>
        s.x && a.x ? [{ s: s.index, a: a.index, distance: Math.abs(Math.log(a.x / s.x)) }] : [],
      ),
    )
    .filter(({ distance }) => distance <= Math.log(1 + within))
    .sort((p, q) => p.distance - q.distance || p.s - q.s || p.a - q.a)
    .filter(({ s, a }) => !used.has(s) && !used.has(a) && used.add(s).add(a))
    .map(({ s, a }) => [s, a]);
}

describe('matchByCost', () => {
  const cost = fc.option(fc.integer({ min: 1000, max: 1060 }), { nil: undefined, freq: 12 });
  it('finds the pairs that a sort of all pairs finds, in its order', () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: cost, symmetric: fc.boolean() }), { maxLength: 60 }),
        fc.constantFrom(0.001, 0.01, 0.05),
        (points, within) => {
          const of = (kind: boolean): Point[] =>
            points.flatMap(({ x, symmetric }, index) => (symmetric === kind ? [{ index, x }] : []));
          const pairs = matchByCost(of(true), of(false), within);
          expect(pairs.map((pair) => [pair.symmetric.index, pair.asymmetric.index])).toEqual(
            reference(of(true), of(false), within),
          );
        },
      ),
      { seed: 1, numRuns: 500 },
    ));
});
