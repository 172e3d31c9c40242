/** Fits the launches of a run per batch size: what it resolves, and the interval of every network's time. */
import { anchorBias, fitLaunches, type LaunchTime, type RunFit } from '../util/statistics/resolution.js';
import type { BatchResolution } from './experiment-result.js';
import type { LaunchRows } from './experiment-rows.js';
import type { StoredProfile } from './tables/profile-table.js';

const anchorName = (copy: number): string => `anchor ${copy}`;

/** By batch size; a size without enough launches to estimate scatter is absent. */
export function launchFits(rows: LaunchRows): ReadonlyMap<number, RunFit> {
  const times = new Map<number, LaunchTime[]>();
  const add = (network: string, profiles: readonly StoredProfile[]): void => {
    for (const profile of profiles)
      for (const { batch, stepMs } of rows.batches.get(profile.id) ?? []) {
        if (stepMs === undefined || !(stepMs.value > 0)) continue;
        const ofBatch = times.get(batch) ?? [];
        ofBatch.push({ network, launch: rows.launchOf(profile), stepMs: stepMs.value });
        times.set(batch, ofBatch);
      }
  };
  for (const [id, profiles] of rows.profiles) add(id, profiles);
  for (const [copy, profiles] of rows.anchors) add(anchorName(copy), profiles);
  return new Map(
    [...times].flatMap(([batch, ofBatch]) => {
      const fit = fitLaunches(ofBatch);
      return fit ? [[batch, fit] as const] : [];
    }),
  );
}

/** By batch size, ascending. */
export const batchResolutions = (fits: ReadonlyMap<number, RunFit>): BatchResolution[] =>
  [...fits]
    .sort(([a], [b]) => a - b)
    .map(([batch, fit]) => {
      const anchors = anchorBias(fit, anchorName(1), anchorName(2));
      const networks = [...fit.stepMs.keys()].filter((name) => !name.startsWith('anchor ')).length;
      return { batch, networks, ...fit.resolution, ...(anchors ? { anchors } : {}) };
    });
