/**
 * What each of the engine's own kernels is worth on a reference network: all kernels against all but one, in
 * two processes that take turns, by processor time, which neighbours on the machine disturb less than wall
 * time. `--kernels a+b` leaves several out together; `off`: those that set-up enabled against none.
 * `--networks` and `--batches` choose.
 */
import { join } from 'node:path';
import { type KernelName, kernelNames } from '../../src/setup/engine/kernel-table.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { engineWorker, type Worker } from '../pytorch/workers.js';
import type { Prepared, Step } from './engine-side.js';
import { chosenNetworks, type NetworkName } from './network-table.js';

interface Case {
  readonly network: NetworkName | 'bench';
  readonly step: Step;
}
const training = (network: Case['network']): Case => ({ network, step: 'training' });
const forward = (network: Case['network']): Case => ({ network, step: 'forward' });
/** The bench network is small: 32 pixels. */
const benchBatch = 64;

/** The published networks that call a kernel most. */
const cases: Readonly<Record<KernelName, readonly Case[]>> = {
  activation: [forward('efficientnet-b0'), training('efficientnet-b0'), training('convnext-tiny')],
  adamw: [training('vit-base'), training('swin-tiny')],
  'batch-norm': [training('resnet50'), training('efficientnet-b0')],
  channels: [forward('efficientnet-b0'), training('efficientnet-b0')],
  convolution: [forward('resnet50'), training('resnet50')],
  gather: [forward('swin-tiny'), training('swin-tiny')],
  'layer-norm': [forward('swin-tiny'), training('swin-tiny'), training('convnext-tiny')],
  softmax: [forward('swin-tiny'), training('swin-tiny')],
  winograd: [forward('resnet50'), training('resnet50')],
};
type Answer = Prepared & { readonly error?: string };
/** `kernels` of both sides, as `STAGECRAFT_KERNELS` takes them; '': those that set-up enabled. */
interface Sides extends Case {
  readonly batch: number;
  readonly kernels: readonly [string, string];
}
interface Time {
  readonly cpuMs: number;
  readonly ms: number;
}

export const kernelsBench = {
  summary: 'what each own kernel is worth on published networks: all kernels against all but one',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, kernels = kernelNames, networks: named, batches = [2] }) {
    const rows: string[][] = [];
    const rounds = quick ? 3 : 9;
    const networks = chosenNetworks(named, []);
    for (const group of kernels.filter((each) => each !== 'off')) {
      const left = kernelNames.filter((name) => group.split('+').includes(name));
      const without = kernelNames.filter((name) => !left.includes(name)).join(',');
      const chosen = networks.flatMap((network) => [forward(network), training(network)]);
      const calling = [...left.flatMap((name) => cases[name]), forward('bench'), training('bench')];
      for (const each of chosen.length > 0 ? chosen : calling)
        for (const batch of each.network === 'bench' ? [benchBatch] : batches) {
          note(`${group}: ${each.network}, ${each.step}, batch ${batch}`);
          const sides = { ...each, batch, kernels: ['all', without] as const };
          rows.push([group, ...(await rowOf(threads, sides, rounds))]);
        }
    }
    if (kernels.includes('off'))
      for (const network of networks.length > 0 ? networks : (['resnet50', 'swin-tiny'] as const))
        for (const { step } of [forward(network), training(network)])
          for (const batch of batches) {
            note(`enabled kernels: ${network}, ${step}, batch ${batch}`);
            const sides = { step, network, batch, kernels: ['', 'off'] as const };
            rows.push(['(enabled)', ...(await rowOf(threads, sides, rounds))]);
          }
    return [
      {
        title: 'Gain of own kernels on published networks',
        columns: [
          'kernel',
          'network',
          'step',
          'batch',
          'CPU ms with',
          'without',
          'gain',
          '10–90 % of rounds',
        ],
        rows,
        notes: [
          `${threads} threads; processor time of a pass or step (AdamW), rounds of both sides in turn`,
          'gain: time without the kernel over time with it, median of rounds',
        ],
      },
    ];
  },
} as const satisfies Bench;

const opened = (threads: number, kernels: string): Promise<Worker> =>
  engineWorker(threads, { STAGECRAFT_KERNELS: kernels }, join(import.meta.dirname, 'engine-side.ts'));

async function rowOf(
  threads: number,
  { network, step, batch, kernels }: Sides,
  rounds: number,
): Promise<string[]> {
  const name = [network, step, String(batch)];
  const sides = await Promise.all(kernels.map((each) => opened(threads, each)));
  try {
    for (const side of sides) {
      const { error } = await side.ask<Answer>({ do: 'prepare', name: 'one', network, batch, step });
      if (error) return [...name, error, '', '', ''];
    }
    const samples: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++)
      for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        await sides[index]!.ask({ do: 'time', name: 'one', passes: 1 }); // fills the caches
        samples[index].push((await sides[index]!.ask<Time>({ do: 'time', name: 'one', passes: 2 })).cpuMs);
      }
    const ratios = samples[0].map((value, round) => samples[1][round]! / value);
    return [
      ...name,
      ...samples.map((each) => quantile(each, 0.5).toFixed(0)),
      `${quantile(ratios, 0.5).toFixed(3)}×`,
      `${quantile(ratios, 0.1).toFixed(3)}–${quantile(ratios, 0.9).toFixed(3)}`,
    ];
  } finally {
    for (const side of sides) side.end();
  }
}
