/** Finds the largest batch of each network that fits into memory. */
import { freemem } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import { passMemory } from '../../network/pass-memory.js';
import { type LargestBatch, largestBatch } from '../../profile/candidate/largest-batch.js';
import { profileInChild } from '../../profile/candidate/run-profile.js';
import type { Probe } from '../../profile/probe.js';
import type { BatchProfile } from '../../profile/profile-result.js';
import { standardProtocol } from '../../profile/protocol/protocol.js';

const tryProtocol = { ...standardProtocol, warmupMs: 0, warmupCapMs: 100, capMs: 100, latencySamples: 0 };

/**
 * Default limit of a try, in bytes: on a CPU three quarters of the free memory, since the operating system
 * ends other processes too when memory runs out.
 */
const defaultLimitBytes = (kind: 'cpu' | 'gpu'): number => (kind === 'cpu' ? 0.75 * freemem() : Infinity);

/** @throws InterruptedError when the signal aborts */
export function findLargestBatch(
  architecture: Architecture,
  { runtime, execution, compute, deviceKey }: Probe,
  limitBytes: number | undefined,
  events: { readonly signal: AbortSignal; onTry(row: BatchProfile): void },
): Promise<LargestBatch> {
  const tryBatch = async (batch: number): Promise<BatchProfile> => {
    const { batches } = await profileInChild(
      {
        architecture,
        runtime,
        execution,
        ...compute,
        threads: deviceKey.threads,
        batches: [batch],
        launch: 1,
        protocol: tryProtocol,
      },
      { signal: events.signal, expectedKey: deviceKey },
    );
    events.onTry(batches[0]!);
    return batches[0]!;
  };
  return largestBatch(tryBatch, {
    limitBytes: limitBytes ?? defaultLimitBytes(deviceKey.kind),
    // of the CPU's pool; a GPU's grows in steps of its own
    ...(deviceKey.kind === 'cpu' && { addedBytes: (batch) => passMemory(architecture, batch).growthBytes }),
  });
}
