/**
 * What a measured ratio of two times says: FASTER, SLOWER, SAME or NOT TOLD APART. A win is a two-sided t
 * test against 1. SAME is an equivalence test, TOST: Schuirmann, Journal of Pharmacokinetics and
 * Biopharmaceutics 15, 1987, with 2.5 % on each side, so that the 95 % interval lies within the relevance.
 * Both are corrected for looks (`sequential.ts`) and for pairs (Holm).
 */
import { holmAdjusted } from './holm.js';
import type { Estimate } from './interval.js';
import { adjustForLooks, nominalLevel } from './sequential.js';
import { studentCdf, studentQuantile } from './student.js';

export const verdicts = ['FASTER', 'SLOWER', 'SAME', 'NOT TOLD APART'] as const;
/** Of the first against the second. */
export type Verdict = (typeof verdicts)[number];

/** Relative difference below which networks count as the same, unless a user declares another. */
export const standardRelevance = 0.01;

export interface Comparison {
  readonly verdict: Verdict;
  /**
   * Time of the first over time of the second, 95 % interval corrected for looks: below 1, the first is
   * faster.
   */
  readonly ratio: Estimate;
  /** Two-sided p-value of "the ratio is 1", corrected for looks and pairs. */
  readonly p: number;
  /** p-value of "they differ by the relevance or more", corrected alike. */
  readonly pSame: number;
  /** As a fraction; SAME means that they differ by less. */
  readonly relevance: number;
  /** Relative difference that the samples tell from none: the half-width of the interval. */
  readonly resolution: number;
}

/** Estimated log-ratio of two times. */
export interface LogRatio {
  readonly log: number;
  readonly standardError: number;
  /** Degrees of freedom of the standard error. */
  readonly freedom: number;
  readonly samples: number;
}

export interface VerdictOptions {
  /** default 0.01 */
  readonly relevance?: number;
  /** Looks that are planned at most, this one included; default 1. */
  readonly looks?: number;
}

const familyLevel = 0.05;

/** Judges the pairs of one family: wins and equivalences are each wrong anywhere in it in at most 5 %. */
export function judgeRatios(
  family: readonly LogRatio[],
  { relevance = standardRelevance, looks = 1 }: VerdictOptions = {},
): Comparison[] {
  const margin = Math.log1p(relevance);
  const corrected = (pValues: readonly number[]): number[] =>
    holmAdjusted(pValues.map((p) => adjustForLooks(p, looks)));
  const wins = corrected(family.map((each) => beyond(Math.abs(each.log), each)));
  const equivalences = corrected(family.map((each) => beyond(margin - Math.abs(each.log), each)));
  const level = nominalLevel(familyLevel, looks);
  return family.map((each, index) => {
    const [p, pSame] = [wins[index]!, equivalences[index]!];
    const half =
      each.freedom < 1 ? Infinity : studentQuantile(1 - level / 2, each.freedom) * each.standardError;
    return {
      verdict: verdictOf(each.log, p, pSame, margin),
      ratio: {
        value: Math.exp(each.log),
        low: Math.exp(each.log - half),
        high: Math.exp(each.log + half),
        samples: each.samples,
      },
      p,
      pSame,
      relevance,
      resolution: Math.expm1(half),
    };
  });
}

/** Two-sided p-value of a distance in log time; 1 where it is not positive. */
function beyond(distance: number, { standardError, freedom }: LogRatio): number {
  if (distance <= 0 || freedom < 1) return 1;
  return standardError === 0 ? 0 : Math.min(1, 2 * studentCdf(-distance / standardError, freedom));
}

/** A win is also larger than the margin, so that further samples do not turn it into SAME. */
function verdictOf(log: number, p: number, pSame: number, margin: number): Verdict {
  if (pSame <= familyLevel) return 'SAME';
  if (p > familyLevel || Math.abs(log) <= margin) return 'NOT TOLD APART';
  return log < 0 ? 'FASTER' : 'SLOWER';
}
