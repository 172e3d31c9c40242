/**
 * Runs a study with an evaluator of the caller: several evaluations at a time, and no evaluator can stop the
 * search. One that throws, does not answer in time, returns NaN, or contradicts an exactly known cost makes a
 * failed trial with its reason.
 */
import type { Candidate } from './candidate.js';
import type { Trial } from './history.js';
import type { Study } from './study.js';

export interface DriveOptions<V> {
  evaluate(
    candidate: Candidate<V>,
    trial: Trial<V>,
  ): Promise<Readonly<Record<string, number>>> | Readonly<Record<string, number>>;
  /** Evaluations at a time; default 1. */
  readonly workers?: number;
  /** Longest time of one evaluation; default unlimited. */
  readonly timeoutSeconds?: number;
  /** Resolves after that many seconds; with `timeoutSeconds`. */
  readonly after?: (seconds: number) => Promise<void>;
  /** Seconds, for the trials' durations; default: all take 0. */
  readonly now?: () => number;
}

/** Largest relative difference from an exactly known cost. */
const EXACT = 1e-6;

/** Ends when the study proposes nothing more. */
export async function driveSearch<V>(study: Study<V>, options: DriveOptions<V>): Promise<void> {
  const { workers = 1, now = () => 0 } = options;
  const worker = async (): Promise<void> => {
    for (let trial = study.ask(); trial; trial = study.ask()) {
      const start = now();
      const answer = await answerOf(trial, options);
      const seconds = now() - start;
      const reason = 'reason' in answer ? answer.reason : contradiction(study, trial, answer.values);
      if (reason !== undefined) study.fail(trial.number, reason, seconds);
      else if ('values' in answer) study.tell(trial.number, answer.values, seconds);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

type Answer = { readonly values: Readonly<Record<string, number>> } | { readonly reason: string };

/** The evaluator's answer, or why there is none; never rejects. */
export async function answerOf<V>(
  trial: Trial<V>,
  { evaluate, timeoutSeconds, after }: DriveOptions<V>,
): Promise<Answer> {
  const evaluation = (async (): Promise<Answer> => {
    try {
      return { values: await evaluate(trial.candidate, trial) };
    } catch (cause) {
      return { reason: `evaluator: ${cause instanceof Error ? cause.message : String(cause)}` };
    }
  })();
  if (timeoutSeconds === undefined || !after) return evaluation;
  const late = after(timeoutSeconds).then(
    (): Answer => ({ reason: `evaluator: an answer is due within ${timeoutSeconds} s, got none` }),
  );
  return Promise.race([evaluation, late]);
}

/** Why the values cannot be the candidate's: they differ from a cost that is known exactly. */
export function contradiction<V>(
  { settings: { space, objectives } }: Study<V>,
  { candidate }: Pick<Trial<V>, 'candidate'>,
  values: Readonly<Record<string, number>>,
): string | undefined {
  const exact = space.exact(candidate);
  for (const { name } of objectives) {
    const [known, told] = [exact[name], values[name]];
    if (known === undefined || told === undefined || Number.isNaN(told)) continue;
    if (Math.abs(told - known) > EXACT * Math.max(1, Math.abs(known)))
      return `evaluator: ${name} must equal the exact ${known}, got ${told}`;
  }
  return undefined;
}
