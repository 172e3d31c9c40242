/**
 * Compares exported modules with timm's own of the same networks: forward passes, eager, channels-last and
 * compiled, in one Python process, interleaved. Makes its own Python environment on the first run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
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
const modes = ['eager', 'channels-last', 'compile'] as const;
const packages = ['torch==2.15.0', 'timm==1.0.31', 'setuptools'];

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
  for (const [space, timm] of quick ? networks.slice(0, 2) : networks) {
    const architecture = resolveArchitecture(`search-spaces/reference/${space}.space#0`);
    const file = join(folder, `${timm}.py`);
    writeFileSync(file, pytorchModule(architecture));
    for (const batch of quick ? [1] : [1, 16])
      for (const mode of quick ? modes.slice(0, 2) : modes) {
        note(`${timm}, batch ${batch}, ${mode}`);
        const answer = await worker.ask<Answer>({
          ...{ file, timm, batch, mode, threads, side: architecture.input.height },
          ...(quick ? { rounds: 6, blockMs: 50 } : { rounds: 21, blockMs: 1000 }),
        });
        if (answer.error !== undefined) {
          rows.push([timm, String(batch), mode, answer.error.slice(0, 60), '', '', '']);
          continue;
        }
        const [ours, theirs] = answer.parameters;
        rows.push([
          ...[timm, String(batch), mode, milliseconds(answer.ms[0]), milliseconds(answer.ms[1])],
          ...[ratioText(answer.ms), ours === theirs ? 'equal' : `${ours} and ${theirs}`],
        ]);
      }
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
          title: 'forward pass of exported modules and timm’s, ms',
          columns: ['network', 'batch', 'mode', 'exported', 'timm', 'exported / timm [95 %]', 'parameters'],
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
