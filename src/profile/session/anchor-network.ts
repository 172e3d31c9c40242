/**
 * The anchor: one fixed network that every session times beside its candidates. Ratios to it are compared
 * over time and between sessions, so its computation must never change: all parameters are written out,
 * independent of defaults. Parameters added to blocks later take their defaults, which leave results
 * unchanged.
 */
import type { Architecture, BlockSpec, PartSpec } from '../../architecture/architecture.js';
import type { PartDefinition } from '../../blocks/block.js';
import { type PartKind, partTables } from '../../blocks/block-table.js';
import type { ParamTable } from '../../util/params.js';

function complete<P extends PartSpec>(kind: PartKind, part: P): P {
  const { params } = (partTables[kind] as Readonly<Record<string, PartDefinition<ParamTable>>>)[part.type]!;
  const defaults = Object.fromEntries(
    Object.entries(params).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return { ...part, params: { ...defaults, ...part.params } };
}

const convolution: BlockSpec = complete('block', {
  letter: 'C',
  type: 'fused-mbconv',
  params: {
    expand: 2,
    kernel: 3,
    se: 0.25,
    'se-of': 'hidden',
    act: 'gelu',
    'project-norm': true,
    padding: 'same',
    epsilon: 1e-5,
  },
});
const transformer: BlockSpec = complete('block', {
  letter: 'T',
  type: 'transformer',
  params: { 'head-dim': 16, mlp: 2, form: 'parallel', position: 'relative', 'pre-act': false, epsilon: 1e-6 },
});

/** 32×32 images; a stage of two convolutional blocks, then one of a convolutional and a transformer block. */
export const anchorNetwork: Architecture = {
  input: { height: 32, width: 32, channels: 3 },
  classes: 10,
  stem: complete('stem', {
    type: 'conv',
    width: 16,
    params: {
      layers: 1,
      kernel: 3,
      stride: 1,
      hidden: 0,
      growth: 'flat',
      norm: 'batch',
      act: 'gelu',
      last: 'norm-act',
      bias: false,
      padding: 'same',
      epsilon: 1e-5,
    },
  }),
  stages: [
    { width: 16, downsample: null, firstStride: 1, blocks: [convolution, convolution] },
    {
      width: 32,
      firstStride: 1,
      blocks: [convolution, transformer],
      downsample: complete('downsample', {
        type: 'conv',
        params: {
          kernel: 3,
          stride: 2,
          norm: 'batch',
          'norm-first': false,
          bias: false,
          padding: 'same',
          epsilon: 1e-5,
        },
      }),
    },
  ],
  head: complete('head', {
    type: 'pool-linear',
    params: {
      pool: 'mean',
      norm: 'layer',
      'norm-first': false,
      hidden: 0,
      'hidden-act': 'tanh',
      epsilon: 1e-6,
    },
  }),
};
