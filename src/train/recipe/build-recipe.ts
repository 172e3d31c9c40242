/** Recipe values from complete, checked parameters. */
import type { TicketUnit } from '../../network/structured-masks.js';
import { UserError } from '../../util/errors.js';
import type { ParamValues } from '../../util/params.js';
import type { Recipe } from './recipe.js';

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
    ...optionalFields(values),
  };
}

/**
 * Optional fields of a recipe. A field is absent where its feature is off, so that recipes from before the
 * feature keep their hash.
 */
function optionalFields(values: ParamValues): Partial<Recipe> {
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
    ...(number('guidance') > 0 && {
      guidance: {
        weight: number('guidance'),
        ...(number('guide-epochs') > 0 && { epochs: number('guide-epochs') }),
      },
    }),
    ...(values['ticket'] !== 'none' && {
      ticket: {
        of: values['ticket'] as TicketUnit,
        share: number('ticket-share'),
        ...(values['ticket-start'] === 'fresh' && { start: 'fresh' as const }),
        ...(values['ticket-choice'] === 'random' && { choice: 'random' as const }),
      },
    }),
    ...(number('randaugment') > 0 && {
      randaugment: { operations: number('randaugment'), magnitude: number('magnitude') },
    }),
    ...(number('accumulate') > 1 && { accumulate: number('accumulate') }),
    ...(values['drop-path-schedule'] === 'linear' && { dropPathSchedule: 'linear' as const }),
    ...(values['decay'] === 'all' && { decay: 'all' as const }),
    ...(Object.keys(seeds).length > 0 && { fixedSeeds: seeds }),
  };
}

export function adamwRecipe(values: ParamValues): Recipe {
  return adaptiveRecipe('adamw', values);
}
export function lambRecipe(values: ParamValues): Recipe {
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

export function sgdRecipe(values: ParamValues): Recipe {
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
