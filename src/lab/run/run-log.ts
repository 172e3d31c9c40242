/** `<database>.log`: what a run did, a line each, for a person who looks later or over SSH while it runs. */
import { appendFileSync } from 'node:fs';

export interface RunLog {
  say(line: string): void;
}

/** Appends; a log that cannot be written is no reason to stop a run. */
export function openRunLog(databaseFile: string): RunLog {
  const file = `${databaseFile}.log`;
  return {
    say(line) {
      try {
        appendFileSync(file, `${new Date().toISOString().slice(0, 19)}Z  ${line}\n`);
      } catch {
        // the database holds the same numbers
      }
    },
  };
}
