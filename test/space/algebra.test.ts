/** The algebra of random small spaces against brute force. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { canonicalText, parseArchitecture } from '../../src/architecture/canonical.js';
import { asymmetryScore, layoutOf } from '../../src/architecture/layout.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import { networkCost } from '../../src/network/network-cost.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { FunctionalClasses } from '../../src/space/inspect/functional-classes.js';
import {
  asymmetryHistogram,
  type Bin,
  blockHistogram,
  costHistogram,
  stratifiedSample,
} from '../../src/space/inspect/member-histogram.js';
import { crossover, mutate, neighbours } from '../../src/space/inspect/neighbours.js';
import { loadSpace, spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { type Derived, membersOf, type SmallSpace, smallSpace, textOf } from './small-spaces.js';

/** The space, its members by brute force; undefined where it is empty or too large to write out. */
function both(shape: SmallSpace): { space: CompiledSpace; members: Map<string, Derived> } | undefined {
  const members = membersOf(shape, 4000);
  if (!members) return undefined;
  const text = textOf(shape);
  const { space, diagnostics } = spaceFromText(text, 'small.space');
  if (members.size === 0) {
    expect(space, text).toBeUndefined();
    expect(diagnostics.map(({ message }) => message).join(), text).toMatch(/no member/);
    return undefined;
  }
  if (!space) throw new Error(renderDiagnostics(diagnostics, text));
  return { space, members: members };
}
const options = { seed: 5, numRuns: 80 } as const;
const holds = (
  property: (both: { space: CompiledSpace; members: Map<string, Derived> }) => void,
  runs: number = options.numRuns,
): void => {
  let tried = 0;
  fc.assert(
    fc.property(smallSpace, (shape) => {
      const found = both(shape);
      if (!found) return;
      tried++;
      property(found);
    }),
    { ...options, numRuns: runs },
  );
  expect(tried).toBeGreaterThan(runs / 5);
};

