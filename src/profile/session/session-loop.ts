/**
 * The order of launches and looks of a session. First every network gets its launches. Then the time left is
 * divided into planned looks; between two looks, launches go to the pairs that were open at the earlier one.
 * All verdicts are corrected for the planned number of looks. Pure but for `launch` and `now`, which a
 * simulation replaces.
 */
import type { VerdictOptions } from '../../util/statistics/verdict.js';
import type { LaunchRecord } from './launch.js';
import { firstGroups, frontContenders, nextGroup, type RefineOptions } from './refinement.js';
import { judgeSession, type SessionVerdict } from './session-verdict.js';

/** Looks at most: each further one costs precision at all. */
export const mostLooks = 6;

export interface LoopPlan extends RefineOptions {
  readonly names: readonly string[];
  /**
   * Milliseconds after which no further launch begins; the first `launches` of every network run in any case.
   */
  readonly budgetMs: number;
  readonly comparison?: Pick<VerdictOptions, 'relevance'>;
  /**
   * Scores by name, higher is better: refinement spends its time on pairs near the front of time and score.
   * Default: near the fastest.
   */
  readonly scores?: ReadonlyMap<string, number>;
}

export interface LoopEffects {
  /** Runs one launch of these networks and the controls. */
  launch(names: readonly string[], index: number): Promise<LaunchRecord>;
  now(): number;
  /** Before each launch of the refinement. @throws where the user has interrupted */
  assertGoing?(): void;
  /** After each launch once every network has had one: the verdict so far. */
  onVerdict?(verdict: SessionVerdict, launches: number): void;
  /** Without any launch that measured both controls, there is nothing to judge. */
  refuse(records: readonly LaunchRecord[]): never;
}

/** @returns the verdict of the last look, and every launch in order */
export async function sessionLoop(
  plan: LoopPlan,
  effects: LoopEffects,
): Promise<{ readonly verdict: SessionVerdict; readonly records: readonly LaunchRecord[] }> {
  const start = effects.now();
  const records: LaunchRecord[] = [];
  const alive = (names: readonly string[]): string[] =>
    names.filter((name) => !records.some(({ failures }) => name in failures));
  const launch = async (names: readonly string[]): Promise<void> => {
    records.push(await effects.launch(names, records.length));
  };
  const judge = (looks: number): SessionVerdict => {
    if (!hasControls(records)) effects.refuse(records);
    const verdict = judgeSession(records, { ...plan.comparison, looks });
    effects.onVerdict?.(verdict, records.length);
    return verdict;
  };
  for (let round = 0; round < plan.launches; round++) {
    for (const group of firstGroups(plan.names, plan)) {
      const names = alive(group);
      if (names.length > 0 || plan.names.length === 0) await launch(names);
    }
    if (round < plan.launches - 1 && hasControls(records)) judge(mostLooks);
  }
  const firstMs = effects.now() - start;
  const looks = plannedLooks(firstMs, plan.budgetMs);
  let verdict = judge(looks);
  for (let look = 2; look <= looks; look++) {
    const end = firstMs + ((plan.budgetMs - firstMs) * (look - 1)) / (looks - 1);
    const before = records.length;
    while (effects.now() - start < end) {
      effects.assertGoing?.();
      const group = alive(
        nextGroup(verdict, plan, frontContenders(verdict, plan.scores), launchCounts(records)),
      );
      if (group.length === 0) return { verdict, records };
      await launch(group);
    }
    if (records.length > before) verdict = judge(looks);
  }
  return { verdict, records };
}

/**
 * Looks that the budget allows: an interval between looks is at least as long as the first part, as Pocock's
 * equal increments ask. Depends on times of launches alone, never on their results.
 */
export function plannedLooks(firstMs: number, budgetMs: number): number {
  const left = budgetMs - firstMs;
  return left <= 0 ? 1 : Math.min(mostLooks, 1 + Math.max(1, Math.round(left / firstMs)));
}

const hasControls = (records: readonly LaunchRecord[]): boolean =>
  records.some(({ control: [a, b] }) => a.stepMs.length >= 2 && b.stepMs.length >= 2);

function launchCounts(records: readonly LaunchRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { networks } of records)
    for (const name of Object.keys(networks)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
