/**
 * Published networks at their own resolution (224 or 256 pixels) against PyTorch's fastest mode of eager,
 * channels-last and torch.compile: time per pass, interleaved, with the share of the machine's rate of matrix
 * products; and build and first run. Every network of both sides draws its own weights: times do not depend
 * on them. `--networks`, `--batches` and `--part` choose; `--quick` leaves PyTorch's eager mode out, which no
 * cell had as its fastest, and takes batch 8 and three rounds.
 */
import { join } from 'node:path';
import { networkCost } from '../../src/network/network-cost.js';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { engineWorker, pythonWithTorch, torchWorker, type Worker } from '../pytorch/workers.js';
import { ms } from '../runtime/compiled-graph.js';
import type { Prepared } from './engine-side.js';
import {
  architectureOf,
  type Cell,
  cellsOf,
  chosenNetworks,
  type NetworkName,
  networks,
} from './network-table.js';

const modes = ['eager', 'channels-last', 'compile'] as const;
const ours = 'stagecraft';
/** Time for OpenMP's spinning threads to sleep before the other side is timed. */
const settleMs = 250;
/** MACs of a training step over those of its forward pass, by the usual count of its three products. */
const trainingMacs = 3;

type Answer = Prepared & { readonly error?: string };
interface Candidate {
  readonly label: string;
  readonly worker: Worker;
  readonly prepared: Answer;
  readonly screenMs: number;
  readonly samples: number[];
}
const columns = [
  'network',
  'step',
  'batch',
  'stagecraft ms',
  ...modes.map((mode) => `${mode} ms`),
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
    const engine = await engineWorker(threads, {}, join(import.meta.dirname, 'engine-side.ts'));
    const torch = torchWorker(pythonWithTorch(note), join(import.meta.dirname, 'torch-side.py'));
    try {
      const { macsPerSecond, key } = await engine.ask<{ macsPerSecond: number; key: DeviceKey }>({
        do: 'ceiling',
      });
      const rows: string[][] = [];
      for (const cell of cellsOf(chosenNetworks(named, allNetworks), batches, part)) {
        note(`${cell.network}, ${cell.step}, batch ${cell.batch}`);
        rows.push(await rowOf(cell, engine, torch, threads, quick, macsPerSecond));
        row(columns, rows.at(-1)!);
      }
      return [
        {
          title: 'Published networks against PyTorch, float32',
          columns,
          rows,
          notes: [
            `${key.device}, ${threads} threads, ${key.runtimeVersion}, kernels ${key.kernels ?? ''}`,
            `product rate: ${(macsPerSecond / 1e9).toFixed(0)} GMAC/s; a training step counts three times the MACs of a pass`,
            "gain: time of PyTorch's fastest mode over ours, median of interleaved rounds; above 1 we are ahead",
          ],
        },
      ];
    } finally {
      torch.end();
      engine.end();
    }
  },
} as const satisfies Bench;

const allNetworks = Object.keys(networks) as NetworkName[];

async function rowOf(
  cell: Cell,
  engine: Worker,
  torch: Worker,
  threads: number,
  quick: boolean,
  macsPerSecond: number,
): Promise<string[]> {
  const { network, step, batch } = cell;
  const candidates: Candidate[] = [];
  const failures = new Map<string, string>();
  for (const label of [ours, ...(quick ? modes.filter((mode) => mode !== 'eager') : modes)]) {
    const [worker, request] =
      label === ours
        ? [engine, { network, batch, step }]
        : [torch, { network: networks[network].timm, batch, step, threads, mode: label }];
    const prepared = await worker.ask<Answer>({ do: 'prepare', name: label, ...request });
    if (prepared.error) {
      failures.set(label, `failed: ${prepared.error}`);
      continue;
    }
    const { ms: screenMs } = await worker.ask<{ ms: number }>({ do: 'time', name: label, passes: 1 });
    candidates.push({ label, worker, prepared, screenMs, samples: [] });
  }
  await timeRounds(candidates, `${network} ${step} ${batch}`, quick ? 3 : 7);
  for (const { label, worker } of candidates) await worker.ask({ do: 'drop', name: label });
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
    ratios.length > 0 ? `${quantile(ratios, 0.5).toFixed(2)}× (${best!.label})` : '',
    ratios.length > 0 ? `${quantile(ratios, 0.1).toFixed(2)}–${quantile(ratios, 0.9).toFixed(2)}` : '',
    us ? `${((100 * macs) / (quantile(us.samples, 0.5) / 1000) / macsPerSecond).toFixed(0)} %` : '',
    us ? (us.prepared.cpuMs / 1000).toFixed(1) : '',
    of('compile') ? (of('compile')!.prepared.cpuMs / 1000).toFixed(1) : '',
  ];
}

async function timeRounds(candidates: readonly Candidate[], seed: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const { label, worker, screenMs, samples } of seededRandom(`${seed} ${round}`).shuffled([
      ...candidates,
    ])) {
      await new Promise((resolve) => {
        setTimeout(resolve, settleMs);
      });
      await worker.ask({ do: 'time', name: label, passes: 1 }); // wakes caches and threads
      const passes = Math.max(1, Math.ceil(200 / screenMs));
      samples.push((await worker.ask<{ ms: number }>({ do: 'time', name: label, passes })).ms);
    }
}
