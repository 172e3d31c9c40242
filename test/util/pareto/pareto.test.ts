/** Front, ranks and hypervolume against brute force, cell counts and closed forms. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crowdingDistances,
  dominates,
  frontIndices,
  nonDominatedRanks,
} from '../../../src/util/pareto/front.js';
import {
  hypervolumeImprovement,
  hypervolumeOf,
  referencePoint,
} from '../../../src/util/pareto/hypervolume.js';
import { seededRandom } from '../../../src/util/random.js';

const seeded = { seed: 20, numRuns: 300 };
/** Few distinct values, so that ties and duplicates occur; and infinities. */
const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(Infinity, -Infinity));
const costSets = (values: fc.Arbitrary<number>, most: number) =>
  fc.integer({ min: 1, max: 5 }).chain((objectives) =>
    fc.array(fc.array(values, { minLength: objectives, maxLength: objectives }), {
      minLength: 1,
      maxLength: most,
    }),
  );

function bruteRanks(costs: readonly (readonly number[])[]): number[] {
  const ranks = costs.map(() => -1);
  for (let rank = 0; ranks.includes(-1); rank++) {
    const left = costs.map((_, index) => index).filter((index) => ranks[index] === -1);
    const front = left.filter((index) => !left.some((other) => dominates(costs[other]!, costs[index]!)));
    for (const index of front) ranks[index] = rank;
  }
  return ranks;
}

describe('frontIndices', () => {
  it('equals the points that no other dominates', () => {
    fc.assert(
      fc.property(costSets(value, 40), (costs) => {
        const brute = costs.flatMap((cost, index) =>
          costs.some((other) => dominates(other, cost)) ? [] : [index],
        );
        expect(frontIndices(costs)).toEqual(brute);
      }),
      seeded,
    );
  });
  it('of 20,000 points in two objectives, where most are discarded by bins, equals the sorted sweep', () => {
    const random = seededRandom('front');
    const costs = Array.from({ length: 20_000 }, () => [random.next(), Math.round(random.next() * 500)]);
    const order = costs
      .map((_, index) => index)
      .sort((a, b) => costs[a]![0]! - costs[b]![0]! || costs[a]![1]! - costs[b]![1]!);
    let low = Infinity;
    const expected = order.filter((index) => {
      const lower = costs[index]![1]! < low;
      low = Math.min(low, costs[index]![1]!);
      return lower;
    });
    expect(frontIndices(costs)).toEqual(expected.sort((a, b) => a - b));
  });
  it('refuses NaN and points of unequal length', () => {
    expect(() => frontIndices([[1, Number.NaN]])).toThrow('got NaN');
    expect(() => frontIndices([[1, 2], [1]])).toThrow('(2), got 1');
  });
});

describe('nonDominatedRanks', () => {
  it('equals peeling fronts off one by one', () => {
    fc.assert(
      fc.property(costSets(value, 40), (costs) => {
        expect(nonDominatedRanks(costs)).toEqual(bruteRanks(costs));
      }),
      seeded,
    );
  });
});

describe('crowdingDistances', () => {
  it('is infinite at the ends and the sum of normalised gaps between', () => {
    expect(
      crowdingDistances([
        [0, 4],
        [1, 2],
        [4, 0],
      ]),
    ).toEqual([Infinity, 2, Infinity]);
  });
});

describe('hypervolumeOf', () => {
  it('equals the number of unit cells dominated, in one to five objectives', () => {
    fc.assert(
      fc.property(costSets(fc.integer({ min: 0, max: 4 }), 12), (costs) => {
        const objectives = costs[0]!.length;
        let cells = 0;
        for (let cell = 0; cell < 4 ** objectives; cell++) {
          const corner = Array.from({ length: objectives }, (_, axis) => Math.floor(cell / 4 ** axis) % 4);
          if (costs.some((cost) => cost.every((own, axis) => own <= corner[axis]!))) cells++;
        }
        expect(hypervolumeOf(costs, corner4(objectives))).toBeCloseTo(cells, 9);
      }),
      seeded,
    );
  });
  it('is infinite with a cost of -Infinity, and counts duplicates and dominated points once', () => {
    fc.assert(
      fc.property(costSets(value, 10), (costs) => {
        const reference = corner4(costs[0]!.length);
        const volume = hypervolumeOf(costs, reference);
        expect(hypervolumeOf([...costs, ...costs], reference)).toBe(volume);
        const inside = costs.filter((cost) => cost.every((one) => one < 4));
        expect(volume === Infinity).toBe(inside.some((cost) => cost.includes(-Infinity)));
        const gain = hypervolumeImprovement(costs[0]!, costs.slice(1), reference);
        if (volume < Infinity) expect(gain).toBeCloseTo(volume - hypervolumeOf(costs.slice(1), reference), 9);
        else expect(gain).not.toBeNaN();
      }),
      seeded,
    );
  });
  it('of a linear front equals its closed form', () => {
    const points = Array.from({ length: 101 }, (_, index) => [index / 100, 1 - index / 100]);
    expect(hypervolumeOf(points, [1, 1])).toBeCloseTo((100 * 99) / 2 / 100 ** 2, 12);
  });
  it('of a sphere in four objectives agrees with Monte Carlo', () => {
    const random = seededRandom('sphere');
    const costs = Array.from({ length: 60 }, () => {
      const direction = Array.from({ length: 4 }, () => Math.abs(random.normal()));
      const length = Math.hypot(...direction);
      return direction.map((one) => 1 - one / length);
    });
    let inside = 0;
    for (let draw = 0; draw < 100_000; draw++) {
      const point = Array.from({ length: 4 }, () => random.next());
      if (costs.some((cost) => cost.every((own, axis) => own <= point[axis]!))) inside++;
    }
    const estimate = inside / 100_000;
    const error = Math.sqrt((estimate * (1 - estimate)) / 100_000);
    expect(Math.abs(hypervolumeOf(costs, [1, 1, 1, 1]) - estimate)).toBeLessThan(5 * error);
  });
  it('grows by exactly the improvement of a point', () => {
    fc.assert(
      fc.property(costSets(fc.integer({ min: 0, max: 5 }), 12), (costs) => {
        const reference = corner4(costs[0]!.length);
        const [first, ...rest] = costs as [number[], ...number[][]];
        expect(hypervolumeOf(costs, reference) - hypervolumeOf(rest, reference)).toBeCloseTo(
          hypervolumeImprovement(first, rest, reference),
          9,
        );
      }),
      seeded,
    );
  });
});

const corner4 = (objectives: number): number[] => Array.from({ length: objectives }, () => 4);

describe('referencePoint', () => {
  it('lies beyond the worst finite value by a tenth of the range', () => {
    expect(
      referencePoint([
        [0, 5],
        [10, 5],
        [Infinity, 5],
      ]),
    ).toEqual([11, 5.5]);
  });
});
