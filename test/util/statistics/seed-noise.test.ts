/**
 * Intervals that hold the seeds' scatter: coverage and false differences of equal networks, by simulation with
 * the scatter that was measured on small networks (5.3 points between seeds, 1,000 images).
 */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { overlaps } from '../../../src/util/statistics/interval.js';
import { poolSeedNoise, seedMean } from '../../../src/util/statistics/seed-noise.js';
import { wilsonInterval } from '../../../src/util/statistics/wilson.js';

const images = 1000;
const seedDeviation = 0.053;

/** One validation split: its images shift every score alike, a seed shifts its own. */
function draw(label: string, networks: number, seedsOf: (network: number) => number) {
  const random = seededRandom(label);
  const truths = Array.from({ length: networks }, () => 0.3 + 0.5 * random.next());
  const shift = random.normal();
  const scores = truths.map((truth, network) =>
    Array.from({ length: seedsOf(network) }, () =>
      Math.min(
        1,
        Math.max(
          0,
          truth + seedDeviation * random.normal() + shift * Math.sqrt((truth * (1 - truth)) / images),
        ),
      ),
    ),
  );
  return { truths, scores };
}

describe('seedMean', () => {
  it.each([
    ['one seed beside four networks of two', (network: number) => (network < 4 ? 2 : 1)],
    ['three seeds each', () => 3],
    ['eight seeds each', () => 8],
  ])('covers the true score in at least 93 of 100: %s', (label, seedsOf) => {
    let [covered, asked] = [0, 0];
    for (let round = 0; round < 400; round++) {
      const { truths, scores } = draw(`${label}/${round}`, 8, seedsOf);
      const noise = poolSeedNoise(scores);
      truths.forEach((truth, network) => {
        const { low, high } = seedMean(scores[network]!, noise, images);
        if (low <= truth && truth <= high) covered++;
        asked++;
      });
    }
    expect(covered / asked).toBeGreaterThanOrEqual(0.93);
    expect(covered / asked).toBeLessThan(0.99);
  });

  it('trainings of one network are told apart in at most 5 of 100 pairs; by images alone in over 30', () => {
    const told = { pooled: 0, images: 0 };
    let pairs = 0;
    for (let round = 0; round < 200; round++) {
      const { scores } = draw(`self/${round}`, 8, (network) => (network === 0 ? 8 : 2));
      const noise = poolSeedNoise(scores.slice(1));
      scores[0]!.forEach((a, i) =>
        scores[0]!.slice(i + 1).forEach((b) => {
          pairs++;
          if (!overlaps(seedMean([a], noise, images), seedMean([b], noise, images))) told.pooled++;
          if (!overlaps(wilsonInterval(a, images), wilsonInterval(b, images))) told.images++;
        }),
      );
    }
    expect(told.images / pairs).toBeGreaterThan(0.3);
    expect(told.pooled / pairs).toBeLessThanOrEqual(0.05);
  });

  it('gives no interval of zero width', () => {
    expect(seedMean([0.5], undefined, images)).toEqual({
      value: 0.5,
      low: 0.5,
      high: 0.5,
      samples: 1,
      unknown: true,
    });
    expect(seedMean([0.5, 0.5], poolSeedNoise([[0.5, 0.5]]))).toMatchObject({ unknown: true });
    for (const value of [0, 1]) {
      const { low, high } = seedMean([value, value], poolSeedNoise([[value, value]]), images);
      expect(high - low).toBeGreaterThan(0.003);
    }
    const unknown = seedMean([0.1], undefined);
    expect(overlaps(unknown, { value: 0.9, low: 0.8, high: 1 })).toBe(true);
  });

  it('without images is Student’s interval with the pooled freedom', () => {
    const noise = poolSeedNoise([[1, 2, 3], [5], [4, 6]])!;
    expect(noise).toEqual({ variance: 4 / 3, freedom: 3 });
    const { high } = seedMean([4, 6], noise);
    expect(high - 5).toBeCloseTo(3.18245 * Math.sqrt(2 / 3), 4);
  });
});