describe('a random small space', () => {
  it('counts and enumerates its members, each once', () =>
    holds(({ space, members }) => {
      const listed = [...space.enumerate()].map(canonicalText);
      expect(new Set(listed)).toEqual(new Set(members.keys()));
      expect(listed.length).toBe(members.size);
      expect(space.count()).toEqual({ exact: true, count: BigInt(members.size) });
    }, 250));

  it('unrank(rank(x)) is x and ranks follow the enumeration', () =>
    holds(({ space }) => {
      let rank = 0n;
      for (const member of space.enumerate()) {
        if (rank > 300n) break;
        expect(space.rank(member)).toBe(rank);
        expect(canonicalText(space.unrank(rank++))).toBe(canonicalText(member));
      }
    }));

  it('contains its members, read back from their text, and says why it does not contain others', () =>
    holds(({ space, members }) => {
      const loose = spaceFromText(
        space.text
          .split('\n')
          .filter((line) => !line.includes('where'))
          .join('\n'),
        'loose.space',
      ).space!;
      let seen = 0;
      for (const other of loose.enumerate()) {
        if (seen++ > 300) break;
        const answer = space.contains(parseArchitecture(canonicalText(other)));
        expect(answer.member).toBe(members.has(canonicalText(other)));
        if (!answer.member) expect(answer.reason).toMatch(/does not satisfy `/);
      }
    }));

  it('draws members only, distinct ones where asked', () =>
    holds(({ space, members }) => {
      const random = seededRandom(3);
      for (let draw = 0; draw < 20; draw++)
        expect(members.has(canonicalText(space.sample(random)))).toBe(true);
      const size = Math.min(10, members.size);
      expect(new Set(space.sampleDistinct(size, random).map(canonicalText)).size).toBe(size);
      expect(() => space.sampleDistinct(members.size + 1, random)).toThrow(/distinct members/);
    }));

  it('first and next go through its members in order', () =>
    holds(({ space }) => {
      let member = space.first();
      let seen = 0;
      for (const expected of space.enumerate()) {
        if (seen++ > 40) return;
        expect(canonicalText(member!)).toBe(canonicalText(expected));
        member = space.next(member!);
      }
      expect(member).toBeUndefined();
    }));

  it('gives each member the probability of its derivations, and draws by it', () =>
    holds(({ space, members }) => {
      const weighted = space.byWeight();
      const total = [...members.values()].reduce((sum, { weight }) => sum + weight, 0);
      for (const { architecture, weight } of members.values())
        expect(weighted.probability(architecture) / (weight / total)).toBeCloseTo(1, 9);
      const random = seededRandom(8);
      for (let draw = 0; draw < 10; draw++)
        expect(members.has(canonicalText(weighted.sample(random)))).toBe(true);
    }));

  it('has neighbours, mutations and crossovers that are members', () =>
    holds(({ space, members }) => {
      const random = seededRandom(4);
      const [first, second] = [space.sample(random), space.sample(random)];
      const near = neighbours(space, first).map(canonicalText);
      expect(new Set(near).size).toBe(near.length);
      for (const text of near) expect(members.has(text) && text !== canonicalText(first)).toBe(true);
      const mutant = canonicalText(mutate(space, first, random));
      expect(near.length > 0 ? near.includes(mutant) : members.has(mutant)).toBe(true);
      expect(members.has(canonicalText(crossover(space, first, second, random)))).toBe(true);
    }));

  it('spreads over blocks, asymmetry, parameters and MACs as its enumeration does', () =>
    holds(({ space, members }) => {
      const all = [...members.values()].map(({ architecture }) => architecture);
      const check = (
        bins: readonly Bin[],
        numberOf: (architecture: Architecture) => number,
        inBin: (value: number, bin: Bin) => boolean,
      ): void => {
        expect(bins.reduce((sum, { count }) => sum + count, 0n)).toBe(BigInt(all.length));
        for (const bin of bins)
          expect(all.filter((architecture) => inBin(numberOf(architecture), bin)).length).toBe(
            Number(bin.count),
          );
      };
      const closed = (value: number, { low, high }: Bin): boolean => value >= low && value <= high;
      check(blockHistogram(space), (a) => layoutOf(a).replaceAll('-', '').length, closed);
      check(blockHistogram(space, { letter: 'T' }), (a) => layoutOf(a).split('T').length - 1, closed);
      check(
        blockHistogram(space, { letter: 'C', stage: 1 }),
        (a) => layoutOf(a).split('-')[0]!.split('C').length - 1,
        closed,
      );
      check(
        asymmetryHistogram(space),
        (a) => asymmetryScore(layoutOf(a)),
        (value, { low, high }) => (high === 0 ? value === 0 : value > low && value <= high),
      );
      check(costHistogram(space, 'params', 5), (a) => networkCost(a).total.params, closed);
      check(costHistogram(space, 'macs', 5), (a) => networkCost(a).total.macs, closed);
    }, 30));

  it('draws so many of each bin', () =>
    holds(({ space, members }) => {
      const bins = blockHistogram(space);
      const drawn = stratifiedSample(space, bins, 2, seededRandom(6));
      expect(new Set(drawn.map(canonicalText)).size).toBe(drawn.length);
      for (const { low, count } of bins) {
        expect(drawn.filter((a) => layoutOf(a).replaceAll('-', '').length === low).length).toBe(
          Math.min(2, Number(count)),
        );
      }
      for (const member of drawn) expect(members.has(canonicalText(member))).toBe(true);
    }, 40));

  it('groups members that are one function', () =>
    holds(({ space, members }) => {
      const classes = new FunctionalClasses(space);
      const listed = [...classes.list()];
      expect(listed.length).toBe(Number(classes.count));
      expect(new Set(listed.flat().map(canonicalText))).toEqual(new Set(members.keys()));
      expect(listed.flat().length).toBe(members.size);
      for (const same of listed.slice(0, 10)) {
        const [first] = same;
        expect(classes.sameAs(first!).map(canonicalText)).toEqual(same.map(canonicalText));
        const { params, macs } = networkCost(first!).total;
        for (const other of same) expect(networkCost(other).total).toMatchObject({ params, macs });
      }
    }, 40));

  it('its text reads back to the same set in the same order', () =>
    holds(({ space }) => {
      const again = spaceFromText(space.text, 'again.space').space!;
      expect(again.text).toBe(space.text);
      expect([...again.enumerate()].map(canonicalText)).toEqual([...space.enumerate()].map(canonicalText));
    }));
});

describe('byWeight().sample', () => {
  it.each([
    ['a recursive grammar', 'grammar', ''],
    ['under a condition', 'grammar', 'count(T) >= 1'],
    ['under a budget', 'ascan-cpu', 'macs <= 11M and params <= 700K'],
    ['under a filter', 'ascan-cpu', 'params * macs <= 6T or count(T) == 1'],
  ])('draws members by their probabilities: %s', (_, name, where) => {
    let space = loadSpace(join(import.meta.dirname, '../../search-spaces', `${name}.space`));
    if (where !== '') space = space.where(where.replace('6T', '6000G'));
    const members = [...space.enumerate()];
    const weighted = space.byWeight();
    const expected = members.map((member) => weighted.probability(member));
    expect(expected.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 10);
    const random = seededRandom(13);
    const draws = 20_000;
    const hits = new Map(members.map((member) => [canonicalText(member), 0]));
    for (let draw = 0; draw < draws; draw++) {
      const key = canonicalText(weighted.sample(random));
      hits.set(key, hits.get(key)! + 1);
    }
    // Rare members are counted together, so that the statistic is χ² distributed.
    let [rare, rareHits, statistic, cells] = [0, 0, 0, 0];
    members.forEach((member, index) => {
      const mean = expected[index]! * draws;
      const hit = hits.get(canonicalText(member))!;
      if (mean < 5) [rare, rareHits] = [rare + mean, rareHits + hit];
      else [statistic, cells] = [statistic + (hit - mean) ** 2 / mean, cells + 1];
    });
    if (rare >= 5) [statistic, cells] = [statistic + (rareHits - rare) ** 2 / rare, cells + 1];
    expect(cells).toBeGreaterThan(5);
    expect(statistic).toBeLessThan(chiSquareLimit(cells - 1));
  });
  it('adds the readings of an ambiguous layout up, and repeats every number of times alike', () => {
    const of = (layout: string): Record<string, number> => {
      const { space } = spaceFromText(
        `space p\n input 8x8x3 classes 2\n block C = fused-mbconv(expand: 1)\n block T = transformer(head-dim: 8)\n stem conv(width: 8)\n stage 1 width 8 ${layout}\n head pool-linear\n`,
        'p.space',
      );
      const weighted = space!.byWeight();
      return Object.fromEntries(
        [...space!.enumerate()].map((member) => [
          layoutOf(member),
          Number(weighted.probability(member).toFixed(9)),
        ]),
      );
    };
    expect(of('[3] C | [1] T')).toEqual({ C: 0.75, T: 0.25 });
    expect(of('C? | T | [2] C')).toEqual({ '': 0.125, C: 0.625, T: 0.25 });
    expect(of('C{1,4}')).toEqual({ C: 0.25, CC: 0.25, CCC: 0.25, CCCC: 0.25 });
    expect(of('depth 1..3 C+')).toEqual({ C: 0.571428571, CC: 0.285714286, CCC: 0.142857143 });
  });
});

// 99.9 % quantile of χ² with k degrees of freedom, Wilson and Hilferty's approximation
const chiSquareLimit = (k: number): number => k * (1 - 2 / (9 * k) + 3.0902 * Math.sqrt(2 / (9 * k))) ** 3;

describe('sample', () => {
  it.each([
    ['a branch with few members', 'C | (C | T){4}', ''],
    ['under a structural condition', '(C | T){2,4}', 'where asymmetric'],
    ['under two budgets', '(C | T){1,5}', 'where params <= 30K and macs <= 700K'],
    ['under a filter', '(C | T){1,4}', 'where params * macs <= 10G'],
  ])('is uniform over members: %s', (_, layout, where) => {
    const { space, diagnostics } = spaceFromText(
      `space u\n input 8x8x3 classes 2\n block C = fused-mbconv(expand: {1, 2})\n block T = transformer(head-dim: 8)\n stem conv(width: 8)\n stage 1 width 16 downsample conv ${layout}\n stage 2 width 16 C?\n head pool-linear\n ${where}\n`,
      'u.space',
    );
    if (!space) throw new Error(JSON.stringify(diagnostics));
    const members = [...space.enumerate()].map(canonicalText);
    const draws = 60 * members.length;
    const hits = new Map(members.map((member) => [member, 0]));
    const random = seededRandom(11);
    for (let draw = 0; draw < draws; draw++) {
      const key = canonicalText(space.sample(random));
      hits.set(key, hits.get(key)! + 1);
    }
    const statistic = [...hits.values()].reduce((sum, hit) => sum + (hit - 60) ** 2 / 60, 0);
    expect(members.length).toBeGreaterThan(20);
    expect(statistic).toBeLessThan(chiSquareLimit(members.length - 1));
  });
});
