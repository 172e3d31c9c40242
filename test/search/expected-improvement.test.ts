/** Expected improvements in closed form against draws. */
import { expect, it } from 'vitest';
import { expectedShortfall, PlanarImprovement } from '../../src/search/acquisition/expected-improvement.js';
import { hypervolumeImprovement } from '../../src/util/pareto/hypervolume.js';
import { seededRandom } from '../../src/util/random.js';

const front = [
  [1, 5],
  [2, 4],
  [2.5, 2],
  [4, 1.5],
  [7, 1],
];
const reference = [8, 7];
const DRAWS = 100_000;

it('expectedShortfall is the mean of draws', () => {
  const random = seededRandom('shortfall');
  for (const [mean, deviation] of [
    [2, 0.5],
    [2, 3],
    [0, 0.1],
    [9, 1],
  ] as const) {
    let sum = 0;
    for (let draw = 0; draw < DRAWS; draw++) sum += Math.max(0, 3 - (mean + deviation * random.normal()));
    expect(expectedShortfall(mean, deviation, 3)).toBeCloseTo(sum / DRAWS, 1.5);
  }
});

it.each([
  [2.2, 0.6, 3, 0.8],
  [0.2, 0.05, 6.5, 0.01],
  [5, 3, 4, 3],
  [3, 0, 1.6, 0.4],
  [6, 0.2, 6, 0.2],
  [2, 0, 1, 0],
])('the improvement of (%s ± %s, %s ± %s) is the mean of draws', (x, spreadX, y, spreadY) => {
  const random = seededRandom('improvement');
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw++)
    sum += hypervolumeImprovement(
      [x + spreadX * random.normal(), y + spreadY * random.normal()],
      front,
      reference,
    );
  const expected = new PlanarImprovement(front, reference[0]!, reference[1]!).of(x, spreadX, y, spreadY);
  expect(Math.abs(expected - sum / DRAWS)).toBeLessThan(0.01 + 0.01 * expected);
});
