import { describe, expect, it } from 'vitest';
import type { Design } from '../../../src/analysis/ablation/designs/design.js';
import { fractionalFactorial } from '../../../src/analysis/ablation/designs/fractional-factorial.js';
import { fullFactorial } from '../../../src/analysis/ablation/designs/full-factorial.js';
import { leaveOneOut } from '../../../src/analysis/ablation/designs/leave-one-out.js';
import { oneAtATime } from '../../../src/analysis/ablation/designs/one-at-a-time.js';
import { pathDesign, pathLength } from '../../../src/analysis/ablation/designs/path.js';

/** The value of every contrast for known scores of the arms. */
const effects = ({ contrasts }: Design, scores: readonly number[]): number[] =>
  contrasts.map(({ weights }) => [...weights].reduce((sum, [arm, weight]) => sum + weight * scores[arm]!, 0));

describe('oneAtATime', () => {
  it('has the baseline and each other level alone', () => {
    const design = oneAtATime([2, 3]);
    expect(design.arms).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 2],
    ]);
    expect(effects(design, [5, 6, 4, 9])).toEqual([1, -1, 4]);
  });
});

describe('leaveOneOut', () => {
  it('compares all changes with all but one, and with none', () => {
    const design = leaveOneOut([2, 2, 2]);
    expect(design.arms.map((levels) => levels.join(''))).toEqual(['000', '111', '011', '101', '110']);
    expect(effects(design, [0, 10, 9, 7, 10])).toEqual([1, 3, 0, 10]);
  });

  it('refuses a factor of three levels', () => {
    expect(() => leaveOneOut([3])).toThrow('2 levels, got 3');
  });
});

describe('fullFactorial', () => {
  it('has main effects and interactions of a 2×2 design: Box, Hunter and Hunter 2005, section 5.1, formulas', () => {
    const design = fullFactorial([2, 2]);
    expect(design.arms.map((levels) => levels.join(''))).toEqual(['00', '01', '10', '11']);
    // A = ((10 − 00) + (11 − 01)) / 2, AB here is the difference of differences
    expect(effects(design, [60, 72, 54, 68])).toEqual([-5, 13, 2]);
  });

  it('weights of every contrast sum to 0, and pairs differ in its factor alone', () => {
    const design = fullFactorial([2, 3, 2]);
    expect(design.arms).toHaveLength(12);
    for (const { weights, pairs, terms } of design.contrasts) {
      expect([...weights.values()].reduce((a, b) => a + b)).toBeCloseTo(0, 12);
      for (const [treated, control] of pairs) {
        const changed = design.arms[treated]!.flatMap((level, factor) =>
          level === design.arms[control]![factor] ? [] : [factor],
        );
        expect(changed).toEqual([terms[0]!.factor]);
      }
    }
  });
});

describe('fractionalFactorial', () => {
  it('reaches the resolutions of Box, Hunter and Hunter 2005, table 6.22', () => {
    const known = [
      [3, 1, 3],
      [4, 1, 4],
      [5, 1, 5],
      [5, 2, 3],
      [6, 2, 4],
      [7, 3, 4],
      [7, 4, 3],
      [8, 4, 4],
    ] as const;
    for (const [factors, halvings, resolution] of known) {
      const design = fractionalFactorial(new Array(factors).fill(2), halvings);
      expect([factors, halvings, design.resolution]).toEqual([factors, halvings, resolution]);
      expect(new Set(design.arms.map(String)).size).toBe(2 ** (factors - halvings));
    }
  });

  it('holds the baseline, is balanced, and recovers planted main effects', () => {
    const design = fractionalFactorial([2, 2, 2, 2, 2], 2);
    expect(design.arms[0]).toEqual([0, 0, 0, 0, 0]);
    const planted = [1, -2, 3, 0, 5];
    const scores = design.arms.map((levels) =>
      levels.reduce((sum, level, factor) => sum + level * planted[factor]!, 7),
    );
    expect(effects(design, scores)).toEqual(planted);
  });

  it('names the interactions that a main effect cannot be told from', () => {
    expect(fractionalFactorial([2, 2, 2], 1).aliases).toEqual([
      [[0], [1, 2]],
      [[1], [0, 2]],
      [[2], [0, 1]],
    ]);
  });

  it('refuses a fraction whose main effects coincide', () => {
    expect(() => fractionalFactorial([2, 2, 2], 2)).toThrow('1/4 of 3 factors');
  });
});

describe('pathDesign', () => {
  it('adds a step after each decision, from the last kept arm', () => {
    expect(pathLength([2, 2, 2])).toBe(3);
    expect(pathDesign([2, 2, 2], []).arms.map(String)).toEqual(['0,0,0', '1,0,0']);
    const design = pathDesign([2, 2, 2], [true, false]);
    expect(design.arms.map(String)).toEqual(['0,0,0', '1,0,0', '1,1,0', '1,0,1']);
    expect(effects(design, [0, 3, 2, 7])).toEqual([3, -1, 4]);
    expect(pathDesign([2, 2], [true, true]).arms).toHaveLength(3);
  });
});
