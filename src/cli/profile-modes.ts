/**
 * What the ways to profile share, and `--parts` and `--largest-batch`: where a network's time goes, and what
 * fits.
 */
import { availableParallelism, freemem } from 'node:os';
import { significantText } from '../analysis/number-text.js';
import type { Architecture } from '../architecture/architecture.js';
import { architectureId } from '../architecture/canonical.js';
import { layoutOf } from '../architecture/layout.js';
import { architectureRow } from '../lab/plan.js';
import { networkParts } from '../network/network-parts.js';
import { largestBatch } from '../profile/candidate/largest-batch.js';
import { profileInChild } from '../profile/candidate/run-profile.js';
import { partKeys } from '../profile/latency-model/latency-model.js';
import { type PartTime, stageShares } from '../profile/part-times/part-times.js';
import { partsInChild } from '../profile/part-times/run-parts.js';
import { type Probe, probeDevice } from '../profile/probe.js';
import { standardProtocol } from '../profile/protocol/protocol.js';
import { computeOf, computeProblem } from '../runtime/compute.js';
import { openStore } from '../store/open-store.js';
import { insertArchitecture } from '../store/tables/architecture-table.js';
import { recordParts } from '../store/tables/part-time-table.js';
import { lockWriter } from '../store/writer-lock.js';
import { UserError } from '../util/errors.js';
import { interruptible } from './interruptible.js';
import type { ComputeFlags } from './options/compute-options.js';
import { deviceText } from './output/device-text.js';
import { type Io, jsonLine, print } from './output/io.js';
import { table } from './output/text-format.js';

export interface ModeOptions extends ComputeFlags {
  readonly batches: readonly number[];
  readonly launches: number;
  readonly threads: number;
  readonly runtime: string;
  readonly execution: string;
  readonly minutes: number;
  readonly noiseFloor: number;
  /** GiB. */
  readonly memoryLimit?: number;
  readonly json?: boolean;
}

/** Blocks of a session are short and its launches many: processes differ more than blocks do. */
export const sessionProtocol = { ...standardProtocol, warmupCapMs: 1500, minBlockMs: 30 };
export const rounds = 4;

export async function probe(
  { runtime, execution, threads, ...flags }: ModeOptions,
  signal: AbortSignal,
): Promise<Probe> {
  if (!['auto', 'tensorflow', 'wasm'].includes(runtime))
    throw new UserError(`--runtime: must be auto, tensorflow or wasm, got ${JSON.stringify(runtime)}`);
  if (!['auto', 'compiled', 'eager'].includes(execution))
    throw new UserError(`--execution: must be auto, compiled or eager, got ${JSON.stringify(execution)}`);
  const request = {
    runtime: runtime as Probe['runtime'] | 'auto',
    execution: execution as Probe['execution'] | 'auto',
    threads: threads || availableParallelism(),
    ...computeOf(flags),
  };
  const problem = computeProblem(request.runtime, request.execution, request);
  if (problem) throw new UserError(`profile: ${problem.message}`, { fix: problem.fix });
  return probeDevice(request, signal);
}

/**
 * Keys of the latency model's look-up table by part, as `prefixes` names them. The head stands in every
 * prefix, so none counts for it.
 */
function lookupKeys(architecture: Architecture): Map<string, string> {
  const keys = partKeys(architecture);
  return new Map(
    networkParts(architecture).flatMap(({ name, kind }, index) =>
      kind === 'block' || kind === 'downsample' ? [[name, keys[index]!] as const] : [],
    ),
  );
}

