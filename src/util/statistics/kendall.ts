/** Kendall's rank correlation tau-b, which counts ties (Kendall, Biometrika 33, 1945). */
import { cumulativeStdNormalProbability } from 'simple-statistics';

export interface RankCorrelation {
  /** -1..1; NaN where one side is constant. */
  readonly tau: number;
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
  const n = a.length;
  const z = Math.abs(score) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return {
    tau: score / Math.sqrt(untiedA * untiedB),
    p: Math.min(1, 2 * (1 - cumulativeStdNormalProbability(z))),
    pairs: (n * (n - 1)) / 2,
    ties,
  };
}
