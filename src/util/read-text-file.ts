/** Reads a text file that the user named. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors.js';
import { nearestName } from './nearest-name.js';

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'a file is needed, got a folder',
};

/** A file of the same folder with a similar name. */
function nearFile(path: string): string | undefined {
  try {
    const near = nearestName(basename(path), readdirSync(dirname(path)));
    return near === undefined ? undefined : join(dirname(path), near);
  } catch {
    return undefined; // no such folder either
  }
}

/** What help texts and documents name, where the folder is not there. */
const shippedHint = (path: string): string | undefined =>
  /^(search-spaces|experiments)[\\/]/.test(path)
    ? '`npx stagecraft init --examples` copies the shipped search-spaces and experiments here'
    : undefined;

/** The error of a file that is not there, with the name of one that may be meant. */
export function noSuchFile(path: string, cause: unknown): UserError {
  const near = nearFile(path);
  const fix = near === undefined ? shippedHint(path) : `did you mean ${near}?`;
  return new UserError(`${path}: no such file`, { cause, ...(fix === undefined ? {} : { fix }) });
}

/** @throws UserError `path: no such file`, or the reason of the operating system */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw noSuchFile(path, error);
    throw new UserError(`${path}: ${reasons[code ?? ''] ?? message}`, { cause: error });
  }
}
