/**
 * Work of a child that times the parts of one network: keeps every prefix warm and times them in shuffled
 * rounds.
 */

import type { JobWork } from '../../runtime/child/serve.js';
import { computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import { seededRandom } from '../../util/random.js';
import { passesFor, readBackCost, timeBlock, warmUp } from '../protocol/measure.js';
import { processHost } from '../protocol/process-host.js';
import { networkPrefixes, partTimes } from './part-times.js';
import type { PartsMessage, PartsRequest } from './parts-job.js';

export function partsWork(open: OpenRuntime): JobWork<PartsRequest, PartsMessage> {
  return async (request, send) => {
    const random = seededRandom('parts');
    const runtime = await open({
      runtime: request.runtime,
      threads: request.threads,
      ...computeOf(request),
    });
    send({ type: 'opened', deviceKey: runtime.deviceKey(request.execution) });
    const parts = networkPrefixes(request.architecture);
    const networks = [];
    for (const { architecture } of parts) {
      send({ type: 'progress', phase: 'build', done: networks.length, of: parts.length });
      const inference = runtime
        .instantiate(architecture, { seed: 1 })
        .inference({ batch: request.batch, execution: request.execution });
      const { stepMs } = await warmUp(inference, request.protocol, processHost);
      networks.push({
        inference,
        passes: passesFor(stepMs, await readBackCost(inference, processHost), request.protocol),
      });
    }
    const samplesMs = parts.map(() => [] as number[]);
    for (let round = 0; round < request.rounds; round++) {
      send({ type: 'progress', phase: 'measure', done: round, of: request.rounds });
      for (const index of random.shuffled(networks.map((_, i) => i))) {
        const { inference, passes } = networks[index]!;
        await timeBlock(inference, 1, processHost.now); // brings its data back into the caches
        samplesMs[index]!.push((await timeBlock(inference, passes, processHost.now)).perPassMs);
      }
      await processHost.pause();
    }
    send({ type: 'parts', parts: partTimes(parts, samplesMs, random), samplesMs });
  };
}
