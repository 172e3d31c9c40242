/** Work of a profiling child: opens the runtime, measures each batch and sends its row. */

import { networkCost } from '../../network/network-cost.js';
import { failureOfError } from '../../runtime/child/failure.js';
import type { JobWork, Send } from '../../runtime/child/serve.js';
import { computeOf, isLowPrecision } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { Inference, Runtime } from '../../runtime/runtime.js';
import { needsVerification, verifiedAt } from '../../setup/verified/verified-devices.js';
import { seededRandom } from '../../util/random.js';
import type { Estimate } from '../../util/statistics/interval.js';
import type { BatchProfile, Ceilings, ProfileRequest } from '../profile-result.js';
import { loadPoint } from '../protocol/block-load.js';
import { measure } from '../protocol/measure.js';
import { processHost } from '../protocol/process-host.js';
import { batchProfile, dispatchOf, failedBatch, largestShare } from './batch-profile.js';
import {
  cpuPoint,
  type GpuWatch,
  isBusy,
  othersBusy,
  peakProcessBytes,
  processBytes,
  resetPeakBytes,
  sampleCpu,
  watchGpu,
} from './environment.js';
import { leastBytes } from './least-bytes.js';
import type { ProfileMessage } from './profile-job.js';

/**
 * Weights do not change the time of a pass, but must not be zero; every candidate draws them from one seed.
 */
const weightSeed = 1;
const progressEveryMs = 200;
const machineEveryMs = 1000;

export function profileWork(open: OpenRuntime): JobWork<ProfileRequest, ProfileMessage> {
  return async (request, send) => {
    const runtime = await open({ runtime: request.runtime, threads: request.threads, ...computeOf(request) });
    const deviceKey = runtime.deviceKey(request.execution);
    // the clock's zero is the process's start
    send({ type: 'opened', deviceKey, coldStartMs: performance.now() });
    const gpu = deviceKey.kind === 'gpu' ? watchGpu(deviceKey.device.split(' ')[0]!) : undefined;
    const before = sampleCpu();
    const start = cpuPoint(runtime.worker);
    const ceilings = new MeasuredCeilings(runtime, request.ceilings);
    for (const batch of request.batches) {
      send({ type: 'start', batch });
      const profile = await profileBatch(runtime, request, batch, gpu, ceilings, send);
      send({ type: 'batch', profile });
      // this process may keep memory, or has lost its worker: a new one does the rest
      if (profile.status === 'out-of-memory' || profile.status === 'crashed') break;
    }
    const after = sampleCpu();
    const others = othersBusy(start, cpuPoint(runtime.worker));
    send({
      type: 'environment',
      environment: {
        ...after,
        load1Before: before['load1']!,
        ...(others === undefined ? {} : { othersBusyCpus: Math.round(100 * others) / 100 }),
        ...(gpu?.newest()?.record ?? {}),
        ...(needsVerification(deviceKey) && { verified: verifiedAt(deviceKey) ?? 'no' }),
        sampledAt: new Date().toISOString(),
      },
    });
    gpu?.stop();
  };
}

/** The device's ceilings, measured again beside a network that exceeds them: the higher value counts. */
class MeasuredCeilings {
  private remeasured = false;
  private launch: number | undefined;
  constructor(
    private readonly runtime: Runtime,
    public current: Ceilings | undefined,
  ) {}

  /** Milliseconds of one launch, measured on the first call; undefined where unknown. */
  launchMs(): number | undefined {
    this.launch ??= this.runtime.launchMs?.();
    return this.launch;
  }

  remeasureIfExceeded(
    batch: number,
    stepMs: Estimate,
    rates: { readonly macsPerImage: number; readonly bytesPerPass: number },
  ): void {
    if (this.current === undefined || this.remeasured) return;
    if (largestShare(batch, stepMs, { ...rates, ceilings: this.current }) <= 1) return;
    this.remeasured = true;
    const { macsPerSecond, bytesPerSecond = 0 } = this.current;
    this.current = {
      macsPerSecond: Math.max(macsPerSecond, this.runtime.matmulMacsPerSecond()),
      bytesPerSecond: Math.max(bytesPerSecond, this.runtime.copyBytesPerSecond()),
    };
  }
}

