/** `architecture`: networks with their inferred costs, one row per id. */
import { architectureForm } from '../../architecture/canonical.js';
import { count, json, oneOf, text } from '../damage/column.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { PlanRow } from './plan-table.js';
import type { TrialRow } from './trial-table.js';

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

export const architectureSchema = tableSchema('architecture', ['id'], {
  id: text,
  text: json(architectureForm),
  layout: text,
  symmetry: oneOf('symmetric', 'asymmetric'),
  params: count,
  macs: count,
  activation_bytes: count,
});
/** `text` is the architecture itself. */
export type StoredArchitecture = SoundRow<typeof architectureSchema>;

const db = queryBuilder<{ architecture: ArchitectureRow; plan: PlanRow; trial: TrialRow }>();

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
  return soundRows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('trial', 'trial.id', 'plan.trial_id')
      .innerJoin('architecture', 'architecture.id', 'trial.architecture_id')
      .where('plan.experiment_id', '=', experimentId)
      .selectAll('architecture')
      .groupBy('architecture.id')
      .orderBy((eb) => eb.fn.min('plan.position')),
    architectureSchema,
  );
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
