/**
 * Reads a result database whenever it changes, and of it only the new rows. It closes the file after each
 * read, so that the writer is never blocked.
 */
import { statSync } from 'node:fs';
import type { ExperimentResult } from '../store/experiment-result.js';
import { noKnownRows } from '../store/known-rows.js';
import { openStore, readExperimentResult } from '../store/open-store.js';

export interface ResultSource {
  readonly file: string;
  /**
   * The result if the file changed since the last successful read, else undefined.
   * @throws UserError
   */
  read(): ExperimentResult | undefined;
}

export function databaseSource(
  file: string,
  choice: { readonly experimentId?: string; readonly deviceId?: string } = {},
): ResultSource {
  let seen: string | undefined;
  const known = noKnownRows();
  return {
    file,
    read() {
      const now = fileSignature(file);
      if (now !== undefined && now === seen) return undefined;
      const store = openStore(file, { readonly: true });
      try {
        const result = readExperimentResult(store, choice.experimentId, choice.deviceId, undefined, known);
        seen = now;
        return result;
      } finally {
        store.close();
      }
    },
  };
}

/**
 * A text that changes with every commit, from size and time of the file and its write-ahead log. Undefined
 * without a file.
 */
function fileSignature(file: string): string | undefined {
  const main = statSync(file, { throwIfNoEntry: false });
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  // Readers create and remove an empty log.
  const logPart = log?.size ? `${log.size} ${log.mtimeMs}` : '';
  return main && `${main.ino} ${main.size} ${main.mtimeMs} ${logPart}`;
}
