/**
 * From an architecture to the result of the first pass at 224 pixels: build, trace, load and first run,
 * against `torch.compile` with its caches empty and filled. Each side in a process of its own, libraries
 * loaded. Wall time and processor time of all threads. `--networks`, `--batches` and `--part` choose.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../benchmark.js';
import { engineWorker, pythonWithTorch, torchWorker, type Worker } from '../pytorch/workers.js';
import type { Prepared } from './engine-side.js';
import { type Cell, cellsOf, chosenNetworks, networks } from './network-table.js';

type Answer = Prepared & { readonly error?: string };

const columns = [
  'network',
  'step',
  'batch',
  'build s',
  'first run s',
  'CPU s',
  'torch.compile s',
  'CPU s',
  'gain',
  'cached s',
  'CPU s',
  'gain',
];

export const firstRunBench = {
  summary: 'build and first run of published networks against torch.compile, caches empty and filled',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, row, part, networks: named, batches = [1] }) {
    const python = pythonWithTorch(note);
    const rows: string[][] = [];
    const chosen = chosenNetworks(named, quick ? ['resnet50'] : ['resnet50', 'vit-base', 'swin-tiny']);
    for (const cell of cellsOf(chosen, batches, part)) {
      note(`${cell.network}, ${cell.step}, batch ${cell.batch}`);
      rows.push(await rowOf(python, threads, cell));
      row(columns, rows.at(-1)!);
    }
    return [
      {
        title: 'Build and first run',
        columns,
        rows,
        notes: [
          `${threads} threads; wall time, and processor time of all threads and of compilers that are started`,
          'gain: wall time of torch.compile over build and first run; cached: a second process finds what the first compiled',
        ],
      },
    ];
  },
} as const satisfies Bench;

async function rowOf(python: string, threads: number, { network, step, batch }: Cell): Promise<string[]> {
  const request = { do: 'prepare', name: 'one', batch, step, passes: 1 };
  const ours = await answer(await engineWorker(threads, {}, join(import.meta.dirname, 'engine-side.ts')), {
    ...request,
    network,
  });
  const cache = mkdtempSync(join(tmpdir(), 'stagecraft-inductor-'));
  const compiled = (): Promise<Answer> =>
    answer(
      torchWorker(python, join(import.meta.dirname, 'torch-side.py'), {
        TORCHINDUCTOR_CACHE_DIR: cache,
        TRITON_CACHE_DIR: cache,
      }),
      { ...request, network: networks[network].timm, threads, mode: 'compile' },
    );
  try {
    const [cold, warm] = [await compiled(), await compiled()];
    const failed = [ours, cold, warm].find(({ error }) => error !== undefined)?.error;
    const cells = failed === undefined ? times(ours, [cold, warm]) : [failed];
    return [network, step, String(batch), ...columns.slice(3).map((_, at) => cells[at] ?? '')];
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

function times(ours: Answer, theirs: readonly Answer[]): string[] {
  const wallMs = ({ buildMs, firstMs }: Answer): number => buildMs + firstMs;
  return [
    seconds(ours.buildMs),
    seconds(ours.firstMs),
    seconds(ours.cpuMs),
    ...theirs.flatMap((each) => [
      seconds(wallMs(each)),
      seconds(each.cpuMs),
      `${(wallMs(each) / wallMs(ours)).toFixed(2)}×`,
    ]),
  ];
}

async function answer(worker: Worker, request: object): Promise<Answer> {
  try {
    return await worker.ask<Answer>(request);
  } finally {
    worker.end();
  }
}
