/** Every axis of a chart has ticks that can be told apart, however short its range. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartScale } from '../../src/report/charts/chart-scale.js';

const scaleOf = (scale: 'log' | 'linear', values: readonly number[]) =>
  chartScale({ title: '', scale }, values, 0, 400, 6);

describe('chartScale', () => {
  it('a logarithmic axis within a part of a decade has round ticks', () => {
    const { ticks } = scaleOf('log', [11.76e6, 12.57e6]);
    expect(ticks.map(({ text }) => text)).toEqual(['11.8M', '12M', '12.2M', '12.4M', '12.6M']);
  });

  it('axes from a hundredth to 100,000 times their least value have at least two ticks, all different', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('log' as const, 'linear' as const),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.double({ min: 1.01, max: 1e5, noNaN: true }),
        (kind, least, factor) => {
          const { ticks } = scaleOf(kind, [least, least * factor]);
          expect(ticks.length).toBeGreaterThan(1);
          expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});
