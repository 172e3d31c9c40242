/**
 * Reads a result database again whenever it changed, without ever holding it open, so that the writer is not
 * disturbed.
 */
import { statSync } from 'node:fs';
import type { ExperimentResult } from '../store/experiment-result.js';
import { openStore, readExperimentResult } from '../store/open-store.js';

export interface ResultSource {
  readonly file: string;
  /**
   * The result if the file changed since the last successful read; undefined where it did not. @throws
   * UserError
   */
  read(): ExperimentResult | undefined;
}

export function databaseSource(
  file: string,
  choice: { readonly experimentId?: string; readonly deviceId?: string } = {},
): ResultSource {
  let seen: string | undefined;
  return {
    file,
    read() {
      const now = fileSignature(file);
      if (now !== undefined && now === seen) return undefined;
      const store = openStore(file, { readonly: true });
      try {
        const result = readExperimentResult(store, choice.experimentId, choice.deviceId);
        seen = now;
        return result;
      } finally {
        store.close();
      }
    },
  };
}

/**
 * Changes with every commit: size and time of the file and of its write-ahead log. Undefined where there is
 * no file.
 */
function fileSignature(file: string): string | undefined {
  const main = statSync(file, { throwIfNoEntry: false });
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  return main && `${main.ino} ${main.size} ${main.mtimeMs} ${log?.size ? `${log.size} ${log.mtimeMs}` : ''}`; // an empty log comes and goes with readers
}
