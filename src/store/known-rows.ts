/**
 * Rows kept from one read of a database to the next, for readers that follow a run: results are append-only,
 * so only new rows are read and parsed again.
 */
import type { BatchProfile } from '../profile/profile-result.js';
import type { EpochRow } from '../train/train-result.js';
import type { FoundDamage } from './damage/damaged-row.js';
import type { StoredArchitecture } from './tables/architecture-table.js';

export interface KnownRows {
  /** By id, a hash of the content. */
  readonly architectures: Map<string, StoredArchitecture>;
  /** By name of the profile and of the training; a name tells the rows of any two databases apart. */
  readonly batches: Map<string, readonly BatchProfile[]>;
  readonly epochs: Map<string, readonly EpochRow[]>;
}

export const noKnownRows = (): KnownRows => ({
  architectures: new Map(),
  batches: new Map(),
  epochs: new Map(),
});

interface Owner {
  readonly id: number;
  readonly trial_id: string;
}

/** Id, trial and time: a file that was replaced has no row of the same name and other content. */
const nameOf = ({ id, trial_id }: Owner, at: string): string => `${id} ${trial_id} ${at}`;

/**
 * The rows of each owner, of which only those of unknown owners are read. `known` afterwards holds those of
 * these owners; rows of owners with damage are read again each time, and so noted again.
 * @param timeOf when the owner was measured or trained
 * @param read rows by owner
 * @param damaged all damage met so far, whose values name the owner by `column`
 */
export function knownOrRead<O extends Owner, V>(
  known: Map<string, V> | undefined,
  owners: readonly O[],
  timeOf: (owner: O) => string,
  read: (ids: readonly number[]) => ReadonlyMap<number, V>,
  damaged: { readonly found: ReadonlyMap<string, FoundDamage>; readonly column: string },
): ReadonlyMap<number, V> {
  if (!known) return read(owners.map(({ id }) => id));
  const before = new Map(known);
  known.clear();
  const names = new Map(owners.map((owner) => [owner.id, nameOf(owner, timeOf(owner))]));
  const loaded = read([...names].flatMap(([id, name]) => (before.has(name) ? [] : [id])));
  const withDamage = new Set([...damaged.found.values()].map(({ values }) => values[damaged.column]));
  const found = new Map<number, V>();
  for (const [id, name] of names) {
    const value = before.get(name) ?? loaded.get(id);
    if (value === undefined) continue;
    found.set(id, value);
    if (!withDamage.has(id)) known.set(name, value);
  }
  return found;
}

/** The architectures in the order of `ids`, of which only unknown ones are read. */
export function knownArchitectures(
  known: KnownRows['architectures'] | undefined,
  ids: readonly string[],
  read: (ids: readonly string[]) => readonly StoredArchitecture[],
): readonly StoredArchitecture[] {
  if (!known) return read(ids);
  for (const row of read(ids.filter((id) => !known.has(id)))) known.set(row.id, row);
  return ids.flatMap((id) => known.get(id) ?? []);
}
