/** Balanced draws: both kinds of layouts that mix C and T, none without a mixed stage unless asked for. */
import { describe, expect, it } from 'vitest';
import { layoutOf, symmetryOf } from '../../../src/architecture/layout.js';
import { samples } from '../../../src/lab/settings/sample-table.js';
import { loadSpace } from '../../../src/space/load.js';

const space = loadSpace('search-spaces/ascan-cpu.space');
const kinds = (symmetric: number, unmixed: boolean): string[] =>
  samples.balanced
    .draw(space, { symmetric, asymmetric: 4, unmixed, seed: 1 })
    .map((member) => symmetryOf(layoutOf(member)));

describe('sample balanced', () => {
  it('alternates symmetric and asymmetric members', () =>
    expect(kinds(4, false)).toEqual(Array(4).fill(['symmetric', 'asymmetric']).flat()));
  it('finds every symmetric member that mixes, and no more', () => {
    // 3 stages of CCCC, CCTT or TTTT are 27; 8 of them have no CCTT.
    expect(kinds(19, false).filter((kind) => kind === 'symmetric')).toHaveLength(19);
    expect(() => kinds(20, false)).toThrow(/20 symmetric members .* are needed, got 19/);
  });
  it('draws each member equally often', () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 1900; seed++) {
      const values = { symmetric: 2, asymmetric: 0, unmixed: false, seed };
      for (const member of samples.balanced.draw(space, values))
        seen.set(layoutOf(member), (seen.get(layoutOf(member)) ?? 0) + 1);
    }
    expect(seen.size).toBe(19);
    // Each is drawn 200 times on average, with a standard deviation of about 13.4.
    for (const times of seen.values()) expect(Math.abs(times - 200)).toBeLessThan(4 * 13.4);
  });
  it('draws unmixed members where they are asked for', () => expect(kinds(27, true)).toContain('unmixed'));
});
