/** What a database holds of a job, on whichever device it ran: for plans that are only printed. */
import type { Store } from './store.js';
import { latestProfile } from './tables/profile-table.js';
import { lastTraining } from './tables/training-table.js';
import type { TrialRow } from './tables/trial-table.js';

export interface StoredOutcome {
  readonly state: 'open' | 'stored' | 'failed' | 'damaged';
  /** Why it failed; empty otherwise. */
  readonly reason: string;
}

export function storedOutcome(store: Store, { id, job }: Pick<TrialRow, 'id' | 'job'>): StoredOutcome {
  const last = job === 'profile' ? latestProfile(store, id) : lastTraining(store, id);
  if (!last) return { state: 'open', reason: '' };
  if (last === 'damaged') return { state: 'damaged', reason: '' };
  if (last.status === 'ok') return { state: 'stored', reason: '' };
  return { state: 'failed', reason: last.reason ? `${last.status}: ${last.reason}` : last.status };
}