async function profileBatch(
  runtime: Runtime,
  request: ProfileRequest,
  batch: number,
  gpu: GpuWatch | undefined,
  ceilings: MeasuredCeilings,
  send: Send<ProfileMessage>,
): Promise<BatchProfile> {
  const key = runtime.deviceKey(request.execution);
  const { worker } = runtime;
  const start = cpuPoint(worker);
  try {
    const model = runtime.instantiate(request.architecture, { seed: weightSeed });
    const opened: { dispose(): void }[] = [model];
    try {
      const inference = model.inference({ batch, execution: request.execution });
      opened.push(inference);
      inference.build?.();
      const memory = watchMemory(runtime);
      inference.enqueue();
      await inference.synchronise();
      // The candidate's own peak is read before the anchor takes memory beside it.
      const needed = memory();
      let anchor: Inference | undefined;
      if (request.anchor !== undefined) {
        const anchorModel = runtime.instantiate(request.anchor, { seed: weightSeed });
        anchor = anchorModel.inference({ batch, execution: request.execution });
        opened.push(anchorModel, anchor);
      }
      let [lastToldMs, lastMachineMs] = [-Infinity, -Infinity];
      const measured = await measure(
        inference,
        request.protocol,
        {
          ...processHost,
          loadPoint: () => loadPoint(worker),
          clockShare: () => gpu?.newest()?.clockShare,
          onProgress: (progress) => {
            if (performance.now() - lastToldMs < progressEveryMs) return;
            lastToldMs = performance.now();
            // between blocks, outside the timed region
            const look = lastToldMs - lastMachineMs >= machineEveryMs;
            if (look) lastMachineMs = lastToldMs;
            send({
              type: 'progress',
              batch,
              progress,
              ...(look ? { machine: gpu?.newest()?.record ?? sampleCpu() } : {}),
            });
          },
        },
        anchor === undefined
          ? undefined
          : { target: anchor, random: seededRandom(`anchor/${request.launch}/${batch}`) },
      );
      const rates = ceilings.current && {
        macsPerImage: networkCost(request.architecture).total.macs,
        bytesPerPass: leastBytes(request.architecture, batch, isLowPrecision(key.precision) ? 2 : 4),
      };
      if (rates) ceilings.remeasureIfExceeded(batch, measured.stepMs, rates);
      return batchProfile(batch, measured, {
        buildMs: inference.buildMs,
        firstRunMs: inference.firstRunMs,
        ...(anchor === undefined ? memory() : needed),
        ...dispatchOf(key, inference, ceilings, worker !== undefined),
        busy: isBusy(othersBusy(start, cpuPoint(worker)), key.threads),
        throttled: gpu?.wasThrottled() ?? false,
        ...(ceilings.current && { ceilings: ceilings.current, ...rates }),
      });
    } finally {
      for (const thing of opened.reverse()) thing.dispose();
    }
  } catch (error) {
    return failedBatch(batch, failureOfError(error));
  }
}

/** Memory held now, and from now on its peak: of the device where that can be read, else of the process. */
function watchMemory(
  runtime: Runtime,
): () => { peakBytes: number; peakOf: 'device' | 'process'; baseBytes: number } {
  const deviceBytes = (): number | undefined =>
    runtime.supports.deviceMemory ? runtime.peakDeviceBytes() : undefined;
  const { worker } = runtime;
  if (worker) worker.resetPeak();
  else resetPeakBytes();
  const [device, baseBytes] = [deviceBytes(), worker?.usage().residentBytes ?? processBytes()];
  return () => {
    const peakBytes = deviceBytes();
    return peakBytes === undefined || device === undefined
      ? { peakBytes: worker?.usage().peakBytes ?? peakProcessBytes(), peakOf: 'process', baseBytes }
      : { peakBytes, peakOf: 'device', baseBytes: device };
  };
}
