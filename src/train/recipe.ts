/**
 * Training recipes by name. `adamw` and `sgd` are the two optimizers with every knob; the others are presets: the same knobs
 * with other defaults, named for what they are for.
 */
import { UserError } from '../util/errors.js';
import { paramProblem, type ParamSpec, type ParamTable, type ParamValue, type ParamValues } from '../util/params.js';
import type { Recipe } from './contract.js';

const commonParams = {
  epochs: { kind: 'int', min: 1, max: 100_000, default: 10, doc: 'passes over the training images' },
  batch: { kind: 'int', min: 1, max: 65_536, default: 64, doc: 'images per step' },
  'learning-rate': { kind: 'number', min: 0, max: 100, default: 1e-3, doc: 'peak learning rate' },
  'final-learning-rate': { kind: 'number', min: 0, max: 100, default: 1e-5, doc: 'learning rate of the last step' },
  'warm-up': { kind: 'number', min: 0, max: 1, default: 0.1, doc: 'fraction of all steps over which the rate rises linearly' },
  'weight-decay': { kind: 'number', min: 0, max: 10, default: 0.05, doc: 'decoupled weight decay; never on norms, biases and position tables' },
  'label-smoothing': { kind: 'number', min: 0, max: 0.99, default: 0.1, doc: 'probability spread over all classes' },
  clip: { kind: 'number', min: 0, max: 1e6, default: 1, doc: 'global L2 norm to clip gradients to; 0 for none' },
  'drop-path': { kind: 'number', min: 0, max: 0.95, default: 0, doc: 'stochastic-depth rate of the last block, rising linearly over the blocks' },
  flip: { kind: 'bool', default: false, doc: 'mirror each image with probability one half' },
  crop: { kind: 'int', min: 0, max: 256, default: 0, doc: 'pixels of padding for random crops; 0 for none' },
} as const satisfies ParamTable;

const adamwParams = {
  ...commonParams,
  beta1: { kind: 'number', min: 0, max: 0.9999, default: 0.9, doc: 'decay of the first moment' },
  beta2: { kind: 'number', min: 0, max: 0.999999, default: 0.999, doc: 'decay of the second moment' },
  epsilon: { kind: 'number', min: 1e-12, max: 1, default: 1e-8, doc: 'added to the root of the second moment' },
} as const satisfies ParamTable;

const sgdParams = {
  ...withDefaults(commonParams, { 'learning-rate': 0.1, 'final-learning-rate': 0, 'weight-decay': 5e-4, clip: 0 }),
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
  adamw: { doc: 'AdamW (Loshchilov & Hutter 2019), linear warm-up and cosine', params: adamwParams, recipe: adamwRecipe },
  sgd: { doc: 'SGD with momentum, linear warm-up and cosine', params: sgdParams, recipe: sgdRecipe },
  smoke: {
    doc: 'a minute at most, to see that everything works',
    params: withDefaults(adamwParams, { epochs: 2, batch: 32, 'learning-rate': 2e-3, 'label-smoothing': 0 }), recipe: adamwRecipe,
  },
  'cifar-proxy': {
    doc: 'short CIFAR-style training to rank candidates: flip, crop by 4, 20 epochs',
    params: withDefaults(adamwParams, { epochs: 20, batch: 128, 'learning-rate': 1e-3, flip: true, crop: 4 }), recipe: adamwRecipe,
  },
  'imagenet-300': {
    doc: '300 epochs of AdamW with stochastic depth, in the manner of ConvNeXt and AsCAN, for machines that can',
    params: withDefaults(adamwParams, { epochs: 300, batch: 1024, 'learning-rate': 1e-3, 'warm-up': 0.0667, 'drop-path': 0.2, flip: true, crop: 16 }), recipe: adamwRecipe,
  },
} satisfies Record<string, RecipeDefinition>;

export type RecipeName = keyof typeof recipes;

/**
 * The recipe of a call, defaults filled in.
 * @example completeRecipe('adamw', { epochs: 4, batch: 32, 'learning-rate': 1e-3 })
 * @throws UserError for an unknown recipe or parameter, or a value out of its range
 */
export function completeRecipe(name: string, args: Readonly<Record<string, ParamValue>>): Recipe {
  if (!Object.hasOwn(recipes, name)) throw new UserError(`train: recipe must be one of ${Object.keys(recipes).join(', ')}, got ${JSON.stringify(name)}`);
  const definition: RecipeDefinition = recipes[name as RecipeName];
  const stranger = Object.keys(args).find((key) => !Object.hasOwn(definition.params, key));
  if (stranger !== undefined) throw new UserError(`${name}: parameter must be one of ${Object.keys(definition.params).join(', ')}, got ${JSON.stringify(stranger)}`);
  const values = Object.fromEntries(Object.entries(definition.params).map(([key, spec]) => {
    const value = args[key] ?? spec.default!; // every parameter of a recipe has a default
    const problem = paramProblem(key, spec, value);
    if (problem !== undefined) throw new UserError(`${name}: ${problem}`);
    return [key, value];
  }));
  return definition.recipe(values);
}

function commonRecipe(values: ParamValues): Omit<Recipe, 'optimizer'> {
  const number = (key: string): number => values[key] as number;
  return {
    epochs: number('epochs'), batch: number('batch'), learningRate: number('learning-rate'), finalLearningRate: Math.min(number('final-learning-rate'), number('learning-rate')),
    warmupFraction: number('warm-up'), labelSmoothing: number('label-smoothing'), clipNorm: number('clip'), dropPath: number('drop-path'),
    flip: values['flip'] as boolean, crop: number('crop'),
  };
}

function adamwRecipe(values: ParamValues): Recipe {
  const number = (key: string): number => values[key] as number;
  return { ...commonRecipe(values), optimizer: { kind: 'adamw', beta1: number('beta1'), beta2: number('beta2'), epsilon: number('epsilon'), weightDecay: number('weight-decay') } };
}

function sgdRecipe(values: ParamValues): Recipe {
  return { ...commonRecipe(values), optimizer: { kind: 'sgd', momentum: values['momentum'] as number, nesterov: values['nesterov'] as boolean, weightDecay: values['weight-decay'] as number } };
}

/** The table with other defaults. */
function withDefaults<const P extends ParamTable>(params: P, defaults: { readonly [K in keyof P]?: ParamValue }): P {
  return Object.fromEntries(Object.entries(params).map(([key, spec]) => [key, key in defaults ? { ...spec, default: defaults[key] } as ParamSpec : spec])) as unknown as P;
}
