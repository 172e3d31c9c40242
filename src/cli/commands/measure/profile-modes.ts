/** Output of `profile` with `--parts`, `--largest-batch` and `--compare`. */
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { deviceLine } from '../../../lab/device-text.js';
import { assertComparable, compareNetworks } from '../../../lab/profiling/compare-networks.js';
import { findLargestBatch } from '../../../lab/profiling/find-largest-batch.js';
import { knownScores } from '../../../lab/profiling/known-scores.js';
import { profileParts } from '../../../lab/profiling/profile-parts.js';
import type { LargestBatch } from '../../../profile/candidate/largest-batch.js';
import { stageShares } from '../../../profile/part-times/part-times.js';
import type { PartsResult } from '../../../profile/part-times/run-parts.js';
import { type Probe, probeDevice } from '../../../profile/probe.js';
import type { BatchProfile } from '../../../profile/profile-result.js';
import type { SessionResult } from '../../../profile/session/run-session.js';
import { comparisonText } from '../../../profile/session/session-text.js';
import type { DeviceKey } from '../../../runtime/runtime.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { probeRequest, type RuntimeFlags } from '../../options/compute-options.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { partTable } from '../../output/part-table.js';
import { sessionView } from '../../output/progress/session-progress.js';

export interface ModeOptions extends RuntimeFlags {
  readonly batches: readonly number[];
  readonly launches: number;
  readonly threads: number;
  readonly minutes: number;
  readonly relevance: number;
  /** GiB. */
  readonly memoryLimit?: number;
  readonly db?: string;
  readonly json?: boolean;
}

async function openProbe(options: ModeOptions, signal: AbortSignal, io: Io): Promise<Probe> {
  const probe = await probeDevice(probeRequest(options), { signal });
  io.stderr.write(`on ${deviceLine(probe.deviceKey)}\n`);
  return probe;
}

/** Time of each part; with `--db` stored for the latency model. */
export async function runParts(
  architectures: readonly Architecture[],
  options: ModeOptions,
  io: Io,
): Promise<void> {
  await interruptible(async (signal) => {
    const probe = await openProbe(options, signal, io);
    await profileParts(
      { architectures, batches: options.batches, probe, database: options.db },
      {
        signal,
        onProgress(architecture, batch, { phase, done, of }) {
          if (done > 0) return;
          const step = phase === 'build' ? `building ${of} prefixes` : `timing them ${of} times`;
          io.stderr.write(`${layoutOf(architecture)} batch ${batch}: ${step}\n`);
        },
        onResult: (architecture, batch, result) =>
          print(io, partsText(architecture, batch, result, probe.deviceKey, options, io)),
      },
    );
  });
}

function partsText(
  architecture: Architecture,
  batch: number,
  result: PartsResult,
  deviceKey: DeviceKey,
  { json }: ModeOptions,
  io: Io,
): string {
  const head = { id: architectureId(architecture), layout: layoutOf(architecture), batch };
  if (result.parts === undefined)
    return json
      ? jsonLine({ ...head, ...result })
      : `${head.layout} at batch ${batch}: ${result.status}: ${result.reason}\n`;
  const { parts } = result;
  return json
    ? jsonLine({ ...head, parts, stages: stageShares(parts), deviceKey })
    : `${partTable(head.layout, batch, parts, io)}\n`;
}

/** `--memory-limit` in bytes. @throws UserError where it is not above 0 */
function memoryLimitBytes({ memoryLimit }: ModeOptions): number | undefined {
  if (memoryLimit === undefined) return undefined;
  if (!(memoryLimit > 0))
    throw new UserError(`--memory-limit: must be a number of GiB above 0, got ${memoryLimit}`);
  return memoryLimit * 2 ** 30;
}

function tryText({ batch, stepMs, status, reason, peakBytes }: BatchProfile): string {
  if (stepMs === undefined) return `batch ${batch}: ${status}: ${reason}`;
  return `batch ${batch}: fits, ${((peakBytes ?? 0) / 2 ** 20).toFixed(0)} MiB`;
}

export async function runLargestBatch(
  architectures: readonly Architecture[],
  options: ModeOptions,
  io: Io,
): Promise<void> {
  const limitBytes = memoryLimitBytes(options);
  await interruptible(async (signal) => {
    const probe = await openProbe(options, signal, io);
    for (const architecture of architectures) {
      const layout = layoutOf(architecture);
      const found = await findLargestBatch(architecture, probe, limitBytes, {
        signal,
        onTry: (row) => io.stderr.write(`${layout} ${tryText(row)}\n`),
      });
      if (options.json) print(io, largestJson(architecture, found, probe.deviceKey));
      else print(io, `${layout}: largest batch that fits is ${found.batch}; ${found.reason}`);
    }
  });
}

const largestJson = (
  architecture: Architecture,
  { batch, reason, tries }: LargestBatch,
  deviceKey: DeviceKey,
): string =>
  jsonLine({
    id: architectureId(architecture),
    layout: layoutOf(architecture),
    largestBatch: batch,
    reason,
    tries: tries.map((row) => ({
      batch: row.batch,
      status: row.status,
      peakBytes: row.peakBytes,
      peakOf: row.peakOf,
      baseBytes: row.baseBytes,
    })),
    deviceKey,
  });

export async function runComparison(
  architectures: readonly Architecture[],
  options: ModeOptions,
  io: Io,
): Promise<void> {
  assertComparable(architectures);
  await interruptible(async (signal) => {
    let view: ReturnType<typeof sessionView> | undefined;
    let probe: Probe | undefined;
    const { batches, launches, minutes, relevance } = options;
    try {
      await compareNetworks(
        {
          architectures,
          batches,
          launches,
          minutes,
          relevance,
          scores: knownScores(options.db),
          database: options.db,
        },
        async () => {
          probe = await openProbe(options, signal, io);
          return probe;
        },
        {
          signal,
          onBatch(session) {
            view = sessionView(io, { ...session, deviceKey: probe!.deviceKey });
            return view.hooks;
          },
          onVerdict(batch, verdict) {
            view?.stop();
            if (options.json) printPairs(batch, verdict, probe!.deviceKey, io);
            else print(io, `${comparisonText(verdict)}\n`);
          },
        },
      );
    } finally {
      view?.stop();
    }
  });
}

function printPairs(batch: number, verdict: SessionResult['verdict'], deviceKey: DeviceKey, io: Io): void {
  const { control, launches, looks } = verdict;
  for (const { first, second, comparison } of verdict.pairs) {
    const pair = { batch, first, second, ...comparison };
    print(io, jsonLine({ ...pair, void: verdict.void, control, launches, looks, deviceKey }));
  }
}
