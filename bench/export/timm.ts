/**
 * Compares exported modules with timm's own of the same networks: forward passes, eager, channels-last and
 * compiled, in one Python process, interleaved. Makes its own Python environment on the first run.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../src/export/pytorch/weight-names.js';
import { isCounter } from '../../src/export/pytorch/weights-from-torch.js';
import { timmFamilyOf, weightsFromTimm } from '../../src/export/timm/weights-from-timm.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { decodeTensors, encodeTensors } from '../../src/train/weights/safetensors.js';
import { medianInterval } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { benchPython } from '../python-environment.js';
import { torchWorker, type Worker } from '../pytorch/workers.js';

/** Space file of the reference network, timm's name of it. */
const networks = [
  ['resnet50', 'resnet50'],
  ['convnext-tiny', 'convnext_tiny'],
  ['swin-tiny-patch4-window7-224', 'swin_tiny_patch4_window7_224'],
  ['maxvit-tiny-tf-224', 'maxvit_tiny_tf_224'],
  ['vit-base-patch16-224', 'vit_base_patch16_224'],
  ['coatnet-0-224', 'coatnet_0_224'],
  ['mobilevitv2-100', 'mobilevitv2_100'],
] as const;
/** As above, whose weights timm publishes. */
const withWeights = [...networks, ['efficientnet-b0', 'efficientnet_b0']] as const;
const modes = ['eager', 'channels-last', 'compile'] as const;
const timeColumns = ['network', 'batch', 'mode', 'exported', 'timm', 'exported / timm [95 %]', 'parameters'];
const packages = ['torch==2.15.0', 'timm==1.0.31', 'setuptools'];

interface Equal {
  readonly error?: string;
  readonly difference?: number;
}

interface Answer {
  readonly error?: string;
  readonly parameters: readonly [number, number];
  readonly ms: readonly [number[], number[]];
  readonly torch: string;
  readonly timm: string;
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

const milliseconds = (values: readonly number[]): string => medianInterval(values).value.toPrecision(3);

/** Ratio of our time to timm's in each round, as median with its interval. */
function ratioText([ours, theirs]: Answer['ms']): string {
  const { value, low, high } = medianInterval(ours.map((time, round) => time / theirs[round]!));
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

async function rowsOf(
  worker: Worker,
  folder: string,
  options: Parameters<Bench['run']>[0],
): Promise<string[][]> {
  const { threads, quick, note } = options;
  const rows: string[][] = [];
  const add = (cells: string[]): void => {
    rows.push(cells);
    options.row(timeColumns, cells);
  };
  const chosen = options.networks ?? networks.slice(0, quick ? 2 : undefined).map(([, timm]) => timm);
  for (const [space, timm] of networks) {
    if (!chosen.includes(timm)) continue;
    const architecture = resolveArchitecture(`search-spaces/reference/${space}.space#0`);
    const file = join(folder, `${timm}.py`);
    writeFileSync(file, pytorchModule(architecture));
    for (const batch of options.batches ?? (quick ? [1] : [1, 16]))
      for (const mode of quick ? modes.slice(0, 2) : modes) {
        note(`${timm}, batch ${batch}, ${mode}`);
        const answer = await worker.ask<Answer>({
          ...{ file, timm, batch, mode, threads, side: architecture.input.height },
          ...(quick ? { rounds: 6, blockMs: 50 } : { rounds: 15, blockMs: 400 }),
        });
        if (answer.error !== undefined) {
          add([timm, String(batch), mode, answer.error.slice(0, 60), '', '', '']);
          continue;
        }
        const [ours, theirs] = answer.parameters;
        add([
          ...[timm, String(batch), mode, milliseconds(answer.ms[0]), milliseconds(answer.ms[1])],
          ...[ratioText(answer.ms), ours === theirs ? 'equal' : `${ours} and ${theirs}`],
        ]);
      }
  }
  return rows;
}

/** Weights of timm's networks by name: outputs of the exported module beside timm's, at random weights. */
async function weightRows(
  worker: Worker,
  folder: string,
  { networks: chosen, note }: Parameters<Bench['run']>[0],
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [space, timm] of withWeights) {
    if (chosen && !chosen.includes(timm)) continue;
    note(`${timm}, weights by name`);
    const architecture = resolveArchitecture(`search-spaces/reference/${space}.space#0`);
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
  summary: 'exported PyTorch modules beside timm’s own of seven networks: eager, channels-last, compiled',
  needsEngine: false,
  onlyByName: true,
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const worker = torchWorker(pythonWithTimm(options.note), join(import.meta.dirname, 'timm_side.py'));
    try {
      return [
        {
          title: 'timm’s weights by name, in the exported module: difference of outputs',
          columns: ['network', 'family', 'largest difference / largest output', 'within 1e-4'],
          rows: await weightRows(worker, folder, options),
          notes: ['random weights and one random image; evaluation mode'],
        },
        {
          title: 'forward pass of exported modules and timm’s, ms',
          columns: timeColumns,
          rows: await rowsOf(worker, folder, options),
          notes: [
            `${packages.slice(0, 2).join(', ')}; ${options.threads} threads; one process, rounds alternate, medians over rounds`,
          ],
        },
      ];
    } finally {
      worker.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
} as const satisfies Bench;
