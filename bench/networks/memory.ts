/**
 * Peak memory of the process that runs a published network, against PyTorch's: forward pass and training
 * step, each side in a process of its own. Also what a pass holds and what a process grows by, against what
 * shape inference says. Noise of the machine does not matter. About ten minutes; `--networks`, `--batches` and
 * `--part` choose.
 */

import { join } from 'node:path';
import { passMemory } from '../../src/network/pass-memory.js';
import type { Bench } from '../benchmark.js';
import { engineWorker, pythonWithTorch, torchWorker } from '../pytorch/workers.js';
import type { Prepared } from './engine-side.js';
import {
  architectureOf,
  type Cell,
  cellsOf,
  chosenNetworks,
  type NetworkName,
  networks,
} from './network-table.js';
import { heldInPass } from './pool-log.js';

type Answer = Prepared & { readonly error?: string; readonly torch?: string };

const columns = [
  'network',
  'step',
  'batch',
  'stagecraft',
  'PyTorch',
  'ratio',
  'over the loaded engine',
  'PyTorch',
  'a pass holds',
  'inferred',
  'ratio',
  'process grows',
  'inferred',
  'ratio',
];

const byDefault: readonly NetworkName[] = [
  'resnet50',
  'vit-base',
  'swin-tiny',
  'convnext-tiny',
  'maxvit-tiny',
];

export const memoryBench = {
  summary: 'peak memory of published networks against PyTorch, forward and training, and what a pass holds',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, row, part, networks: named, batches = quick ? [1] : [1, 8] }) {
    const python = pythonWithTorch(note);
    const rows: string[][] = [];
    let version = '';
    for (const cell of cellsOf(chosenNetworks(named, quick ? ['resnet50'] : byDefault), batches, part)) {
      note(`${cell.network}, ${cell.step}, batch ${cell.batch}`);
      const ours = await engineAnswer(threads, cell);
      const theirs = await torchAnswer(python, threads, cell);
      version = theirs.torch ?? version;
      const heldBytes = cell.step === 'forward' ? await heldInPass(threads, cell) : undefined;
      rows.push(rowOf(cell, ours, theirs, heldBytes));
      row(columns, rows.at(-1)!);
    }
    return [
      {
        title: 'Peak memory of a process, MiB',
        columns,
        rows,
        notes: [
          `peak resident memory, ${threads} threads; three passes or steps (AdamW); PyTorch ${version}, channels-last, not compiled`,
          'over the loaded engine: the peak less the memory of the process before the network was made',
          "a pass holds: highest sum of its tensors in TensorFlow's pool, by the pool's log; inferred: passMemory(…).peakBytes",
          'process grows: the peak less the memory of the built network and the pages of libraries that passes read in; ' +
            'inferred: passMemory(…).growthBytes (src/network/pass-memory.ts)',
        ],
      },
    ];
  },
} as const satisfies Bench;

async function engineAnswer(threads: number, { network, step, batch }: Cell): Promise<Answer> {
  const worker = await engineWorker(threads, {}, join(import.meta.dirname, 'engine-side.ts'));
  try {
    return await worker.ask<Answer>({ do: 'prepare', name: 'one', network, batch, step });
  } finally {
    worker.end();
  }
}

async function torchAnswer(python: string, threads: number, { network, step, batch }: Cell): Promise<Answer> {
  const worker = torchWorker(python, join(import.meta.dirname, 'torch-side.py'));
  try {
    const { timm } = networks[network];
    return await worker.ask<Answer>({
      do: 'prepare',
      name: 'one',
      network: timm,
      batch,
      step,
      threads,
      mode: 'channels-last',
    });
  } finally {
    worker.end();
  }
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
/** What was measured, what is inferred, and the ratio. */
const compared = (measured: number, inferred: number): string[] => [
  (measured / 2 ** 20).toFixed(1),
  (inferred / 2 ** 20).toFixed(1),
  (inferred / measured).toFixed(2),
];

function rowOf({ network, step, batch }: Cell, ours: Answer, theirs: Answer, heldBytes?: number): string[] {
  const name = [network, step, String(batch)];
  const none = (from: number): string[] => columns.slice(from).map(() => '');
  if (ours.error || theirs.error) return [...name, ours.error ?? '', theirs.error ?? '', ...none(5)];
  const grownBytes = ours.peakBytes - ours.baseBytes - (ours.pagedInBytes ?? 0);
  const inferred = passMemory(architectureOf(network), batch);
  return [
    ...name,
    mebibytes(ours.peakBytes),
    mebibytes(theirs.peakBytes),
    (ours.peakBytes / theirs.peakBytes).toFixed(2),
    mebibytes(ours.peakBytes - ours.openBytes),
    mebibytes(theirs.peakBytes - theirs.openBytes),
    ...(heldBytes === undefined
      ? none(8)
      : [...compared(heldBytes, inferred.peakBytes), ...compared(grownBytes, inferred.growthBytes)]),
  ];
}
