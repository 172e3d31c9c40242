/** Times of the networks of an experiment under its latest device key, as its result states them. */
import { pooledProfiles } from './candidate-result.js';
import { readLaunchRows } from './experiment-rows.js';
import { launchFits } from './launch-fits.js';
import type { Store } from './store.js';
import { devicesOf } from './tables/device-table.js';

/**
 * Milliseconds of a step at a batch size by architecture id; `failed` where all launches ended without a
 * time. Networks with fewer than `launches` launches are absent.
 */
export function networkTimes(
  store: Store,
  experimentId: string,
  batch: number,
  launches: number,
): ReadonlyMap<string, number | 'failed'> {
  const reader: Store = { ...store, damaged: new Map() };
  const [device] = devicesOf(reader, experimentId);
  if (!device) return new Map();
  const rows = readLaunchRows(reader, experimentId, device.id);
  const fit = launchFits(rows).get(batch);
  return new Map(
    [...rows.profiles]
      .filter(([, profiles]) => profiles.length >= launches)
      .map(([id, profiles]) => {
        const pooled = pooledProfiles(profiles, rows).find((profile) => profile.batch === batch);
        const fitted = pooled?.stepMs && fit?.stepMs.get(id);
        return [id, fitted?.value ?? pooled?.stepMs?.value ?? 'failed'] as const;
      }),
  );
}
