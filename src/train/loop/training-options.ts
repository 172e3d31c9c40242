/** What the runtime and the batch maker take of a recipe, and the seeds that the engine draws from. Pure. */
import type { BatchOptions } from '../../data/batches/batch-maker.js';
import type { Execution, Model, StepSettings } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import type { Recipe } from '../recipe/recipe.js';
import { averageDecayAt, gradientNoiseAt, learningRateAt } from './learning-rate.js';

/** Seed of the initial weights. Data order and augmentation fork theirs in `data/batches`. */
export const weightSeed = (seed: number): number => seededRandom(seed).fork('weights').integer(0x7fffffff);
/** Seed of random operations inside the graph, such as drop-path. */
export const graphSeed = (seed: number): number => seededRandom(seed).fork('in-graph').integer(0x7fffffff);

/** The graph's batch size: images of one forward and backward pass. */
export const microBatch = ({ batch, accumulate = 1 }: Recipe): number => batch / accumulate;

/** The recipe's part that determines training batches. */
export function batchOptions(recipe: Recipe, seed: number): BatchOptions {
  const { batch, flip, crop, resizedCrop, randaugment, jitter, erase, mixup, cutmix, fixedSeeds } = recipe;
  return {
    batch,
    flip,
    crop,
    seed,
    ...definedOnly({
      resizedCrop,
      randaugment,
      jitter,
      erase,
      mixup,
      cutmix,
      orderSeed: fixedSeeds?.order,
      augmentationSeed: fixedSeeds?.augmentation,
    }),
  };
}

/** The recipe's part that determines the training graph. */
export function trainingOptions(
  recipe: Recipe,
  execution: Execution,
  seed: number,
): Parameters<Model['training']>[0] {
  const { optimizer, labelSmoothing, clipNorm, dropPath, decay, accumulate, mixup, cutmix } = recipe;
  return {
    batch: microBatch(recipe),
    execution,
    optimizer,
    labelSmoothing,
    clipNorm,
    dropPath,
    seed: graphSeed(recipe.fixedSeeds?.weights ?? seed),
    ...definedOnly({ decay, accumulate }),
    ...(recipe.dropPathSchedule && { scheduledDropPath: true }),
    ...(recipe.gradientNoise && { noisyGradients: true }),
    ...(recipe.ema && { averages: true }),
    ...((mixup || cutmix) && { mixesLabels: true }),
  };
}

/** Values fed to one optimizer step. @param step from 0 @param steps of the whole training stage */
export function stepSettings(step: number, steps: number, recipe: Recipe): StepSettings {
  return {
    learningRate: learningRateAt(step, steps, recipe),
    ...(recipe.dropPathSchedule && { dropPathShare: step / steps }),
    ...(recipe.gradientNoise && { gradientNoise: gradientNoiseAt(step, recipe.gradientNoise) }),
    ...(recipe.ema && { averageDecay: averageDecayAt(step, recipe.ema) }),
  };
}

/** The object without its undefined entries. */
export function definedOnly<V extends object>(values: V): { [K in keyof V]?: Exclude<V[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof V]?: Exclude<V[K], undefined>;
  };
}
