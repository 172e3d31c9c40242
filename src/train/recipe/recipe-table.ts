/**
 * Training recipes by name. `adamw` and `sgd` are the two optimizers with every knob; the others are presets:
 * the same knobs with other defaults, named for what they are for.
 */
import { UserError } from '../../util/errors.js';
import {
  type ParamSpec,
  type ParamTable,
  type ParamValue,
  type ParamValues,
  paramProblem,
} from '../../util/params.js';
import type { Recipe } from './recipe.js';

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

const adamwParams = {
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

const sgdParams = {
  ...withDefaults(commonParams, {
    'learning-rate': 0.1,
    'final-learning-rate': 0,
    'weight-decay': 5e-4,
    clip: 0,
  }),
  momentum: { kind: 'number', min: 0, max: 0.9999, default: 0.9, doc: 'momentum' },
  nesterov: { kind: 'bool', default: true, doc: 'Nesterov momentum' },
} as const satisfies ParamTable;

export interface RecipeDefinition {
  /** What it is for, in one line. */
  readonly doc: string;
  readonly params: ParamTable;
  /** @param values complete and checked */
  recipe(values: ParamValues): Recipe;
}

export const recipes = {
  adamw: {
    doc: 'AdamW (Loshchilov & Hutter 2019), linear warm-up and cosine',
    params: adamwParams,
    recipe: adamwRecipe,
  },
  sgd: { doc: 'SGD with momentum, linear warm-up and cosine', params: sgdParams, recipe: sgdRecipe },
  lamb: {
    doc: "LAMB (You et al. 2020, FasterViT's optimizer), linear warm-up and cosine",
    params: withDefaults(adamwParams, { 'learning-rate': 5e-3, epsilon: 1e-6 }),
    recipe: lambRecipe,
  },
  smoke: {
    doc: 'a minute at most, to see that everything works',
    params: withDefaults(adamwParams, { epochs: 2, batch: 32, 'learning-rate': 2e-3, 'label-smoothing': 0 }),
    recipe: adamwRecipe,
  },
  'cifar-proxy': {
    doc: 'short CIFAR-style training to rank candidates: flip, crop by 4, 20 epochs',
    params: withDefaults(adamwParams, { epochs: 20, batch: 128, 'learning-rate': 1e-3, flip: true, crop: 4 }),
    recipe: adamwRecipe,
  },
  'imagenet-300': {
    doc: "AsCAN's ImageNet-1K recipe (NeurIPS 2024, A.2), tiny network: 300 epochs of AdamW, batch 4096, for machines that can",
    params: withDefaults(adamwParams, {
      epochs: 300,
      batch: 4096,
      'learning-rate': 3e-3,
      'final-learning-rate': 5e-6,
      'warm-up': 20 / 300,
      'drop-path': 0.3,
      flip: true,
      'resized-crop': 0.08,
      randaugment: 2,
      magnitude: 15,
      mixup: 0.8,
      jitter: 0.4,
      ema: 0.9999,
    }),
    recipe: adamwRecipe,
  },
  'imagenet-21k': {
    doc: "AsCAN's pre-training on ImageNet-21K (A.2.3), tiny network: 90 epochs, milder augmentation; follow it by a stage on ImageNet-1K",
    params: withDefaults(adamwParams, {
      epochs: 90,
      batch: 4096,
      'warm-up': 5 / 90,
      'weight-decay': 0.01,
      'label-smoothing': 0.01,
      'drop-path': 0.4,
      flip: true,
      'resized-crop': 0.08,
      randaugment: 2,
      magnitude: 5,
      mixup: 0.2,
      jitter: 0.4,
      ema: 0.9999,
    }),
    recipe: adamwRecipe,
  },
  fastervit: {
    doc: "FasterViT's ImageNet recipe (arXiv 2306.06189): 300 epochs of LAMB, batch 4096",
    params: withDefaults(adamwParams, {
      epochs: 300,
      batch: 4096,
      'learning-rate': 5e-3,
      'final-learning-rate': 5e-6,
      'warm-up': 20 / 300,
      'weight-decay': 0.12,
      clip: 5,
      'drop-path': 0.2,
      epsilon: 1e-6,
      flip: true,
      'resized-crop': 0.08,
      randaugment: 2,
      mixup: 0.8,
      cutmix: 1,
      erase: 0.25,
      ema: 0.9998,
    }),
    recipe: lambRecipe,
  },
} satisfies Record<string, RecipeDefinition>;

export type RecipeName = keyof typeof recipes;

/**
 * The recipe of a call, defaults filled in.
 * @example completeRecipe('adamw', { epochs: 4, batch: 32, 'learning-rate': 1e-3 })
 * @throws UserError for an unknown recipe or parameter, or a value out of its range
 */
export function completeRecipe(name: string, args: Readonly<Record<string, ParamValue>>): Recipe {
  if (!Object.hasOwn(recipes, name))
    throw new UserError(
      `train: recipe must be one of ${Object.keys(recipes).join(', ')}, got ${JSON.stringify(name)}`,
    );
  const definition: RecipeDefinition = recipes[name as RecipeName];
  const stranger = Object.keys(args).find((key) => !Object.hasOwn(definition.params, key));
  if (stranger !== undefined)
    throw new UserError(
      `${name}: parameter must be one of ${Object.keys(definition.params).join(', ')}, got ${JSON.stringify(stranger)}`,
    );
  const values = Object.fromEntries(
    Object.entries(definition.params).map(([key, spec]) => {
      const value = args[key] ?? spec.default!; // every parameter of a recipe has a default
      const problem = paramProblem(key, spec, value);
      if (problem !== undefined) throw new UserError(`${name}: ${problem}`);
      return [key, value];
    }),
  );
  return definition.recipe(values);
}

function commonRecipe(values: ParamValues): Omit<Recipe, 'optimizer'> {
  const number = (key: string): number => values[key] as number;
  return {
    epochs: number('epochs'),
    batch: number('batch'),
    learningRate: number('learning-rate'),
    finalLearningRate: Math.min(number('final-learning-rate'), number('learning-rate')),
    warmupFraction: number('warm-up'),
    labelSmoothing: number('label-smoothing'),
    clipNorm: number('clip'),
    dropPath: number('drop-path'),
    flip: values['flip'] as boolean,
    crop: number('crop'),
    ...extras(values),
  };
}

/**
 * What is on beyond the basics; nothing where it is off, so that a plain recipe stays the value it always
 * was.
 */
function extras(values: ParamValues): Partial<Recipe> {
  const number = (key: string): number => values[key] as number;
  const positive = <K extends keyof Recipe>(field: K, key: string): Partial<Recipe> =>
    number(key) > 0 ? { [field]: number(key) } : {};
  const seeds = Object.fromEntries(
    (['weight', 'order', 'augmentation'] as const).flatMap((stream) => {
      const seed = number(`${stream}-seed`);
      return seed < 0 ? [] : [[stream === 'weight' ? 'weights' : stream, seed]];
    }),
  );
  if (number('batch') % number('accumulate') !== 0)
    throw new UserError(
      `train: accumulate must divide batch (${number('batch')}), got ${number('accumulate')}`,
    );
  return {
    ...positive('resizedCrop', 'resized-crop'),
    ...positive('jitter', 'jitter'),
    ...positive('erase', 'erase'),
    ...positive('mixup', 'mixup'),
    ...positive('cutmix', 'cutmix'),
    ...positive('gradientNoise', 'gradient-noise'),
    ...positive('ema', 'ema'),
    ...(number('randaugment') > 0 && {
      randaugment: { operations: number('randaugment'), magnitude: number('magnitude') },
    }),
    ...(number('accumulate') > 1 && { accumulate: number('accumulate') }),
    ...(values['drop-path-schedule'] === 'linear' && { dropPathSchedule: 'linear' as const }),
    ...(values['decay'] === 'all' && { decay: 'all' as const }),
    ...(Object.keys(seeds).length > 0 && { fixedSeeds: seeds }),
  };
}

function adamwRecipe(values: ParamValues): Recipe {
  return adaptiveRecipe('adamw', values);
}
function lambRecipe(values: ParamValues): Recipe {
  return adaptiveRecipe('lamb', values);
}

function adaptiveRecipe(kind: 'adamw' | 'lamb', values: ParamValues): Recipe {
  const number = (key: string): number => values[key] as number;
  return {
    ...commonRecipe(values),
    optimizer: {
      kind,
      beta1: number('beta1'),
      beta2: number('beta2'),
      epsilon: number('epsilon'),
      weightDecay: number('weight-decay'),
    },
  };
}

function sgdRecipe(values: ParamValues): Recipe {
  return {
    ...commonRecipe(values),
    optimizer: {
      kind: 'sgd',
      momentum: values['momentum'] as number,
      nesterov: values['nesterov'] as boolean,
      weightDecay: values['weight-decay'] as number,
    },
  };
}

/** The table with other defaults. */
function withDefaults<const P extends ParamTable>(
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
