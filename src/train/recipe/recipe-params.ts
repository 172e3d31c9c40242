/** Parameters of recipes in experiment files: names, ranges, defaults, documentation. */
import type { ParamSpec, ParamTable, ParamValue } from '../../util/params.js';

const commonParams = {
  epochs: { kind: 'int', min: 1, max: 100_000, default: 10, doc: 'passes over the training images' },
  batch: { kind: 'int', min: 1, max: 65_536, default: 64, doc: 'images per step' },
  'learning-rate': { kind: 'number', min: 0, max: 100, default: 1e-3, doc: 'peak learning rate' },
  'final-learning-rate': {
    kind: 'number',
    min: 0,
    max: 100,
    default: 1e-5,
    doc: 'learning rate of the last step',
  },
  'warm-up': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.1,
    doc: 'fraction of all steps over which the rate rises linearly',
  },
  'weight-decay': {
    kind: 'number',
    min: 0,
    max: 10,
    default: 0.05,
    doc: 'decoupled weight decay; see decay',
  },
  'label-smoothing': {
    kind: 'number',
    min: 0,
    max: 0.99,
    default: 0.1,
    doc: 'probability spread over all classes',
  },
  clip: {
    kind: 'number',
    min: 0,
    max: 1e6,
    default: 1,
    doc: 'global L2 norm to clip gradients to; 0 for none',
  },
  'drop-path': {
    kind: 'number',
    min: 0,
    max: 0.95,
    default: 0,
    doc: 'stochastic-depth rate of the last block, rising linearly over the blocks',
  },
  flip: { kind: 'bool', default: false, doc: 'mirror each image with probability one half' },
  crop: { kind: 'int', min: 0, max: 256, default: 0, doc: 'pixels of padding for random crops; 0 for none' },
  'resized-crop': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    doc: 'smallest area of a random crop that is resized to the image, e.g. 0.08; 0 for none',
  },
  randaugment: {
    kind: 'int',
    min: 0,
    max: 14,
    default: 0,
    doc: 'RandAugment operations an image; 0 for none',
  },
  magnitude: {
    kind: 'number',
    min: 0,
    max: 30,
    default: 9,
    doc: 'magnitude of RandAugment; 10 is full strength',
  },
  jitter: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    doc: 'largest relative change of brightness, contrast and saturation',
  },
  erase: { kind: 'number', min: 0, max: 1, default: 0, doc: 'probability of random erasing' },
  mixup: { kind: 'number', min: 0, max: 10, default: 0, doc: 'beta parameter of mixup; 0 for none' },
  cutmix: {
    kind: 'number',
    min: 0,
    max: 10,
    default: 0,
    doc: 'beta parameter of CutMix; 0 for none; with mixup, each batch draws one of them',
  },
  'drop-path-schedule': {
    kind: 'choice',
    oneOf: ['constant', 'linear'],
    default: 'constant',
    doc: "linear: drop-path grows from 0 over the training (NASNet's ScheduledDropPath)",
  },
  decay: {
    kind: 'choice',
    oneOf: ['matrices', 'all'],
    default: 'matrices',
    doc: 'what weight decay is on: matrices and filters, or norms, biases and position tables too',
  },
  accumulate: {
    kind: 'int',
    min: 1,
    max: 4096,
    default: 1,
    doc: 'micro-batches whose mean gradient makes one step; divides batch',
  },
  'gradient-noise': {
    kind: 'number',
    min: 0,
    max: 10,
    default: 0,
    doc: 'variance of normal noise on gradients, over (1 + step)^0.55; 0 for none',
  },
  ema: {
    kind: 'number',
    min: 0,
    max: 0.999999,
    default: 0,
    doc: 'decay of the moving average of the weights, which is then scored and kept; 0 for none',
  },
  guidance: {
    kind: 'number',
    min: 0,
    max: 1000,
    default: 0,
    doc: 'weight of the alignment (1 − CKA) with the network of the setting guide; 0 for none',
  },
  'guide-epochs': {
    kind: 'int',
    min: 0,
    max: 100_000,
    default: 0,
    doc: 'epochs that the guide is trained before; 0: it stays untrained',
  },
  ticket: {
    kind: 'choice',
    oneOf: ['none', 'blocks', 'heads', 'channels'],
    default: 'none',
    doc: 'train, prune these units of the network, and train what is left again: a lottery ticket',
  },
  'ticket-share': {
    kind: 'number',
    min: 0.01,
    max: 0.99,
    default: 0.5,
    doc: 'share of the units that is pruned',
  },
  'ticket-start': {
    kind: 'choice',
    oneOf: ['rewind', 'fresh'],
    default: 'rewind',
    doc: "weights that the ticket starts from: the network's own initial ones, or others",
  },
  'ticket-choice': {
    kind: 'choice',
    oneOf: ['growth', 'random'],
    default: 'growth',
    doc: 'units that are pruned: those whose weights grew least in training, or random ones',
  },
  'weight-seed': {
    kind: 'int',
    min: -1,
    max: 0xffffffff,
    default: -1,
    doc: "seed of initial weights and in-graph chance for every trial; -1: the trial's own",
  },
  'order-seed': {
    kind: 'int',
    min: -1,
    max: 0xffffffff,
    default: -1,
    doc: "seed of the order of the images for every trial; -1: the trial's own",
  },
  'augmentation-seed': {
    kind: 'int',
    min: -1,
    max: 0xffffffff,
    default: -1,
    doc: "seed of the augmentation for every trial; -1: the trial's own",
  },
} as const satisfies ParamTable;

export const adamwParams = {
  ...commonParams,
  beta1: { kind: 'number', min: 0, max: 0.9999, default: 0.9, doc: 'decay of the first moment' },
  beta2: { kind: 'number', min: 0, max: 0.999999, default: 0.999, doc: 'decay of the second moment' },
  epsilon: {
    kind: 'number',
    min: 1e-12,
    max: 1,
    default: 1e-8,
    doc: 'added to the root of the second moment',
  },
} as const satisfies ParamTable;

export const sgdParams = {
  ...withDefaults(commonParams, {
    'learning-rate': 0.1,
    'final-learning-rate': 0,
    clip: 0,
  }),
  'weight-decay': {
    ...commonParams['weight-decay'],
    default: 5e-4,
    doc: 'weight decay, added to the gradient as in PyTorch; see decay',
  },
  momentum: { kind: 'number', min: 0, max: 0.9999, default: 0.9, doc: 'momentum' },
  nesterov: { kind: 'bool', default: true, doc: 'Nesterov momentum' },
} as const satisfies ParamTable;

/** The parameter table with other defaults. */
export function withDefaults<const P extends ParamTable>(
  params: P,
  defaults: { readonly [K in keyof P]?: ParamValue },
): P {
  return Object.fromEntries(
    Object.entries(params).map(([key, spec]) => [
      key,
      key in defaults ? ({ ...spec, default: defaults[key] } as ParamSpec) : spec,
    ]),
  ) as unknown as P;
}
