/**
 * Times of exported modules, timm's own and the built-in runtime: in every round each has one block of passes.
 * The first two alternate in one Python process; the built-in runtime runs in its own, after a pause.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { medianInterval } from '../../src/util/statistics/order-statistics.js';
import type { BenchOptions } from '../benchmark.js';
import { architectureOf, type NetworkName, networks } from '../networks/network-table.js';
import { settle, type Worker } from '../pytorch/workers.js';

const modes = ['eager', 'channels-last', 'compile'] as const;
type Mode = (typeof modes)[number];

interface Sides {
  readonly python: Worker;
  /** The built-in runtime; undefined where its engine is not installed. */
  readonly builtIn: Worker | undefined;
}
interface Case {
  readonly network: NetworkName;
  readonly batch: number;
  readonly rounds: number;
  readonly blockMs: number;
}
/** Milliseconds per pass in each round. */
interface ModeTimes {
  readonly mode: Mode;
  readonly parameters: readonly [number, number];
  readonly exported: readonly number[];
  readonly timm: readonly number[];
  readonly builtIn: readonly number[];
}
interface Failure {
  readonly mode: Mode;
  readonly error: string;
}
type Answer<T> = T & { readonly error?: string };

export const timeColumns = [
  ...['network', 'batch', 'mode', 'exported', 'timm', 'exported / timm [95 %]', 'parameters'],
];
export const builtInColumns = [
  'network',
  'batch',
  'built-in',
  'timm',
  'fastest mode',
  'built-in / timm [95 %]',
];

const milliseconds = (values: readonly number[]): string => medianInterval(values).value.toPrecision(3);

/** Ratio of two sides in each round, as median with its interval. */
function ratioText(ours: readonly number[], theirs: readonly number[]): string {
  const { value, low, high } = medianInterval(ours.map((time, round) => time / theirs[round]!));
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** Name of the network in the built-in runtime's process. */
const name = 'network';

/** Prepares the built-in runtime. @returns passes of a block; undefined where there is no such runtime */
async function builtInPasses(
  { builtIn }: Sides,
  { network, batch, blockMs }: Case,
): Promise<number | undefined> {
  if (!builtIn) return undefined;
  const request = { do: 'prepare', name, network, batch, step: 'forward' };
  const { error } = await builtIn.ask<Answer<object>>(request);
  if (error !== undefined)
    throw new Error(`bench: ${network} must run in the built-in runtime, got ${error}`);
  const { ms } = await builtIn.ask<{ ms: number }>({ do: 'time', name, passes: 1 });
  return Math.max(1, Math.round(blockMs / ms));
}

async function builtInTime(builtIn: Worker, passes: number): Promise<number> {
  await settle();
  await builtIn.ask({ do: 'time', name, passes: 1 }); // wakes caches and threads
  const { ms } = await builtIn.ask<{ ms: number }>({ do: 'time', name, passes });
  await settle();
  return ms;
}

async function timesOf(
  { python, builtIn }: Sides,
  { rounds }: Case,
  mode: Mode,
  request: object,
  passes: number | undefined,
): Promise<ModeTimes | Failure> {
  const prepared = await python.ask<Answer<{ parameters: [number, number] }>>({
    ...{ kind: 'prepare', mode },
    ...request,
  });
  if (prepared.error !== undefined) return { mode, error: prepared.error };
  const [exported, timm, own]: [number[], number[], number[]] = [[], [], []];
  for (let number = 0; number < rounds; number++) {
    const { ms } = await python.ask<{ ms: [number, number] }>({ kind: 'round', number });
    exported.push(ms[0]);
    timm.push(ms[1]);
    if (builtIn && passes !== undefined) own.push(await builtInTime(builtIn, passes));
  }
  return { mode, parameters: prepared.parameters, exported, timm, builtIn: own };
}

function timeRow({ network, batch }: Case, times: ModeTimes | Failure): string[] {
  const start = [networks[network].timm, String(batch), times.mode];
  if ('error' in times) return [...start, times.error.slice(0, 60), '', '', ''];
  const [ours, theirs] = times.parameters;
  return [
    ...[...start, milliseconds(times.exported), milliseconds(times.timm)],
    ...[ratioText(times.exported, times.timm), ours === theirs ? 'equal' : `${ours} and ${theirs}`],
  ];
}

/** The built-in runtime beside timm's fastest mode, in the rounds of that mode. */
function builtInRow({ network, batch }: Case, times: readonly ModeTimes[]): string[] | undefined {
  const [fastest] = times
    .filter(({ builtIn }) => builtIn.length > 0)
    .sort((a, b) => medianInterval(a.timm).value - medianInterval(b.timm).value);
  if (!fastest) return undefined;
  return [
    ...[networks[network].timm, String(batch), milliseconds(fastest.builtIn), milliseconds(fastest.timm)],
    ...[fastest.mode, ratioText(fastest.builtIn, fastest.timm)],
  ];
}

/** Rows of both tables; the first are printed as they are measured. */
export async function timeRows(
  sides: Sides,
  chosen: readonly NetworkName[],
  folder: string,
  { threads, quick, note, row, batches = quick ? [1] : [1, 16] }: BenchOptions,
): Promise<{ readonly times: string[][]; readonly builtIn: string[][] }> {
  const rows = { times: [] as string[][], builtIn: [] as string[][] };
  for (const network of chosen)
    for (const batch of batches) {
      const { timm } = networks[network];
      const architecture = architectureOf(network);
      const file = join(folder, `${timm}.py`);
      writeFileSync(file, pytorchModule(architecture));
      const sizes = quick ? { rounds: 6, blockMs: 50 } : { rounds: 15, blockMs: 400 };
      const subject: Case = { network, batch, ...sizes };
      const request = { file, timm, batch, threads, side: architecture.input.height, blockMs: sizes.blockMs };
      const passes = await builtInPasses(sides, subject);
      const found: ModeTimes[] = [];
      for (const mode of quick ? modes.slice(0, 2) : modes) {
        note(`${timm}, batch ${batch}, ${mode}`);
        const times = await timesOf(sides, subject, mode, request, passes);
        rows.times.push(timeRow(subject, times));
        row(timeColumns, rows.times.at(-1)!);
        if (!('error' in times)) found.push(times);
      }
      const own = builtInRow(subject, found);
      if (own) rows.builtIn.push(own);
      await sides.builtIn?.ask({ do: 'drop', name });
    }
  return rows;
}
