/** `architecture`: networks with their inferred costs, one row per id. */
import { sql } from 'kysely';
import type { Architecture } from '../../architecture/architecture.js';
import { architectureForm } from '../../architecture/canonical.js';
import { sharedArchitectures } from '../../architecture/shared-architectures.js';
import { type Column, count, json, oneOf, text } from '../damage/column.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import { plannedTrials } from './plan-table.js';

export interface ArchitectureRow {
  id: string;
  /** Canonical JSON. */
  text: string;
  /** e.g. `CC-CCCT-CCTT-CTTT` */
  layout: string;
  /** By the letter of the definition: an unmixed layout is stored as symmetric. */
  symmetry: 'symmetric' | 'asymmetric';
  params: number;
  /** Multiply-accumulates of one image. */
  macs: number;
  /** Peak live bytes of one image in float32, inferred. */
  activation_bytes: number;
}

const sharedArchitecture = sharedArchitectures();
const wholeArchitecture = json(architectureForm);
/** Falls back to the whole form, which says what is wrong. */
const architectureColumn: Column<Architecture> = {
  read: (stored) =>
    (typeof stored === 'string' && sharedArchitecture(stored)) || wholeArchitecture.read(stored),
};

export const architectureSchema = tableSchema('architecture', ['id'], {
  id: text,
  text: architectureColumn,
  layout: text,
  symmetry: oneOf('symmetric', 'asymmetric'),
  params: count,
  macs: count,
  activation_bytes: count,
});
/** `text` is the architecture itself. */
export type StoredArchitecture = SoundRow<typeof architectureSchema>;

const db = queryBuilder<{ architecture: ArchitectureRow }>();

export function insertArchitecture(store: Store, row: ArchitectureRow): void {
  execute(
    store,
    db
      .insertInto('architecture')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
}

/** Architectures of an experiment's plan, in plan order. */
export function architecturesOf(store: Store, experimentId: string): StoredArchitecture[] {
  const planned = plannedTrials(store, experimentId).map((trial) => trial.architecture_id);
  return architecturesByIds(store, [...new Set(planned)]);
}

/** Architectures by id, in the order of `ids`; those that are missing or damaged are left out. */
export function architecturesByIds(store: Store, ids: readonly string[]): StoredArchitecture[] {
  // in the order given, in which they were stored: sorted by their hashes they would lie all over the file
  const query = db
    .selectFrom(sql<{ value: string }>`json_each(${JSON.stringify(ids)})`.as('wanted'))
    .innerJoin('architecture', 'architecture.id', 'wanted.value')
    .selectAll('architecture');
  const found = new Map(soundRows(store, query, architectureSchema).map((row) => [row.id, row]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Architectures whose id begins with `prefix` (hex), at most `limit`. */
export function architecturesByPrefix(store: Store, prefix: string, limit: number): StoredArchitecture[] {
  return soundRows(
    store,
    db
      .selectFrom('architecture')
      .selectAll()
      .where('id', '>=', prefix)
      .where('id', '<', `${prefix}g`)
      .orderBy('id')
      .limit(limit),
    architectureSchema,
  );
}
