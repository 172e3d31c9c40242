/** Zero-cost scores of untrained networks, without a database. */
import type { Architecture } from '../architecture/architecture.js';
import { probeDevice } from '../profile/probe.js';
import { placeOf } from '../runtime/compute.js';
import { type ZeroCostResult, zeroCostInChild } from '../train/zero-cost/run-zero-cost.js';
import type { Experiment } from './experiment.js';

/**
 * One result per architecture, in order.
 * @param experiment with the setting `zero-cost`
 * @param threads of the engine
 */
export async function scoreNetworks(
  { train, runtime, baseFolder, architectures }: Experiment,
  threads: number,
  signal: AbortSignal,
): Promise<ZeroCostResult[]> {
  const { dataset, zeroCost } = train!;
  const { measures, batch, seed } = zeroCost!;
  const place = placeOf(runtime);
  const probe = await probeDevice(
    { runtime: runtime.id, execution: 'auto', threads, ...place, xla: false },
    { signal },
  );
  const score = (architecture: Architecture): Promise<ZeroCostResult> =>
    zeroCostInChild(
      {
        architecture,
        dataset: { ...dataset, baseFolder },
        measures,
        batch,
        seed,
        runtime: probe.runtime,
        ...place,
        threads,
      },
      { signal },
    );
  const results: ZeroCostResult[] = [];
  for (const architecture of architectures) results.push(await score(architecture));
  return results;
}
