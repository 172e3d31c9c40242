/**
 * Runs a measuring session of several networks at one batch size. Each network gets at least `launches`
 * interleaved launches. While time is left, further launches go to AMBIGUOUS pairs and to a control that is
 * not SAME.
 */
import { InterruptedError, UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import type { ComparisonOptions } from '../../util/statistics/paired.js';
import { controlNames, type LaunchPlan, type LaunchRecord, runLaunch, type SessionHooks } from './launch.js';
import { firstGroups, frontContenders, nextGroup, type RefineOptions } from './refinement.js';
import { judgeSession, type SessionVerdict } from './session-verdict.js';

export interface SessionPlan extends Omit<LaunchPlan, 'candidates'>, RefineOptions {
  readonly candidates: LaunchPlan['candidates'];
  /**
   * Milliseconds after which no further launch begins; the first `launches` of every network run in any case.
   */
  readonly budgetMs: number;
  readonly comparison?: ComparisonOptions;
  /**
   * Scores by name, higher is better: refinement spends its time on pairs near the front of time and score.
   * Default: near the fastest.
   */
  readonly scores?: ReadonlyMap<string, number>;
}

export interface SessionResult {
  readonly verdict: SessionVerdict;
  /** Every sample of every launch, in order. */
  readonly records: readonly LaunchRecord[];
  readonly spentMs: number;
}

export interface RunSessionHooks extends SessionHooks {
  /** After each launch once every network has had one: the verdict so far. */
  onVerdict?(verdict: SessionVerdict, launches: number): void;
  /** After each launch: its record, so that it survives a later failure. */
  onLaunch?(record: LaunchRecord, launches: number): void;
}

/**
 * @throws InterruptedError when the signal of the hooks aborts
 * @throws UserError, with the reason, where no launch measured both controls
 */
export async function runSession(
  plan: SessionPlan,
  random: Random,
  hooks: RunSessionHooks = {},
): Promise<SessionResult> {
  const start = performance.now();
  const byName = new Map(plan.candidates.map((candidate) => [candidate.name, candidate]));
  if (byName.size !== plan.candidates.length)
    throw new Error('session: candidates must have different names');
  const records: LaunchRecord[] = [];
  const alive = (names: readonly string[]): string[] =>
    names.filter((name) => !records.some(({ failures }) => name in failures));
  const launch = async (names: readonly string[]): Promise<void> => {
    records.push(
      await runLaunch(
        { ...plan, candidates: names.map((name) => byName.get(name)!) },
        random.fork(`launch/${records.length}`),
        hooks,
      ),
    );
    hooks.onLaunch?.(records.at(-1)!, records.length);
  };
  const measured = (): boolean =>
    records.some(({ control: [a, b] }) => a.stepMs.length >= 2 && b.stepMs.length >= 2);
  const verdict = (): SessionVerdict => {
    if (!measured()) {
      const failure = records.flatMap(({ failures }) =>
        controlNames.flatMap((name) => failures[name] ?? []),
      )[0];
      throw new UserError(
        `session: the anchor network must run at batch ${plan.batch}, got ` +
          `${failure?.status ?? 'fewer than 2 rounds'}${failure === undefined ? '' : `: ${failure.reason}`}`,
      );
    }
    return judgeSession(records, random.fork('judge'), plan.comparison);
  };
  for (let round = 0; round < plan.launches; round++) {
    for (const group of firstGroups(
      plan.candidates.map(({ name }) => name),
      plan,
    )) {
      const names = alive(group);
      if (names.length > 0 || plan.candidates.length === 0) await launch(names);
    }
    if (hooks.onVerdict !== undefined && round < plan.launches - 1 && measured())
      hooks.onVerdict(verdict(), records.length);
  }
  let known = verdict();
  hooks.onVerdict?.(known, records.length);
  while (performance.now() - start < plan.budgetMs) {
    if (hooks.signal?.aborted) throw new InterruptedError('interrupted between launches');
    const group = alive(nextGroup(known, plan, frontContenders(known, plan.scores)));
    // all pairs are decided, and the control is SAME
    if (group.length === 0 && known.control.verdict === 'SAME') break;
    await launch(group.length > 0 ? group : alive(known.ratios.slice(0, 1).map(({ name }) => name)));
    known = verdict();
    hooks.onVerdict?.(known, records.length);
  }
  return { verdict: known, records, spentMs: performance.now() - start };
}
