/** `<database>.log`: one line per step of a run, readable while it runs. */
import { appendFileSync } from 'node:fs';

export interface RunLog {
  write(line: string): void;
}

/** Appends; a log that cannot be written is no reason to stop a run. */
export function openRunLog(databaseFile: string): RunLog {
  const file = `${databaseFile}.log`;
  return {
    write(line) {
      try {
        appendFileSync(file, `${new Date().toISOString().slice(0, 19)}Z  ${line}\n`);
      } catch {
        // the database holds the same numbers
      }
    },
  };
}
