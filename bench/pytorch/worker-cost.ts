/**
 * What a measurement through the lab's Python worker costs: the same module timed by hand in a Python process of
 * its own, interleaved, over several launches of both.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { openPytorch } from '../../src/runtime/pytorch/open-pytorch.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { seededRandom } from '../../src/util/random.js';
import { medianInterval } from '../../src/util/statistics/order-statistics.js';
import type { Bench, BenchOptions } from '../benchmark.js';
import { pythonWithTorch, torchWorker } from './workers.js';

const networks = [
  ['hybrid', 'search-spaces/ascan-cpu.space#61'],
  ['ResNet-50', 'search-spaces/reference/resnet50.space#0'],
] as const;

interface Case {
  readonly architecture: Architecture;
  readonly batch: number;
  readonly channelsLast: boolean;
  readonly threads: number;
  readonly rounds: number;
  readonly blockMs: number;
}

/** Milliseconds per pass by the clock and of the processor; the latter says something beside other work, too. */
interface PerPass {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Times by the worker and by hand, one pair of blocks per round, in a new process each. */
async function oneLaunch(
  { architecture, batch, channelsLast, threads, rounds, blockMs }: Case,
  python: string,
  folder: string,
  seed: number,
): Promise<{ readonly worker: readonly PerPass[]; readonly hand: readonly PerPass[] }> {
  const file = join(folder, 'network.py');
  writeFileSync(file, pytorchModule(architecture));
  const runtime = openPytorch(threads, { python, device: 'cpu', channelsLast });
  const byHand = torchWorker(python, join(import.meta.dirname, 'by-hand.py'));
  try {
    const side = architecture.input.height;
    await byHand.ask({ file, batch, side, threads, channelsLast });
    const inference = runtime.instantiate(architecture, { seed: 1 }).inference({ batch, execution: 'eager' });
    const ours = async (passes: number): Promise<PerPass> => {
      const before = runtime.worker.usage().cpuMs;
      const { totalMs } = await inference.timePasses!(passes);
      return { ms: totalMs / passes, cpuMs: (runtime.worker.usage().cpuMs - before) / passes };
    };
    const theirs = (passes: number): Promise<PerPass> => byHand.ask<PerPass>({ passes });
    for (const time of [ours, theirs]) await time(3);
    const passes = Math.max(1, Math.ceil(blockMs / (await ours(3)).ms));
    const random = seededRandom(`worker ${seed}`);
    const [worker, hand]: [PerPass[], PerPass[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const first = random.integer(2) === 0;
      if (first) worker.push(await ours(passes));
      hand.push(await theirs(passes));
      if (!first) worker.push(await ours(passes));
    }
    return { worker, hand };
  } finally {
    runtime.python.close();
    byHand.end();
  }
}

function ratioText(ratios: readonly number[]): string {
  const { value, low, high } = medianInterval(ratios);
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

async function rowsOf(options: BenchOptions, python: string, folder: string): Promise<string[][]> {
  const { threads, quick, note } = options;
  const rows: string[][] = [];
  const launches = quick ? 2 : 5;
  for (const [name, member] of quick ? networks.slice(0, 1) : networks)
    for (const batch of options.batches ?? (quick ? [1] : [1, 16])) {
      const [ratios, cpuRatios]: [number[], number[]] = [[], []];
      const times: [number[], number[]] = [[], []];
      const between: number[] = [];
      for (let launch = 1; launch <= launches; launch++) {
        note(`${name}, batch ${batch}, launch ${launch} of ${launches}`);
        const architecture = resolveArchitecture(member);
        const sizes = quick ? { rounds: 8, blockMs: 100 } : { rounds: 15, blockMs: 250 };
        const plan = { architecture, batch, channelsLast: false, threads, ...sizes };
        const { worker, hand } = await oneLaunch(plan, python, folder, launch);
        const own = worker.map(({ ms }, round) => ms / hand[round]!.ms);
        ratios.push(...own);
        cpuRatios.push(...worker.map(({ cpuMs }, round) => cpuMs / hand[round]!.cpuMs));
        between.push(medianInterval(own).value);
        times[0].push(...worker.map(({ ms }) => ms));
        times[1].push(...hand.map(({ ms }) => ms));
      }
      rows.push([
        ...[name, String(batch)],
        ...times.map((each) => medianInterval(each).value.toPrecision(4)),
        ...[ratios, cpuRatios].map(ratioText),
        between.map((ratio) => ratio.toFixed(3)).join(', '),
      ]);
    }
  return rows;
}

export const workerCostBench: Bench = {
  summary: 'a pass through the Python worker against the same module timed by hand in one Python process',
  onlyByName: true,
  needsEngine: false,
  async run(options) {
    const python = pythonWithTorch(options.note);
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-worker-cost-'));
    try {
      return [
        {
          title: `eager, float32, ${options.threads} threads`,
          columns: [
            'network',
            'batch',
            'worker ms',
            'by hand ms',
            'ratio',
            'of processor time',
            'ratio of each launch',
          ],
          rows: await rowsOf(options, python, folder),
          notes: ['one pair of blocks per round, in random order; both processes start anew at each launch'],
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
