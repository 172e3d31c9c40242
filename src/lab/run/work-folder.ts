/**
 * `<database>.work/`: checkpoints of running trainings. A checkpoint is deleted when its trial is stored, the
 * folder when it is empty.
 */
import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../util/errors.js';

export interface WorkFolder {
  checkpointFile(trialId: string): string;
  /** The trial is stored: its checkpoint is no longer needed. */
  finish(trialId: string): void;
  close(): void;
}

/**
 * @param isStored whether the trial of a left-over checkpoint is stored already: the tool was killed between
 * the two
 */
export function openWorkFolder(databaseFile: string, isStored: (trialId: string) => boolean): WorkFolder {
  const folder = `${databaseFile}.work`;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UserError(
      `${folder}: the folder for checkpoints cannot be made (${(error as Error).message})`,
      { cause: error },
    );
  }
  const finish = (trialId: string): void => {
    for (const name of readdirSync(folder))
      if (name.startsWith(trialId)) rmSync(join(folder, name), { force: true, recursive: true });
  };
  for (const trialId of new Set(readdirSync(folder).map((name) => name.split('.')[0]!)))
    if (isStored(trialId)) finish(trialId);
  return {
    checkpointFile: (trialId) => join(folder, `${trialId}.checkpoint`),
    finish,
    close() {
      if (readdirSync(folder).length === 0) rmdirSync(folder);
    },
  };
}

/** Where the final weights of a trial stay: `<database>.weights/TRIAL.safetensors`. */
export const weightsFile = (databaseFile: string, trialId: string): string =>
  join(`${databaseFile}.weights`, `${trialId}.safetensors`);
