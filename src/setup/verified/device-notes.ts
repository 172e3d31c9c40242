/** Notes about devices in the user's cache: one JSON file each, named after what the note is about. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/engine-paths.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const pathOf = (folder: string, env: Environment): string =>
  join(cacheFolder(env as NodeJS.ProcessEnv), folder);

/**
 * Keeps a note, in one step; a later one of the same subject replaces it.
 * @param folder of the cache @param subject text that equal subjects share
 */
export function writeNote(folder: string, subject: string, note: object, env: Environment): void {
  const path = pathOf(folder, env);
  mkdirSync(path, { recursive: true });
  const name = createHash('sha256').update(subject).digest('hex').slice(0, 16);
  const file = join(path, `${name}.json`);
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(note)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/** Every note of a folder. @param read undefined for what is no note; its file is left out */
export function readNotes<Note>(
  folder: string,
  env: Environment,
  read: (value: unknown) => Note | undefined,
): Note[] {
  const path = pathOf(folder, env);
  let files: string[];
  try {
    files = readdirSync(path).filter((name) => name.endsWith('.json'));
  } catch {
    return []; // nothing was noted yet
  }
  return files.flatMap((name) => {
    try {
      return read(JSON.parse(readFileSync(join(path, name), 'utf8'))) ?? [];
    } catch {
      return [];
    }
  });
}
