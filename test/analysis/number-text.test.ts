import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesText,
  countText,
  fixedText,
  measuredText,
  plusMinusText,
  signedIntervalText,
  significantText,
} from '../../src/analysis/number-text.js';

const around = (value: number, half: number) => ({ value, low: value - half, high: value + half });

describe('digits follow the interval', () => {
  it.each([
    [0.827, 0.119, '0.83 ± 0.12'],
    [0.827, 0.367, '0.8 ± 0.4'],
    [0.827, 0.97, '0.8 ± 1.0'], // the Particle Data Group's own cases
    [1234.4, 6.1, '1,234 ± 6'],
    [1234.4, 23, '1,234 ± 23'],
    [98765, 4300, '99,000 ± 4,000'],
    [61.342, 0.47, '61.3 ± 0.5'],
    [-3.456, 0.021, '−3.456 ± 0.021'],
  ])('%d ± %d reads %s', (value, half, text) => expect(plusMinusText(around(value, half))).toBe(text));

  it('the displayed value lies within the interval of the measured one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-4, max: 1e3, noNaN: true }),
        (value, half) => {
          const shown = measuredText(around(value, half));
          const parse = (text: string): number => Number(text.replaceAll(',', '').replace('−', '-'));
          expect(Math.abs(parse(shown.value) - value)).toBeLessThanOrEqual(half + 1e-9);
          expect(parse(shown.half!) / half).toBeGreaterThan(0.85);
          expect(parse(shown.half!) / half).toBeLessThan(1.2);
        },
      ),
      { seed: 1 },
    );
  });
  it('an exact number has no interval', () => expect(plusMinusText(around(0.5, 0), 100)).toBe('50'));
  it('signedIntervalText signs all three', () => {
    expect(signedIntervalText({ value: 0.019, low: 0.004, high: 0.033 }, 100)).toBe('+1.9 [+0.4, +3.3]');
    expect(signedIntervalText({ value: -0.001, low: -0.02, high: 0.018 }, 100)).toBe('−0.1 [−2.0, +1.8]');
  });
  it('counts, bytes and plain numbers', () => {
    expect([0, 999, 1234, 999_600, 41_250_000, 3_100_000_000].map(countText)).toEqual([
      '0',
      '999',
      '1.23 k',
      '1.00 M',
      '41.3 M',
      '3.10 G',
    ]);
    expect([512, 1536, 1_572_864, 3 * 2 ** 30].map(bytesText)).toEqual([
      '512 B',
      '1.50 KiB',
      '1.50 MiB',
      '3.00 GiB',
    ]);
    expect([0, 7, 1234.5, 0.012345, 17.26].map(significantText)).toEqual([
      '0',
      '7',
      '1,230',
      '0.0123',
      '17.3',
    ]);
    expect([fixedText(-0.001, 2), fixedText(1234567.891, 1), fixedText(1250, -2)]).toEqual([
      '0.00',
      '1,234,567.9',
      '1,300',
    ]);
  });
});

describe('a value beside a wide interval', () => {
  it.each([
    [{ value: 3.3, low: 0, high: 44 }, '3.3 [0.0, 44.0]'],
    [{ value: -0.4, low: -30, high: 30 }, '−0.4 ± 30.4'],
    [{ value: 0, low: -30, high: 30 }, '0 ± 30'],
  ])('is not rounded away: %o', (interval, text) => expect(plusMinusText(interval)).toBe(text));
});
