/** `profile`: one measurement of a candidate by one child process, or its failure. */
import type { Generated } from 'kysely';
import { count, instant, json, oneOf, positive, text, withFallback } from '../damage/column.js';
import { environmentForm, isUsualEnvironment } from '../damage/json-forms.js';
import {
  assertSoundAttempt,
  firstSoundRow,
  type SoundRow,
  soundRows,
  tableSchema,
} from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { PlanRow } from './plan-table.js';
import type { TrialRow } from './trial-table.js';

export interface ProfileTable {
  id: Generated<number>;
  trial_id: string;
  device_id: string;
  session_id: number;
  /** From 1; a further one only after a failure that was retried. */
  attempt: number;
  /** ok: every batch measured; partial: some; else why none was. */
  status: 'ok' | 'partial' | 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
  reason: string;
  cold_start_ms: number;
  /** JSON */
  environment: string;
  measured_at: string;
}
export type NewProfile = Omit<ProfileTable, 'id' | 'attempt'>;

export const profileSchema = tableSchema('profile', ['id'], {
  id: count,
  trial_id: text,
  device_id: text,
  session_id: count,
  attempt: count,
  status: oneOf('ok', 'partial', 'out-of-memory', 'crashed', 'timed-out', 'failed'),
  reason: text,
  cold_start_ms: positive,
  environment: withFallback(json(environmentForm, isUsualEnvironment), {}),
  measured_at: withFallback(instant, ''),
});
export type StoredProfile = SoundRow<typeof profileSchema>;

const db = queryBuilder<{ plan: PlanRow; trial: TrialRow; profile: ProfileTable }>();

/**
 * Adds the next attempt; returns the row's id.
 * @throws where the trial already has a result on that device
 * @throws UserError where the last attempt is damaged
 */
export function insertProfile(store: Store, row: NewProfile): number {
  const last = lastProfile(store, row.trial_id, row.device_id);
  assertSoundAttempt(store, last, row.trial_id);
  if (last?.status === 'ok')
    throw new Error(
      `store.insertProfile: a trial is measured once per device, got a second result for ${row.trial_id}`,
    );
  return execute(store, db.insertInto('profile').values({ ...row, attempt: (last?.attempt ?? 0) + 1 })).rowId;
}

/** The last attempt of a trial on a device. */
export function lastProfile(
  store: Store,
  trialId: string,
  deviceId: string,
): StoredProfile | 'damaged' | undefined {
  return firstSoundRow(
    store,
    db
      .selectFrom('profile')
      .selectAll()
      .where('trial_id', '=', trialId)
      .where('device_id', '=', deviceId)
      .orderBy('attempt', 'desc')
      .limit(1),
    profileSchema,
  );
}

/** Last attempts of an experiment's profile trials on one device, oldest first. */
export function lastProfiles(store: Store, experimentId: string, deviceId: string): StoredProfile[] {
  return soundRows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('profile', 'profile.trial_id', 'plan.trial_id')
      .where('plan.experiment_id', '=', experimentId)
      .where('profile.device_id', '=', deviceId)
      .where((eb) =>
        eb(
          'profile.attempt',
          '=',
          eb
            .selectFrom('profile as other')
            .select((inner) => inner.fn.max('other.attempt').as('last'))
            .whereRef('other.trial_id', '=', 'profile.trial_id')
            .whereRef('other.device_id', '=', 'profile.device_id'),
        ),
      )
      .selectAll('profile')
      .orderBy('profile.id'),
    profileSchema,
  );
}

/** Every complete profile of these settings, of any experiment and launch. */
export function profilesBySettings(store: Store, settings: string): StoredProfile[] {
  const query = db
    .selectFrom('profile')
    .innerJoin('trial', 'trial.id', 'profile.trial_id')
    .selectAll('profile')
    .where('trial.settings', '=', settings)
    .where('profile.status', '=', 'ok');
  return soundRows(store, query, profileSchema);
}

/** The latest complete profiles of any settings, at most `most`. */
export function latestProfiles(store: Store, most: number): StoredProfile[] {
  const query = db
    .selectFrom('profile')
    .selectAll()
    .where('status', '=', 'ok')
    .orderBy('id', 'desc')
    .limit(most);
  return soundRows(store, query, profileSchema);
}

/** The latest attempt of a trial on any device. */
export function latestProfile(store: Store, trialId: string): StoredProfile | 'damaged' | undefined {
  const query = db.selectFrom('profile').selectAll().where('trial_id', '=', trialId).orderBy('id', 'desc');
  return firstSoundRow(store, query.limit(1), profileSchema);
}
