/**
 * Runs a measuring session of several networks at one batch size: interleaved launches in child processes, in
 * the order of `session-loop.ts`.
 */
import { InterruptedError, UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import { QuietGate } from '../candidate/quiet-gate.js';
import { controlNames, type LaunchPlan, type LaunchRecord, runLaunch, type SessionHooks } from './launch.js';
import { type LoopPlan, sessionLoop } from './session-loop.js';
import type { SessionVerdict } from './session-verdict.js';

export interface SessionPlan extends Omit<LaunchPlan, 'candidates'>, Omit<LoopPlan, 'names'> {
  readonly candidates: LaunchPlan['candidates'];
  /** Longest wait for a quiet moment, ms, over all launches; default 0. */
  readonly quietWaitMs?: number;
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
  const quiet = new QuietGate(plan.quietWaitMs ?? 0);
  const { verdict, records } = await sessionLoop(
    { ...plan, names: [...byName.keys()] },
    {
      async launch(names, index) {
        await quiet.wait(plan.threads, hooks.signal);
        const candidates = names.map((name) => byName.get(name)!);
        const record = await runLaunch({ ...plan, candidates }, random.fork(`launch/${index}`), hooks);
        hooks.onLaunch?.(record, index + 1);
        return record;
      },
      now: () => performance.now(),
      assertGoing() {
        if (hooks.signal?.aborted) throw new InterruptedError('interrupted between launches');
      },
      onVerdict: (found, launches) => hooks.onVerdict?.(found, launches),
      refuse: (records) => refuse(records, plan.batch),
    },
  );
  return { verdict, records, spentMs: performance.now() - start };
}

function refuse(records: readonly LaunchRecord[], batch: number): never {
  const failure = records.flatMap(({ failures }) => controlNames.flatMap((name) => failures[name] ?? []))[0];
  throw new UserError(
    `session: the anchor network must run at batch ${batch}, got ` +
      `${failure?.status ?? 'fewer than 2 rounds'}${failure === undefined ? '' : `: ${failure.reason}`}`,
  );
}
