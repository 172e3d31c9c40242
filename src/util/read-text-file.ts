/** Reads a text file that the user named. */
import { readFileSync } from 'node:fs';
import { UserError } from './errors.js';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a file is needed, got a folder',
};

/** @throws UserError `path: no such file`, or the reason of the operating system */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`${path}: ${reasons[code ?? ''] ?? message}`, { cause: error });
  }
}
