import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { comparePaired } from '../../../src/util/statistics/paired.js';
import { judgeRatios, type LogRatio } from '../../../src/util/statistics/verdict.js';

const at = (percent: number, standardError: number, freedom = 20): LogRatio => ({
  log: Math.log1p(percent / 100),
  standardError,
  freedom,
  samples: 30,
});
const verdict = (ratio: LogRatio, options = {}): string => judgeRatios([ratio], options)[0]!.verdict;

describe('judgeRatios', () => {
  it('tells wins, equivalence and what stays open apart', () => {
    expect(verdict(at(3, 0.004))).toBe('SLOWER');
    expect(verdict(at(-3, 0.004))).toBe('FASTER');
    expect(verdict(at(0.3, 0.002))).toBe('SAME');
    expect(verdict(at(0.3, 0.02))).toBe('NOT TOLD APART');
  });
  it('SAME is TOST: just where the 95 % interval lies within the relevance', () => {
    for (const [percent, error] of [
      [0.2, 0.003],
      [0.2, 0.0041],
      [-0.5, 0.0023],
      [-0.5, 0.0026],
    ] as const) {
      const found = judgeRatios([at(percent, error)])[0]!;
      const inside = found.ratio.low > 1 / 1.01 && found.ratio.high < 1.01;
      expect(found.verdict === 'SAME').toBe(inside);
    }
  });
  it('a difference that is certain but under the relevance is SAME; the relevance is the caller’s', () => {
    expect(verdict(at(0.4, 0.0001))).toBe('SAME');
    expect(verdict(at(0.4, 0.0001), { relevance: 0.002 })).toBe('SLOWER');
    expect(verdict(at(3, 0.001), { relevance: 0.05 })).toBe('SAME');
  });
  it('looks and pairs ask for more', () => {
    const near = at(2, 0.0084); // 2.36 standard errors
    expect(verdict(near)).toBe('SLOWER');
    expect(verdict(near, { looks: 5 })).toBe('NOT TOLD APART');
    const family = judgeRatios([near, at(0.1, 0.02), at(0.2, 0.02), at(-0.1, 0.02)]);
    expect(family[0]!.verdict).toBe('NOT TOLD APART');
    const equal = at(0, 0.0045); // TOST passes alone
    expect(verdict(equal)).toBe('SAME');
    expect(judgeRatios([equal, near, near, near])[0]!.verdict).toBe('NOT TOLD APART');
  });
  it('without an estimate of scatter it tells nothing', () => {
    expect(judgeRatios([at(50, Infinity, 0)])[0]).toMatchObject({
      verdict: 'NOT TOLD APART',
      resolution: Infinity,
    });
  });
});

describe('comparePaired', () => {
  const pairs = (n: number, ratio: number, noise: number, seed: string): [number[], number[]] => {
    const random = seededRandom(seed);
    const draw = (mean: number): number[] => Array.from({ length: n }, () => mean + noise * random.normal());
    return [draw(ratio), draw(1)];
  };
  it('finds a clear difference in its direction', () => {
    const [slow, fast] = pairs(30, 1.05, 0.01, 'clear');
    expect(comparePaired(slow, fast).verdict).toBe('SLOWER');
    expect(comparePaired(fast, slow).verdict).toBe('FASTER');
  });
  it('calls equals SAME with little noise, and does not tell them apart with much', () => {
    expect(comparePaired(...pairs(30, 1, 0.005, 'quiet')).verdict).toBe('SAME');
    expect(comparePaired(...pairs(8, 1, 0.2, 'loud')).verdict).toBe('NOT TOLD APART');
  });
  it.each([2, 3, 4, 5, 7, 8, 12, 30])(
    'with %i pairs: at most 5 % of equal pairs are called different, and the interval holds in at least 93 %',
    (n) => {
      const trials = 8000;
      let [wrong, covered] = [0, 0];
      for (let trial = 0; trial < trials; trial++) {
        const { verdict: said, ratio } = comparePaired(...pairs(n, 1, 0.02, `few/${n}/${trial}`));
        if (said === 'FASTER' || said === 'SLOWER') wrong++;
        if (ratio.low <= 1 && ratio.high >= 1) covered++;
      }
      expect(wrong / trials).toBeLessThanOrEqual(0.05);
      expect(covered / trials).toBeGreaterThanOrEqual(0.93);
    },
  );
  it('rejects lists that do not pair', () =>
    expect(() => comparePaired([1, 2], [1])).toThrow('equally long'));
});
