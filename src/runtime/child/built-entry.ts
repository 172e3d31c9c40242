/** Locates built scripts for child processes and worker threads. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../setup/engine/engine-paths.js';

/**
 * Absolute path of a built script, also when the caller runs from `src`.
 * @param path below `dist`, e.g. `profile/profile-child.js`
 */
export function builtEntry(path: string): string {
  const entry = join(packageRoot(), 'dist', path);
  if (!existsSync(entry))
    throw new Error(`builtEntry: ${JSON.stringify(entry)} must exist; run "npm run build"`);
  return entry;
}
