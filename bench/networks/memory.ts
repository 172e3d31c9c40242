/**
 * Peak memory of the process that runs a published network, against PyTorch's: forward pass and training
 * step, each side in a process of its own. Also what a pass adds, against what shape inference says. Noise of
 * the machine does not matter. About ten minutes; `--networks` and `--batches` choose.
 */

import { join } from 'node:path';
import { networkCost } from '../../src/network/network-cost.js';
import type { Bench } from '../benchmark.js';
import { engineWorker, pythonWithTorch, torchWorker } from '../pytorch/workers.js';
import type { Prepared, Step } from './engine-side.js';
import { architectureOf, chosenNetworks, type NetworkName, networks } from './network-table.js';

type Answer = Prepared & { readonly error?: string; readonly torch?: string };

const byDefault: readonly NetworkName[] = [
  'resnet50',
  'vit-base',
  'swin-tiny',
  'convnext-tiny',
  'maxvit-tiny',
];

export const memoryBench = {
  summary: 'peak memory of published networks against PyTorch, forward and training, and what a pass adds',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, networks: named, batches = quick ? [1] : [1, 8] }) {
    const python = pythonWithTorch(note);
    const rows: string[][] = [];
    let version = '';
    for (const network of chosenNetworks(named, quick ? ['resnet50'] : byDefault))
      for (const step of ['forward', 'training'] as const)
        for (const batch of batches) {
          note(`${network}, ${step}, batch ${batch}`);
          const ours = await engineAnswer(threads, network, step, batch);
          const theirs = await torchAnswer(python, threads, network, step, batch);
          version = theirs.torch ?? version;
          rows.push(rowOf(network, step, batch, ours, theirs));
        }
    return [
      {
        title: 'Peak memory of a process, MiB',
        columns: [
          'network',
          'step',
          'batch',
          'stagecraft',
          'PyTorch',
          'ratio',
          'over the loaded engine',
          'PyTorch',
          'passes add',
          'inferred',
        ],
        rows,
        notes: [
          `peak resident memory, ${threads} threads; three passes or steps (AdamW); PyTorch ${version}, channels-last, not compiled`,
          'over the loaded engine: the peak less the memory of the process before the network was made',
          'inferred: live activations of the forward pass by shape inference, without workspaces of kernels',
        ],
      },
    ];
  },
} as const satisfies Bench;

async function engineAnswer(
  threads: number,
  network: NetworkName,
  step: Step,
  batch: number,
): Promise<Answer> {
  const worker = await engineWorker(threads, {}, join(import.meta.dirname, 'engine-side.ts'));
  try {
    return await worker.ask<Answer>({ do: 'prepare', name: 'one', network, batch, step });
  } finally {
    worker.end();
  }
}

async function torchAnswer(
  python: string,
  threads: number,
  network: NetworkName,
  step: Step,
  batch: number,
): Promise<Answer> {
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

function rowOf(network: NetworkName, step: Step, batch: number, ours: Answer, theirs: Answer): string[] {
  const name = [network, step, String(batch)];
  if (ours.error || theirs.error)
    return [...name, ours.error ?? '', theirs.error ?? '', ...Array.from({ length: 5 }, () => '')];
  const inferred = networkCost(architectureOf(network)).total.activationBytes;
  return [
    ...name,
    mebibytes(ours.peakBytes),
    mebibytes(theirs.peakBytes),
    (ours.peakBytes / theirs.peakBytes).toFixed(2),
    mebibytes(ours.peakBytes - ours.openBytes),
    mebibytes(theirs.peakBytes - theirs.openBytes),
    mebibytes(ours.peakBytes - ours.baseBytes),
    step === 'forward' ? mebibytes(batch * inferred) : '',
  ];
}
