/**
 * Evaluators that are not the lab's own: one that throws, does not answer in time or answers without a number
 * makes a failed trial with its reason, and the search goes on.
 */

import { answerOf, type DriveOptions } from '../../search/drive-search.js';
import type { Evaluate } from './durable-search.js';

export type GuardOptions<V> = Omit<DriveOptions<V>, 'workers'>;

export function guarded<V>(options: GuardOptions<V>): Evaluate<V> {
  const { now = () => 0 } = options;
  return async (_candidate, trial) => {
    const start = now();
    const answer = await answerOf(trial, options);
    return { ...answer, seconds: now() - start };
  };
}
