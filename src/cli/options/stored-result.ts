/** The latest result of a database that may not exist yet. */
import { existsSync } from 'node:fs';
import type { ExperimentResult } from '../../store/experiment-result.js';

/** Undefined where there is no file, no result in it, or none that can be read for whatever reason. */
export async function storedResult(database: string): Promise<ExperimentResult | undefined> {
  if (!existsSync(database)) return undefined;
  try {
    const { openStore, readExperimentResult } = await import('../../store/open-store.js');
    const store = openStore(database, { readonly: true });
    try {
      return readExperimentResult(store);
    } finally {
      store.close();
    }
  } catch {
    // The result is an addition: whatever keeps it from being read, the command works without it.
    return undefined;
  }
}
