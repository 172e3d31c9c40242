/**
 * `trial`: one architecture × fidelity × replicate, keyed by content. Experiments that plan the same job
 * share the trial, and it runs once.
 */
import { z } from 'zod';
import type { Fidelity } from '../../train/recipe/training-fidelity.js';
import { finite, json, oneOf, repeated, text } from '../damage/column.js';
import { type SoundRow, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';

export interface TrialRow {
  /** Hash of job, architecture, settings and replicate. */
  id: string;
  job: 'profile' | 'train';
  architecture_id: string;
  /** Launch (from 1) of a profile, seed of a training. */
  replicate: number;
  /** JSON of everything else that identifies it: protocol, recipe, data. */
  settings: string;
}

const fidelityForm: z.ZodType<Fidelity> = z.object({
  epochs: z.number().optional(),
  data: z.number().optional(),
  resolution: z.number().optional(),
  width: z.number().optional(),
}) as z.ZodType<Fidelity>;

export const trialSchema = tableSchema('trial', ['id'], {
  id: text,
  job: oneOf('profile', 'train'),
  architecture_id: text,
  replicate: finite,
  settings: repeated(
    json(z.looseObject({ fidelity: fidelityForm.optional(), anchorCopy: z.number().optional() })),
  ),
});
export type StoredTrial = SoundRow<typeof trialSchema>;

const db = queryBuilder<{ trial: TrialRow }>();

export function insertTrial(store: Store, row: TrialRow): void {
  execute(
    store,
    db
      .insertInto('trial')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
}
