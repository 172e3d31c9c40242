/** Times each stage and block of networks in place, and stores the times for the latency model. */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { networkParts } from '../../network/network-parts.js';
import { partKeys } from '../../profile/latency-model/latency-model.js';
import { type PartsHooks, type PartsResult, partsInChild } from '../../profile/part-times/run-parts.js';
import type { Probe } from '../../profile/probe.js';
import { openStore } from '../../store/open-store.js';
import { insertArchitecture } from '../../store/tables/architecture-table.js';
import { recordParts } from '../../store/tables/part-time-table.js';
import { lockWriter } from '../../store/writer-lock.js';
import { architectureRow } from '../plan.js';
import { sessionProtocol } from './session-settings.js';

export interface PartsPlan {
  readonly architectures: readonly Architecture[];
  readonly batches: readonly number[];
  /** Device that the networks run on. */
  readonly probe: Probe;
  /** Database that keeps the times; undefined: none. */
  readonly database: string | undefined;
}

export interface PartsEvents {
  readonly signal: AbortSignal;
  onProgress(
    architecture: Architecture,
    batch: number,
    progress: Parameters<NonNullable<PartsHooks['onProgress']>>[0],
  ): void;
  onResult(architecture: Architecture, batch: number, result: PartsResult): void;
}

/** @throws InterruptedError when the signal aborts */
export async function profileParts(plan: PartsPlan, events: PartsEvents): Promise<void> {
  const { runtime, execution, compute, deviceKey } = plan.probe;
  for (const architecture of plan.architectures) {
    for (const batch of plan.batches) {
      const result = await partsInChild(
        {
          architecture,
          batch,
          runtime,
          execution,
          ...compute,
          threads: deviceKey.threads,
          protocol: sessionProtocol,
          rounds: 20,
        },
        {
          signal: events.signal,
          onProgress: (progress) => events.onProgress(architecture, batch, progress),
        },
      );
      if (result.parts !== undefined && plan.database !== undefined)
        storeParts(plan.database, architecture, batch, result);
      events.onResult(architecture, batch, result);
    }
  }
}

function storeParts(
  database: string,
  architecture: Architecture,
  batch: number,
  { deviceKey, parts }: Extract<PartsResult, { status: 'ok' }>,
): void {
  const lock = lockWriter(database);
  try {
    const store = openStore(database);
    try {
      insertArchitecture(store, architectureRow(architecture));
      recordParts(store, deviceKey, batch, architectureId(architecture), lookupKeys(architecture), parts);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

/**
 * Keys of the latency model's look-up table by part. Every prefix contains the head, so the head has no time
 * of its own.
 */
function lookupKeys(architecture: Architecture): Map<string, string> {
  const keys = partKeys(architecture);
  return new Map(
    networkParts(architecture).flatMap(({ name, kind }, index) =>
      kind === 'block' || kind === 'downsample' ? [[name, keys[index]!] as const] : [],
    ),
  );
}
