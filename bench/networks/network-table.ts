/** Published networks of the comparisons with PyTorch: space file and name in timm. */
import { join } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { loadSpace } from '../../src/space/load.js';
import { type BenchOptions, inPart } from '../benchmark.js';
import { benchNetwork } from '../runtime/bench-network.js';
import type { Step } from './engine-side.js';

export const networks = {
  resnet50: { file: 'resnet50', timm: 'resnet50' },
  'efficientnet-b0': { file: 'efficientnet-b0', timm: 'efficientnet_b0' },
  'convnext-tiny': { file: 'convnext-tiny', timm: 'convnext_tiny' },
  'swin-tiny': { file: 'swin-tiny-patch4-window7-224', timm: 'swin_tiny_patch4_window7_224' },
  'vit-base': { file: 'vit-base-patch16-224', timm: 'vit_base_patch16_224' },
  'maxvit-tiny': { file: 'maxvit-tiny-tf-224', timm: 'maxvit_tiny_tf_224' },
  'coatnet-0': { file: 'coatnet-0-224', timm: 'coatnet_0_224' },
  'mobilevitv2-100': { file: 'mobilevitv2-100', timm: 'mobilevitv2_100' },
  'mobilenetv2-100': { file: 'mobilenetv2-100', timm: 'mobilenetv2_100' },
  'efficientnetv2-s': { file: 'tf-efficientnetv2-s', timm: 'tf_efficientnetv2_s' },
  resnet18: { file: 'resnet18', timm: 'resnet18' },
  'vit-tiny': { file: 'vit-tiny-patch16-224', timm: 'vit_tiny_patch16_224' },
} as const satisfies Record<string, { readonly file: string; readonly timm: string }>;

export type NetworkName = keyof typeof networks;

/** Those of the tables against PyTorch; the others are taken by name. */
export const comparedNetworks: readonly NetworkName[] = [
  'resnet50',
  'efficientnet-b0',
  'convnext-tiny',
  'swin-tiny',
  'vit-base',
  'maxvit-tiny',
  'coatnet-0',
  'mobilevitv2-100',
];

/** One line of a table: a network, forward or training, at one batch size. */
export interface Cell {
  readonly network: NetworkName;
  readonly step: Step;
  readonly batch: number;
}

/** Every network × step × batch that belongs to the part. */
export const cellsOf = (
  names: readonly NetworkName[],
  batches: readonly number[],
  part: BenchOptions['part'],
): Cell[] =>
  inPart(
    names.flatMap((network) =>
      (['forward', 'training'] as const).flatMap((step) =>
        batches.map((batch) => ({ network, step, batch })),
      ),
    ),
    part,
  );

/** `bench`: the small network of the other benchmarks. */
export const architectureOf = (name: NetworkName | 'bench'): Architecture =>
  name === 'bench'
    ? benchNetwork
    : loadSpace(
        join(import.meta.dirname, `../../search-spaces/reference/${networks[name].file}.space`),
      ).unrank(0n);

/** @throws Error on an unknown name */
export function chosenNetworks(
  named: readonly string[] | undefined,
  otherwise: readonly NetworkName[],
): NetworkName[] {
  const unknown = named?.find((name) => !Object.hasOwn(networks, name));
  if (unknown !== undefined)
    throw new Error(
      `bench: --networks must be of ${Object.keys(networks).join(', ')}, got ${JSON.stringify(unknown)}`,
    );
  return [...((named as NetworkName[] | undefined) ?? otherwise)];
}
