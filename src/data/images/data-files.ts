/** Reading data files and folders; system errors become user errors with the path and the cause. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { UserError } from '../../util/errors.js';

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'must exist, got no such file or folder',
  EACCES: 'must be readable, got permission denied',
  EPERM: 'must be readable, got permission denied',
  EISDIR: 'must be a file, got a folder',
  ENOTDIR: 'must be a folder, got a file',
};

/** A system error about `path` as a UserError; other errors are returned unchanged. */
export function asFileError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const cause =
    causes[code] ??
    (code.startsWith('E') && 'syscall' in (error as object) ? `must be readable, got ${code}` : undefined);
  return cause === undefined ? error : new UserError(`${path}: ${cause}`, { cause: error });
}

async function reading<V>(path: string, work: () => Promise<V>): Promise<V> {
  try {
    return await work();
  } catch (error) {
    throw asFileError(path, error);
  }
}

export const readWhole = (path: string): Promise<Buffer> => reading(path, () => readFile(path));

/** Entries of the folder, sorted by code unit, hidden ones left out. */
export const listFolder = (path: string): Promise<{ name: string; isFolder: boolean }[]> =>
  reading(path, async () => {
    const entries = await readdir(path, { withFileTypes: true });
    const named = await Promise.all(
      entries
        .filter(({ name }) => !name.startsWith('.'))
        .map(async (entry) => ({
          name: entry.name,
          isFolder:
            entry.isDirectory() ||
            (entry.isSymbolicLink() && (await stat(resolve(path, entry.name))).isDirectory()),
        })),
    );
    return named.sort((a, b) => (a.name < b.name ? -1 : 1));
  });

export const fileSize = (path: string): Promise<number> => reading(path, async () => (await stat(path)).size);

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw asFileError(path, error);
    },
  );
}

/**
 * The absolute folder of a parameter, or its sub-folder `inner` (the original archive's) where that exists.
 */
export async function resolveFolder(baseFolder: string, folder: string, inner?: string): Promise<string> {
  const path = resolve(baseFolder, folder);
  await listFolder(path);
  const nested = inner === undefined ? undefined : resolve(path, inner);
  return nested !== undefined && basename(path) !== inner && (await exists(nested)) ? nested : path;
}
