/** The algebra of random small spaces against brute force. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, parseArchitecture } from '../../src/architecture/canonical.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { membersOf, smallSpace, textOf, type SmallSpace } from './small-spaces.js';

/** The space, its members by brute force; undefined where it is empty or too large to write out. */
function both(shape: SmallSpace): { space: CompiledSpace; members: Map<string, never> } | undefined {
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
  return { space, members: members as Map<string, never> };
}
const options = { seed: 5, numRuns: 80 } as const;
const holds = (property: (both: { space: CompiledSpace; members: Map<string, never> }) => void, runs: number = options.numRuns): void => {
  let tried = 0;
  fc.assert(fc.property(smallSpace, (shape) => {
    const found = both(shape);
    if (!found) return;
    tried++;
    property(found);
  }), { ...options, numRuns: runs });
  expect(tried).toBeGreaterThan(runs / 5);
};

describe('a random small space', () => {
  it('counts and enumerates its members, each once', () => holds(({ space, members }) => {
    const listed = [...space.enumerate()].map(canonicalText);
    expect(new Set(listed)).toEqual(new Set(members.keys()));
    expect(listed.length).toBe(members.size);
    expect(space.count()).toEqual({ exact: true, count: BigInt(members.size) });
  }, 250));

  it('unrank(rank(x)) is x and ranks follow the enumeration', () => holds(({ space }) => {
    let rank = 0n;
    for (const member of space.enumerate()) {
      if (rank > 300n) break;
      expect(space.rank(member)).toBe(rank);
      expect(canonicalText(space.unrank(rank++))).toBe(canonicalText(member));
    }
  }));

  it('contains its members, read back from their text, and says why it does not contain others', () => holds(({ space, members }) => {
    const loose = spaceFromText(space.text.split('\n').filter((line) => !line.includes('where')).join('\n'), 'loose.space').space!;
    let seen = 0;
    for (const other of loose.enumerate()) {
      if (seen++ > 300) break;
      const answer = space.contains(parseArchitecture(canonicalText(other)));
      expect(answer.member).toBe(members.has(canonicalText(other)));
      if (!answer.member) expect(answer.reason).toMatch(/does not meet `/);
    }
  }));

  it('draws members only, distinct ones where asked', () => holds(({ space, members }) => {
    const random = seededRandom(3);
    for (let draw = 0; draw < 20; draw++) expect(members.has(canonicalText(space.sample(random)))).toBe(true);
    const size = Math.min(10, members.size);
    expect(new Set(space.sampleDistinct(size, random).map(canonicalText)).size).toBe(size);
    expect(() => space.sampleDistinct(members.size + 1, random)).toThrow(/distinct members/);
  }));

  it('its text reads back to the same set in the same order', () => holds(({ space }) => {
    const again = spaceFromText(space.text, 'again.space').space!;
    expect(again.text).toBe(space.text);
    expect([...again.enumerate()].map(canonicalText)).toEqual([...space.enumerate()].map(canonicalText));
  }));
});

describe('sample', () => {
  // 99.9 % quantile of χ² with k degrees of freedom, Wilson and Hilferty's approximation
  const limit = (k: number): number => k * (1 - 2 / (9 * k) + 3.0902 * Math.sqrt(2 / (9 * k))) ** 3;
  it.each([
    ['a branch with few members', 'C | (C | T){4}', ''],
    ['under a structural condition', '(C | T){2,4}', 'where asymmetric'],
    ['under two budgets', '(C | T){1,5}', 'where params <= 30K and macs <= 700K'],
    ['under a filter', '(C | T){1,4}', 'where params * macs <= 10G'],
  ])('is uniform over members: %s', (_, layout, where) => {
    const { space, diagnostics } = spaceFromText(`space u\n input 8x8x3 classes 2\n block C = fused-mbconv(expand: {1, 2})\n block T = transformer(head-dim: 8)\n stem conv(width: 8)\n stage 1 width 16 downsample conv ${layout}\n stage 2 width 16 C?\n head pool-linear\n ${where}\n`, 'u.space');
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
    expect(statistic).toBeLessThan(limit(members.length - 1));
  });
});
