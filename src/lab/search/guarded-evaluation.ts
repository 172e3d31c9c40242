/**
 * Evaluators that are not the lab's own: one that throws, does not answer in time or answers without a number
 * makes a failed trial with its reason, and the search goes on.
 */

import type { Candidate } from '../../search/candidate.js';
import { answerOf } from '../../search/drive-search.js';
import type { Trial } from '../../search/history.js';
import type { Evaluate } from './durable-search.js';

export interface GuardOptions<V> {
  evaluate(
    candidate: Candidate<V>,
    trial: Trial<V>,
  ): Promise<Readonly<Record<string, number>>> | Readonly<Record<string, number>>;
  /** Longest time of one evaluation; default unlimited. */
  readonly timeoutSeconds?: number;
  /** Resolves after that many seconds. */
  readonly after?: (seconds: number) => Promise<void>;
  /** Seconds; default: every evaluation takes 0. */
  readonly now?: () => number;
}

export function guarded<V>(options: GuardOptions<V>): Evaluate<V> {
  const { now = () => 0 } = options;
  return async (_candidate, trial) => {
    const start = now();
    const answer = await answerOf(trial, options);
    return { ...answer, seconds: now() - start };
  };
}
