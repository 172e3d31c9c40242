/** The rank of the median's interval above 1,074 samples, where 2^-n is no longer a number. */
import { describe, expect, it } from 'vitest';
import { medianRank } from '../../../src/util/statistics/order-statistics.js';

/** P(fewer than r heads of n), by whole numbers. */
function lowerTail(n: number, r: number): number {
  let [coefficient, sum] = [1n, 0n];
  for (let k = 0; k < r; k++) {
    sum += coefficient;
    coefficient = (coefficient * BigInt(n - k)) / BigInt(k + 1);
  }
  return Number((sum * 10n ** 15n) / 2n ** BigInt(n)) / 1e15;
}

describe('medianRank', () => {
  it.each([
    [1000, 0.95],
    [1074, 0.95],
    [1075, 0.95],
    [1500, 0.95],
    [1500, 0.99],
    [3000, 0.8],
  ])('of %i samples at %f is the largest that keeps the confidence', (n, confidence) => {
    const [rank, tail] = [medianRank(n, confidence), (1 - confidence) / 2];
    expect(lowerTail(n, rank)).toBeLessThanOrEqual(tail);
    expect(lowerTail(n, rank + 1)).toBeGreaterThan(tail);
  });
});
