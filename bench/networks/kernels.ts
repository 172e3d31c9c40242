/**
 * What each of the engine's own kernels is worth on a reference network: all kernels against all but one, in
 * two processes that take turns, by processor time, which neighbours on the machine disturb less than wall
 * time. `--kernels a+b` leaves several out together; `off`: those that set-up enabled against none.
 * `--networks`, `--batches` and `--part` choose.
 */
import { join } from 'node:path';
import { type KernelName, kernelNames } from '../../src/setup/engine/kernel-table.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import { type Bench, inPart } from '../benchmark.js';
import { engineWorker, type Worker } from '../pytorch/workers.js';
import type { Prepared, Step } from './engine-side.js';
import { chosenNetworks, type NetworkName } from './network-table.js';

interface Case {
  readonly network: NetworkName | 'bench';
  readonly step: Step;
  /** Where the kernel is called at that batch size alone. */
  readonly batch?: number;
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
  // for maps of few tiles
  convolution: (['resnet50', 'bench'] as const).flatMap((network) => [
    { ...forward(network), batch: 1 },
    { ...training(network), batch: 1 },
  ]),
  depthwise: [training('efficientnet-b0'), training('convnext-tiny')],
  'layer-norm': [forward('swin-tiny'), training('swin-tiny'), training('convnext-tiny')],
  winograd: [forward('resnet50'), training('resnet50')],
};
type Answer = Prepared & { readonly error?: string };
/** `kernels` of both sides, as `STAGECRAFT_KERNELS` takes them; '': those that set-up enabled. */
interface Sides extends Case {
  /** Kernels that the second side lacks. */
  readonly group: string;
  readonly batch: number;
  readonly kernels: readonly [string, string];
}
const columns = ['kernel', 'network', 'step', 'batch', 'CPU ms with', 'without', 'gain', '10–90 % of rounds'];
interface Time {
  readonly cpuMs: number;
  readonly ms: number;
}

export const kernelsBench = {
  summary: 'what each own kernel is worth on published networks: all kernels against all but one',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note, row, part, kernels = kernelNames, networks: named, batches = [2] }) {
    const rows: string[][] = [];
    for (const sides of inPart(comparisons(kernels, chosenNetworks(named, []), batches), part)) {
      note(`${sides.group}: ${sides.network}, ${sides.step}, batch ${sides.batch}`);
      rows.push([sides.group, ...(await rowOf(threads, sides, quick ? 3 : 9))]);
      row(columns, rows.at(-1)!);
    }
    return [
      {
        title: 'Gain of own kernels on published networks',
        columns,
        rows,
        notes: [
          `${threads} threads; processor time of a pass or step (AdamW), rounds of both sides in turn`,
          'gain: time without the kernel over time with it, median of rounds',
        ],
      },
    ];
  },
} as const satisfies Bench;

/** @param networks instead of those that call each kernel; empty: those */
function comparisons(
  kernels: readonly string[],
  networks: readonly NetworkName[],
  batches: readonly number[],
): Sides[] {
  const chosen = networks.flatMap((network) => [forward(network), training(network)]);
  const batched = ({ network, batch }: Case): readonly number[] => {
    if (batch !== undefined) return [batch];
    return network === 'bench' ? [benchBatch] : batches;
  };
  return kernels.flatMap((group) => {
    const left = kernelNames.filter((name) => group.split('+').includes(name));
    const without = kernelNames.filter((name) => !left.includes(name)).join(',');
    const usual =
      group === 'off'
        ? (['resnet50', 'swin-tiny'] as const).flatMap((network) => [forward(network), training(network)])
        : [...left.flatMap((name) => cases[name]), forward('bench'), training('bench')];
    return (chosen.length > 0 ? chosen : usual).flatMap((each) =>
      batched(each).map((batch) => ({
        ...each,
        batch,
        group: group === 'off' ? '(enabled)' : group,
        kernels: group === 'off' ? (['', 'off'] as const) : (['all', without] as const),
      })),
    );
  });
}

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
