/**
 * Training recipes by name. `adamw`, `sgd` and `lamb` are the optimizers with all their parameters; the
 * others are presets: the same parameters with other defaults.
 */
import { UserError } from '../../util/errors.js';
import { type ParamTable, type ParamValue, type ParamValues, paramProblem } from '../../util/params.js';
import { adamwRecipe, lambRecipe, sgdRecipe } from './build-recipe.js';
import type { Recipe } from './recipe.js';
import { adamwParams, sgdParams, withDefaults } from './recipe-params.js';

export interface RecipeDefinition {
  /** Purpose, in one line. */
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
    doc: 'a training of at most a minute, to check that everything works',
    params: withDefaults(adamwParams, { epochs: 2, batch: 32, 'learning-rate': 2e-3, 'label-smoothing': 0 }),
    recipe: adamwRecipe,
  },
  'cifar-proxy': {
    doc: 'short CIFAR-style training to rank candidates: flip, crop by 4, 20 epochs',
    params: withDefaults(adamwParams, { epochs: 20, batch: 128, 'learning-rate': 1e-3, flip: true, crop: 4 }),
    recipe: adamwRecipe,
  },
  'imagenet-300': {
    doc:
      "AsCAN's ImageNet-1K recipe (NeurIPS 2024, A.2), tiny network: " +
      '300 epochs of AdamW, batch 4096, for machines that can',
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
    doc:
      "AsCAN's pre-training on ImageNet-21K (A.2.3), tiny network: 90 epochs, milder augmentation; " +
      'follow it by a stage on ImageNet-1K',
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
 * The recipe of a call in an experiment file, defaults filled in.
 * @example completeRecipe('adamw', { epochs: 4, batch: 32, 'learning-rate': 1e-3 })
 * @throws UserError for an unknown recipe or parameter, or a value out of its range
 */
export function completeRecipe(name: string, args: Readonly<Record<string, ParamValue>>): Recipe {
  if (!Object.hasOwn(recipes, name))
    throw new UserError(
      `train: recipe must be one of ${Object.keys(recipes).join(', ')}, got ${JSON.stringify(name)}`,
    );
  const definition: RecipeDefinition = recipes[name as RecipeName];
  const unknown = Object.keys(args).find((key) => !Object.hasOwn(definition.params, key));
  if (unknown !== undefined)
    throw new UserError(
      `${name}: parameter must be one of ${Object.keys(definition.params).join(', ')}, ` +
        `got ${JSON.stringify(unknown)}`,
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
