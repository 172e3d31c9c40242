/**
 * Compares exported modules with timm's own of the same networks: forward passes, eager, channels-last and
 * compiled, and the built-in runtime beside timm's fastest mode, interleaved. Makes its own Python environment on
 * the first run.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../src/export/pytorch/weight-names.js';
import { isCounter } from '../../src/export/pytorch/weights-from-torch.js';
import { timmFamilyOf, weightsFromTimm } from '../../src/export/timm/weights-from-timm.js';
import { locateEngine } from '../../src/setup/engine/locate-engine.js';
import { decodeTensors, encodeTensors } from '../../src/train/weights/safetensors.js';
import type { Bench } from '../benchmark.js';
import { architectureOf, type NetworkName, networks } from '../networks/network-table.js';
import { benchPython } from '../python-environment.js';
import { engineWorker, torchWorker, type Worker } from '../pytorch/workers.js';
import { builtInColumns, timeColumns, timeRows } from './timm-times.js';

/** Networks whose weights timm publishes; all but the last are timed. */
const withWeights: readonly NetworkName[] = [
  ...(['resnet50', 'convnext-tiny', 'swin-tiny', 'maxvit-tiny', 'vit-base', 'coatnet-0'] as const),
  ...(['mobilevitv2-100', 'efficientnet-b0'] as const),
];
const timed = withWeights.slice(0, -1);
const packages = ['torch==2.15.0', 'timm==1.0.31', 'setuptools'];

interface Equal {
  readonly error?: string;
  readonly difference?: number;
}

const pythonWithTimm = (note: (line: string) => void): string =>
  benchPython(
    {
      variable: 'STAGECRAFT_TIMM_PYTHON',
      folder: 'bench-timm',
      packages,
      content: 'timm (several gigabytes, once)',
    },
    note,
  );

/** Weights of timm's networks by name: outputs of the exported module beside timm's, at random weights. */
async function weightRows(
  worker: Worker,
  folder: string,
  chosen: readonly NetworkName[],
  note: (line: string) => void,
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const network of chosen) {
    const { timm } = networks[network];
    note(`${timm}, weights by name`);
    const architecture = architectureOf(network);
    const [file, weights, ours] = ['py', 'safetensors', 'ours.safetensors'].map((end) =>
      join(folder, `${timm}.${end}`),
    ) as [string, string, string];
    writeFileSync(file, pytorchModule(architecture));
    const drawn = await worker.ask<Equal>({ kind: 'draw', timm, weights });
    if (drawn.error !== undefined) {
      rows.push([timm, '', drawn.error.slice(0, 60), '']);
      continue;
    }
    const { tensors } = decodeTensors(readFileSync(weights), weights, { skip: isCounter });
    const family = timmFamilyOf(tensors)!;
    const values = weightsFromTimm(architecture, family, tensors, weights);
    const torch = new Map(
      weightForms(architecture).map((form) => [
        form.name,
        {
          shape: form.torchShape,
          values: toTorch(form, values.get(form.path)!.values),
          trainable: form.trainable,
        },
      ]),
    );
    writeFileSync(ours, encodeTensors({ tensors: torch, metadata: { format: 'pt' } }));
    const { error, difference } = await worker.ask<Equal>({
      ...{ kind: 'equal', timm, weights, file, ours },
      side: architecture.input.height,
    });
    rows.push([
      timm,
      family.name,
      error?.slice(0, 60) ?? difference!.toExponential(1),
      difference !== undefined && difference < 1e-4 ? 'equal' : 'DIFFERS',
    ]);
  }
  return rows;
}

export const timmBench = {
  summary: 'exported PyTorch modules and the built-in runtime beside timm’s modules of seven networks',
  needsEngine: false,
  onlyByName: true,
  async run(options) {
    const { threads, quick, note } = options;
    const chosen = (all: readonly NetworkName[], otherwise = all): readonly NetworkName[] =>
      options.networks ? all.filter((name) => options.networks!.includes(networks[name].timm)) : otherwise;
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const python = torchWorker(pythonWithTimm(note), join(import.meta.dirname, 'timm_side.py'));
    const builtIn = locateEngine()
      ? await engineWorker(threads, {}, join(import.meta.dirname, '../networks/engine-side.ts'))
      : undefined;
    try {
      const weights = await weightRows(python, folder, chosen(withWeights), note);
      const rows = await timeRows(
        { python, builtIn },
        chosen(timed, quick ? timed.slice(0, 2) : timed),
        folder,
        options,
      );
      const conditions = `${packages.slice(0, 2).join(', ')}; ${threads} threads; rounds alternate, medians over rounds`;
      return [
        {
          title: 'timm’s weights by name, in the exported module: difference of outputs',
          columns: ['network', 'family', 'largest difference / largest output', 'within 1e-4'],
          rows: weights,
          notes: ['random weights and one random image; evaluation mode'],
        },
        {
          title: 'forward pass of exported modules and timm’s, ms',
          columns: timeColumns,
          rows: rows.times,
          notes: [conditions],
        },
        {
          title: 'forward pass of the built-in runtime and timm’s fastest mode, ms',
          columns: builtInColumns,
          rows: rows.builtIn,
          notes: [builtIn ? conditions : 'skipped: needs the native engine (stagecraft setup)'],
        },
      ];
    } finally {
      python.end();
      builtIn?.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
} as const satisfies Bench;
