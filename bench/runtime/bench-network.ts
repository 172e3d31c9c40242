/**
 * The network of the runtime benchmarks: 4 FusedMBConv and 2 transformer blocks over 32×32 images, 10
 * classes.
 */
import type { Architecture, BlockSpec, PartSpec } from '../../src/architecture/architecture.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';

type Definition = {
  readonly name: string;
  readonly params: Readonly<Record<string, { readonly default?: unknown }>>;
};
const part = ({ name, params }: Definition, changes: PartSpec['params'] = {}): PartSpec => ({
  type: name,
  params: {
    ...Object.fromEntries(Object.entries(params).map(([key, spec]) => [key, spec.default])),
    ...changes,
  } as PartSpec['params'],
});

const C: BlockSpec = { letter: 'C', ...part(blocks['fused-mbconv']) };
const T: BlockSpec = { letter: 'T', ...part(blocks.transformer) };
const downsample = part(downsamples.conv);

export const benchNetwork: Architecture = {
  input: { height: 32, width: 32, channels: 3 },
  classes: 10,
  stem: { ...part(stems.conv, { layers: 1, stride: 1 }), width: 32 },
  stages: [
    { width: 32, downsample: null, firstStride: 1, blocks: [C, C] },
    { width: 64, downsample, firstStride: 1, blocks: [C, T] },
    { width: 128, downsample, firstStride: 1, blocks: [C, T] },
  ],
  head: part(heads['pool-linear']),
};
