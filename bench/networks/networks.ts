/**
 * Published networks at their own resolution (224 or 256 pixels) against PyTorch's fastest mode of eager,
 * channels-last and torch.compile: time per pass, interleaved, with the share of the machine's rate of matrix
 * products; and build and first run. Each side takes its better number of threads, 1 or all: small networks
 * at batch 1 lose more by waking a second thread than it computes. PyTorch's is found in channels-last mode.
 * Every network of both sides draws its own weights: times do not depend on them. `--networks`, `--batches`
 * and `--part` choose; `--quick` leaves PyTorch's eager mode out, which no cell had as its fastest, and takes
 * batch 8 and three rounds.
 */
import { join } from 'node:path';
import { networkCost } from '../../src/network/network-cost.js';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { engineWorker, pythonWithTorch, settle, torchWorker, type Worker } from '../pytorch/workers.js';
import { ms } from '../runtime/compiled-graph.js';
import type { Prepared } from './engine-side.js';
import {
  architectureOf,
  type Cell,
  cellsOf,
  chosenNetworks,
  comparedNetworks,
  networks,
} from './network-table.js';

const modes = ['eager', 'channels-last', 'compile'] as const;
const ours = 'stagecraft';
/** Passes of a turn, and turns, that decide between one thread and all: one turn alone meets a busy neighbour. */
const screenPasses = 3;
const screenTurns = 5;
/** MACs of a training step over those of its forward pass, by the usual count of its three products. */
const trainingMacs = 3;

type Answer = Prepared & { readonly error?: string };
interface Candidate {
  readonly label: string;
  /** In its process. */
  readonly name: string;
  readonly threads: number;
  readonly worker: Worker;
  readonly prepared: Answer;
  /** One per turn that decides between numbers of threads. */
  readonly screened: number[];
  readonly samples: number[];
}
const columns = [
  'network',
  'step',
  'batch',
  'stagecraft ms',
  ...modes.map((mode) => `${mode} ms`),
  'threads of both',
  'gain',
  '10–90 % of rounds',
  'share of product rate',
  'build + first CPU s',
  'torch.compile CPU s',
];

export const networksBench = {
  summary: "published networks at 224 pixels against PyTorch's fastest mode, with build and first run",
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, row, part, networks: named, batches = quick ? [8] : [1, 8] }) {
    const engines = new Map<number, Worker>();
    for (const count of new Set([1, threads]))
      engines.set(count, await engineWorker(count, {}, join(import.meta.dirname, 'engine-side.ts')));
    const torch = torchWorker(pythonWithTorch(note), join(import.meta.dirname, 'torch-side.py'));
    try {
      const { macsPerSecond, key } = await engines
        .get(threads)!
        .ask<{ macsPerSecond: number; key: DeviceKey }>({
          do: 'ceiling',
        });
      const rows: string[][] = [];
      for (const cell of cellsOf(chosenNetworks(named, comparedNetworks), batches, part)) {
        note(`${cell.network}, ${cell.step}, batch ${cell.batch}`);
        rows.push(await rowOf(cell, engines, torch, quick, macsPerSecond));
        row(columns, rows.at(-1)!);
      }
      return [
        {
          title: 'Published networks against PyTorch, float32',
          columns,
          rows,
          notes: [
            `${key.device}, 1 or ${threads} threads, ${key.runtimeVersion}, kernels ${key.kernels ?? ''}`,
            `product rate: ${(macsPerSecond / 1e9).toFixed(0)} GMAC/s; a training step counts three times the MACs of a pass`,
            "gain: time of PyTorch's fastest mode over ours, median of interleaved rounds; above 1 we are ahead",
          ],
        },
      ];
    } finally {
      torch.end();
      for (const engine of engines.values()) engine.end();
    }
  },
} as const satisfies Bench;

