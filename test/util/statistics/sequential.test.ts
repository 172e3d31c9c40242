import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { normalCdf, normalQuantile } from '../../../src/util/statistics/normal.js';
import {
  adjustForLooks,
  crossingProbability,
  nominalLevel,
  pocockConstant,
} from '../../../src/util/statistics/sequential.js';

describe('pocockConstant', () => {
  // Jennison and Turnbull, Group Sequential Methods, 2000, table 2.1: two-sided levels of 0.1, 0.05 and 0.01
  it.each([
    [1, 1.645, 1.96, 2.576],
    [2, 1.875, 2.178, 2.772],
    [3, 1.992, 2.289, 2.873],
    [4, 2.067, 2.361, 2.939],
    [5, 2.122, 2.413, 2.986],
    [6, 2.164, 2.453, 3.023],
    [8, 2.225, 2.512, 3.078],
    [10, 2.27, 2.555, 3.117],
    [20, 2.392, 2.672, 3.225],
  ])('of %i looks is that of the printed table', (looks, ...printed) => {
    const found = [0.1, 0.05, 0.01].map((level) => pocockConstant(level, looks));
    for (const [index, value] of printed.entries())
      expect(Math.abs(found[index]! - value)).toBeLessThan(6e-4);
  });
});

describe('crossingProbability, adjustForLooks', () => {
  it('agrees with 40,000 simulated sequences of five looks', () => {
    const random = seededRandom('crossing');
    let crossed = 0;
    for (let sequence = 0; sequence < 40_000; sequence++) {
      let sum = 0;
      for (let look = 1; look <= 5; look++) {
        sum += random.normal();
        if (Math.abs(sum) > 2.2 * Math.sqrt(look)) {
          crossed++;
          break;
        }
      }
    }
    expect(Math.abs(crossed / 40_000 - crossingProbability(2.2, 5))).toBeLessThan(0.004);
  });
  it('one look leaves p as it is; more raise it, by their number at most', () => {
    for (const p of [1e-14, 1e-8, 0.001, 0.05, 0.5, 1]) {
      expect(adjustForLooks(p, 1)).toBe(p);
      const adjusted = [2, 3, 6].map((looks) => adjustForLooks(p, looks));
      expect(adjusted).toEqual([...adjusted].sort((a, b) => a - b));
      for (const [index, looks] of [2, 3, 6].entries()) {
        expect(adjusted[index]).toBeGreaterThanOrEqual(p);
        expect(adjusted[index]).toBeLessThanOrEqual(Math.min(1, looks * p));
      }
    }
  });
  it('nominalLevel inverts it', () => {
    expect(nominalLevel(0.05, 5)).toBeCloseTo(0.0158, 4);
    expect(adjustForLooks(nominalLevel(0.01, 4), 4)).toBeCloseTo(0.01, 8);
  });
});

describe('normal', () => {
  it('cdf and quantile are those of printed tables, far into the tail', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316300933, 15);
    expect(normalCdf(-8) / 6.220960574271786e-16).toBeCloseTo(1, 8);
    expect(1 - normalCdf(8)).toBeCloseTo(6.22e-16, 15);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 10);
    expect(normalQuantile(1e-9)).toBeCloseTo(-5.997807015, 7);
  });
  it('rejects shares outside (0, 1)', () => expect(() => normalQuantile(1)).toThrow('must lie in (0, 1)'));
});
