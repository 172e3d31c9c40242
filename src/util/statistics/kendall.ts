/** Kendall's rank correlation tau-b, which counts ties (Kendall, Biometrika 33, 1945), with its interval. */
import { cumulativeStdNormalProbability } from 'simple-statistics';
import type { Estimate } from './interval.js';
import { NORMAL_975 } from './normal.js';

export interface RankCorrelation {
  /** -1..1; undefined where one side is constant. */
  readonly tau?: number;
  /** Two-sided p-value of "no association", normal approximation. */
  readonly p: number;
  readonly pairs: number;
  /** Pairs tied on at least one side. */
  readonly ties: number;
}

/** @param tiedA @param tiedB whether two members count as equal on a side, by index; default: equal values */
export function kendallTau(
  a: readonly number[],
  b: readonly number[],
  tiedA?: (i: number, j: number) => boolean,
  tiedB?: (i: number, j: number) => boolean,
): RankCorrelation {
  if (a.length !== b.length || a.length < 2)
    throw new RangeError(
      `kendallTau: two equally long lists of at least 2 are needed, got ${a.length} and ${b.length}`,
    );
  const counts = tiedA || tiedB ? countedPairs(a, b, tiedA, tiedB) : sortedPairs(a, b);
  const { score, untiedA, untiedB, ties } = counts;
  const n = a.length;
  const z = Math.abs(score) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return {
    ...(untiedA > 0 && untiedB > 0 ? { tau: score / Math.sqrt(untiedA * untiedB) } : {}),
    p: Math.min(1, 2 * (1 - cumulativeStdNormalProbability(z))),
    pairs: (n * (n - 1)) / 2,
    ties,
  };
}

interface PairCounts {
  /** Concordant less discordant pairs. */
  readonly score: number;
  readonly untiedA: number;
  readonly untiedB: number;
  readonly ties: number;
}

function countedPairs(
  a: readonly number[],
  b: readonly number[],
  tiedA: ((i: number, j: number) => boolean) | undefined,
  tiedB: ((i: number, j: number) => boolean) | undefined,
): PairCounts {
  let [score, untiedA, untiedB, ties] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const signA = (tiedA?.(i, j) ?? false) ? 0 : Math.sign(a[i]! - a[j]!);
      const signB = (tiedB?.(i, j) ?? false) ? 0 : Math.sign(b[i]! - b[j]!);
      score += signA * signB;
      untiedA += Math.abs(signA);
      untiedB += Math.abs(signB);
      if (signA === 0 || signB === 0) ties++;
    }
  }
  return { score, untiedA, untiedB, ties };
}

/**
 * The same counts in O(n log n): discordant pairs are the inversions of b in the order of a (Knight, Journal
 * of the American Statistical Association 61, 1966).
 */
function sortedPairs(a: readonly number[], b: readonly number[]): PairCounts {
  const order = a.map((_, index) => index).sort((i, j) => a[i]! - a[j]! || b[i]! - b[j]!);
  const pairs = (a.length * (a.length - 1)) / 2;
  const tiedInA = tiedPairs(order, (i, j) => a[i] === a[j]);
  const tiedInBoth = tiedPairs(order, (i, j) => a[i] === a[j] && b[i] === b[j]);
  const [sorted, discordant] = sortedWithInversions(order.map((index) => b[index]!));
  const tiedInB = tiedPairs(sorted, (x, y) => x === y);
  const ties = tiedInA + tiedInB - tiedInBoth;
  return { score: pairs - ties - 2 * discordant, untiedA: pairs - tiedInA, untiedB: pairs - tiedInB, ties };
}

/** Pairs within runs of equal neighbours. */
function tiedPairs(values: readonly number[], same: (first: number, second: number) => boolean): number {
  let [pairs, run] = [0, 0];
  for (let index = 1; index < values.length; index++) {
    run = same(values[index - 1]!, values[index]!) ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Merge sort that counts the pairs in falling order. */
function sortedWithInversions(values: readonly number[]): [sorted: number[], inversions: number] {
  let [from, to] = [Float64Array.from(values), new Float64Array(values.length)];
  let inversions = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const [middle, end] = [
        Math.min(start + width, values.length),
        Math.min(start + 2 * width, values.length),
      ];
      let [left, right] = [start, middle];
      for (let index = start; index < end; index++) {
        const takesLeft = left < middle && (right >= end || from[left]! <= from[right]!);
        if (!takesLeft) inversions += middle - left;
        to[index] = takesLeft ? from[left++]! : from[right++]!;
      }
    }
    [from, to] = [to, from];
  }
  return [[...from], inversions];
}

/**
 * Tau-b with its 95 % interval on the scale of atanh, variance 0.6 / (n − 4): the 0.437 of Fieller, Hartley
 * and Pearson (1957, doi.org/10.1093/biomet/44.3-4.470), widened after simulations with taus of up to 0.9,
 * about a tau kept one and a half pairs from ±1. A few networks in one order never give [1, 1].
 * @throws RangeError with fewer than 5 members
 */
export function tauInterval(a: readonly number[], b: readonly number[]): Estimate {
  const samples = a.length;
  if (samples < 5) throw new RangeError(`tauInterval: at least 5 members are needed, got ${samples}`);
  const { tau: value = 0, pairs } = kendallTau(a, b); // one side constant: no ranking
  const most = 1 - 3 / pairs;
  const centre = Math.atanh(Math.min(most, Math.max(-most, value)));
  const half = NORMAL_975 * Math.sqrt(0.6 / (samples - 4));
  return {
    value,
    low: Math.min(value, Math.tanh(centre - half)),
    high: Math.max(value, Math.tanh(centre + half)),
    samples,
  };
}