async function rowOf(
  cell: Cell,
  engines: ReadonlyMap<number, Worker>,
  torch: Worker,
  quick: boolean,
  macsPerSecond: number,
): Promise<string[]> {
  const { network, step, batch } = cell;
  const failures = new Map<string, string>();
  const candidates = await candidatesOf(cell, engines, torch, quick, failures);
  await timeRounds(candidates, `${network} ${step} ${batch}`, quick ? 3 : 7);
  await drop(candidates);
  const of = (label: string): Candidate | undefined => candidates.find((each) => each.label === label);
  const best = candidates
    .filter(({ label }) => label !== ours)
    .sort((a, b) => quantile(a.samples, 0.5) - quantile(b.samples, 0.5))[0];
  const us = of(ours);
  const ratios = us && best ? us.samples.map((value, round) => best.samples[round]! / value) : [];
  const shown = (label: string): string => (of(label) ? ms(of(label)!.samples) : (failures.get(label) ?? ''));
  const macs =
    networkCost(architectureOf(network)).total.macs * batch * (step === 'training' ? trainingMacs : 1);
  return [
    network,
    step,
    String(batch),
    shown(ours),
    ...modes.map(shown),
    us && best ? `${us.threads} / ${best.threads}` : '',
    ratios.length > 0 ? `${quantile(ratios, 0.5).toFixed(2)}× (${best!.label})` : '',
    ratios.length > 0 ? `${quantile(ratios, 0.1).toFixed(2)}–${quantile(ratios, 0.9).toFixed(2)}` : '',
    us ? `${((100 * macs) / (quantile(us.samples, 0.5) / 1000) / macsPerSecond).toFixed(0)} %` : '',
    us ? (us.prepared.cpuMs / 1000).toFixed(1) : '',
    of('compile') ? (of('compile')!.prepared.cpuMs / 1000).toFixed(1) : '',
  ];
}

/** Ours and PyTorch's modes, each at its better number of threads; `failures` takes those that fail. */
async function candidatesOf(
  { network, step, batch }: Cell,
  engines: ReadonlyMap<number, Worker>,
  torch: Worker,
  quick: boolean,
  failures: Map<string, string>,
): Promise<Candidate[]> {
  const prepare = async (label: string, threads: number): Promise<Candidate | undefined> => {
    const isOurs = label === ours;
    const worker = isOurs ? engines.get(threads)! : torch;
    const name = `${label} ${threads}`;
    const prepared = await worker.ask<Answer>({
      ...{ do: 'prepare', name, batch, step },
      ...(isOurs ? { network } : { network: networks[network].timm, threads, mode: label }),
    });
    if (prepared.error) {
      failures.set(label, `failed: ${prepared.error}`);
      return undefined;
    }
    const candidate = { label, name, threads, worker, prepared, screened: [], samples: [] };
    await screen(candidate);
    return candidate;
  };
  const fastest = async (label: string): Promise<Candidate | undefined> => {
    const found: Candidate[] = [];
    for (const threads of engines.keys()) {
      const candidate = await prepare(label, threads);
      if (candidate) found.push(candidate);
    }
    for (let turn = 1; turn < screenTurns; turn++) for (const candidate of found) await screen(candidate);
    const [best, ...rest] = found.sort((a, b) => quantile(a.screened, 0.5) - quantile(b.screened, 0.5));
    await drop(rest);
    return best;
  };
  const us = await fastest(ours);
  const channelsLast = await fastest('channels-last');
  const all = Math.max(...engines.keys());
  const others = modes.filter((mode) => mode !== 'channels-last' && !(quick && mode === 'eager'));
  const found = [us, channelsLast];
  for (const mode of others) found.push(await prepare(mode, channelsLast?.threads ?? all));
  return found.filter((each) => each !== undefined);
}

async function screen({ name, worker, screened }: Candidate): Promise<void> {
  screened.push((await worker.ask<{ ms: number }>({ do: 'time', name, passes: screenPasses })).ms);
}

async function drop(candidates: readonly Candidate[]): Promise<void> {
  for (const { name, worker } of candidates) await worker.ask({ do: 'drop', name });
}

async function timeRounds(candidates: readonly Candidate[], seed: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const { name, worker, screened, samples } of seededRandom(`${seed} ${round}`).shuffled([
      ...candidates,
    ])) {
      await settle();
      await worker.ask({ do: 'time', name, passes: 1 }); // wakes caches and threads
      const passes = Math.max(1, Math.ceil(200 / quantile(screened, 0.5)));
      samples.push((await worker.ask<{ ms: number }>({ do: 'time', name, passes })).ms);
    }
}