/** @param options with `db`, the times are kept there: the look-up table of the latency model */
export async function parts(
  architectures: readonly Architecture[],
  options: ModeOptions & { readonly db?: string },
  io: Io,
): Promise<void> {
  const keep = options.db;
  await interruptible(async (signal) => {
    const { runtime, execution, compute, deviceKey } = await probe(options, signal);
    io.stderr.write(`on ${deviceText(deviceKey)}\n`);
    for (const architecture of architectures) {
      for (const batch of options.batches) {
        const layout = layoutOf(architecture);
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
            signal,
            onProgress: ({ phase, done, of }) => {
              if (done === 0)
                io.stderr.write(
                  `${layout} batch ${batch}: ${phase === 'build' ? `building ${of} prefixes` : `timing them ${of} times`}\n`,
                );
            },
          },
        );
        if (result.parts !== undefined && keep !== undefined) {
          const writer = lockWriter(keep);
          const store = openStore(keep);
          insertArchitecture(store, architectureRow(architecture));
          recordParts(
            store,
            result.deviceKey,
            batch,
            architectureId(architecture),
            lookupKeys(architecture),
            result.parts,
          );
          store.close();
          writer.release();
        }
        if (result.parts === undefined) {
          if (options.json)
            print(io, jsonLine({ id: architectureId(architecture), layout, batch, ...result }));
          else print(io, `${layout} at batch ${batch}: ${result.status}: ${result.reason}\n`);
        } else if (options.json)
          print(
            io,
            jsonLine({
              id: architectureId(architecture),
              layout,
              batch,
              parts: result.parts,
              stages: stageShares(result.parts),
              deviceKey,
            }),
          );
        else print(io, `${partsTable(layout, batch, result.parts, io)}\n`);
      }
    }
  });
}

export function partsTable(
  layout: string,
  batch: number,
  times: readonly PartTime[],
  io: Pick<Io, 'colours'>,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const bar = (share: number): string => '█'.repeat(Math.max(0, Math.round(40 * share)));
  return [
    `${layout} at batch ${batch}: time of each part in its place`,
    table(
      [
        { title: 'part' },
        { title: '' },
        { title: 'ms', align: 'right' },
        { title: '±', align: 'right' },
        { title: 'share', align: 'right' },
        { title: '' },
      ],
      times.map(({ name, letter, stepMs, share }) => [
        name,
        letter ?? '',
        significantText(stepMs.value),
        significantText((stepMs.high - stepMs.low) / 2),
        percent(share),
        bar(share),
      ]),
      io.colours.dim,
    ),
    `by stage: ${stageShares(times)
      .map(({ name, share }) => `${name} ${percent(share)}`)
      .join(', ')}`,
  ].join('\n');
}

/**
 * Bytes that a try may take: as told, or on a CPU three quarters of what is free, since passing that ends
 * more than the child.
 */
function memoryLimit({ memoryLimit: gibibytes }: ModeOptions, kind: 'cpu' | 'gpu'): number {
  if (gibibytes !== undefined && !(gibibytes > 0))
    throw new UserError(`--memory-limit: a number of GiB above 0 is needed, got ${gibibytes}`);
  return gibibytes !== undefined ? gibibytes * 2 ** 30 : kind === 'cpu' ? 0.75 * freemem() : Infinity;
}

const quickTry = { ...standardProtocol, warmupMs: 0, warmupCapMs: 100, capMs: 100, latencySamples: 0 };

export async function largest(
  architectures: readonly Architecture[],
  options: ModeOptions,
  io: Io,
): Promise<void> {
  await interruptible(async (signal) => {
    const { runtime, execution, compute, deviceKey } = await probe(options, signal);
    io.stderr.write(`on ${deviceText(deviceKey)}\n`);
    for (const architecture of architectures) {
      const layout = layoutOf(architecture);
      const found = await largestBatch(
        async (batch) => {
          const {
            batches: [row],
          } = await profileInChild(
            {
              architecture,
              runtime,
              execution,
              ...compute,
              threads: deviceKey.threads,
              batches: [batch],
              launch: 1,
              protocol: quickTry,
            },
            { signal, expectedKey: deviceKey },
          );
          io.stderr.write(
            `${layout} batch ${batch}: ${row!.stepMs === undefined ? `${row!.status}: ${row!.reason}` : `fits, ${((row!.peakBytes ?? 0) / 2 ** 20).toFixed(0)} MiB`}\n`,
          );
          return row!;
        },
        { limitBytes: memoryLimit(options, deviceKey.kind) },
      );
      if (options.json)
        print(
          io,
          jsonLine({
            id: architectureId(architecture),
            layout,
            largestBatch: found.batch,
            reason: found.reason,
            tries: found.tries.map(({ batch, status, peakBytes, peakOf }) => ({
              batch,
              status,
              peakBytes,
              peakOf,
            })),
            deviceKey,
          }),
        );
      else print(io, `${layout}: largest batch that fits is ${found.batch}; ${found.reason}`);
    }
  });
}
