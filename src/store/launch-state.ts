/** What the stored launches of an experiment resolve so far, and which networks they measured. */
import { readLaunchRows } from './experiment-rows.js';
import { batchResolutions, launchFits } from './launch-fits.js';
import type { Store } from './store.js';

export interface LaunchState {
  /** X of the batch size that resolves least, relative; undefined where a size has too few launches. */
  readonly resolution: number | undefined;
  /** Ids of the networks that have a time. */
  readonly measured: ReadonlySet<string>;
}

/** @param batches sizes that count */
export function launchState(
  store: Store,
  experimentId: string,
  deviceId: string,
  batches: readonly number[],
): LaunchState {
  const rows = readLaunchRows({ ...store, damaged: new Map() }, experimentId, deviceId);
  const found = new Map(batchResolutions(launchFits(rows)).map(({ batch, relative }) => [batch, relative]));
  const each = batches.map((batch) => found.get(batch));
  const hasTime = (profileId: number): boolean =>
    (rows.batches.get(profileId) ?? []).some(({ stepMs }) => stepMs !== undefined);
  const measured = [...rows.profiles].filter(([, profiles]) => profiles.some(({ id }) => hasTime(id)));
  return {
    resolution: each.includes(undefined) ? undefined : Math.max(...(each as number[])),
    measured: new Set(measured.map(([id]) => id)),
  };
}
