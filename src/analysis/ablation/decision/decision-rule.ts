/** The decision rule of an ablation, fixed before its first trial, and the verdict that it gives. */
import { holmAdjusted } from '../../../util/statistics/holm.js';
import type { Looks, MeanTest } from '../effects/mean-test.js';

export interface DecisionRule {
  /** What a change is claimed to do to the response. */
  readonly claim: 'better' | 'worse' | 'equal';
  /** Margin in the response's own unit: a change must exceed it; `equal` must stay within it. */
  readonly by: number;
  /** Whether all changes must satisfy the claim, or any. */
  readonly of: 'all' | 'any';
  /** Chance of a false verdict among all comparisons together, e.g. 0.05. */
  readonly level: number;
  readonly looks: Looks;
  /** Variance of the effect size that any-time intervals are tuned to. */
  readonly effectVariance: number;
}

export type Verdict = 'supported' | 'contradicted' | 'not decided';

export interface Decision {
  readonly verdict: Verdict;
  /** Holm-adjusted over all comparisons of the ablation. */
  readonly p: number;
}

/** Which verdict the data lean to, and the p-value at which it becomes one. */
function leaning({ claim, by }: DecisionRule, test: MeanTest): { p: number; toward: Verdict } {
  if (claim === 'equal') {
    const [low, high] = [test.p(-by), test.p(by)];
    if (low.isAbove && !high.isAbove) return { p: Math.max(low.p, high.p), toward: 'supported' };
    return { p: low.isAbove ? high.p : low.p, toward: 'contradicted' };
  }
  const { p, isAbove } = test.p(claim === 'better' ? by : -by);
  return { p, toward: isAbove === (claim === 'better') ? 'supported' : 'contradicted' };
}

/** The verdict on each comparison; the level holds for all of them together (Holm). */
export function decide(rule: DecisionRule, tests: readonly MeanTest[]): Decision[] {
  const leanings = tests.map((test) => leaning(rule, test));
  const adjusted = holmAdjusted(leanings.map(({ p }) => p));
  return leanings.map(({ toward }, index) => {
    const p = adjusted[index]!;
    return { p, verdict: p <= rule.level ? toward : 'not decided' };
  });
}

/** One verdict on the question. @param verdicts of every change; refused comparisons are `not decided` */
export function overallVerdict({ of }: DecisionRule, verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'not decided';
  const [settling, needed] =
    of === 'any' ? (['supported', 'contradicted'] as const) : (['contradicted', 'supported'] as const);
  if (verdicts.includes(settling)) return settling;
  return verdicts.every((verdict) => verdict === needed) ? needed : 'not decided';
}
