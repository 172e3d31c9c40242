/**
 * Schedules over the steps of a training: learning rate (linear warm-up, then half a cosine,
 * https://arxiv.org/abs/1608.03983), gradient noise, decay of the weight average. Pure.
 */
import type { Recipe } from '../recipe/recipe.js';

export type ScheduleOptions = Pick<Recipe, 'learningRate' | 'finalLearningRate' | 'warmupFraction'>;

/**
 * Learning rate of a step. The first warm-up step takes a fraction of the peak, never 0; the last step takes
 * the final rate.
 * @param step from 0 @param totalSteps of the whole training
 * @example learningRateAt(0, 100, { learningRate: 1, finalLearningRate: 0, warmupFraction: 0.1 }) // 0.1
 */
export function learningRateAt(step: number, totalSteps: number, options: ScheduleOptions): number {
  const { learningRate, finalLearningRate, warmupFraction } = options;
  const warmupSteps = Math.min(totalSteps, Math.round(warmupFraction * totalSteps));
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - 1 - warmupSteps);
  return (
    finalLearningRate +
    (learningRate - finalLearningRate) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)))
  );
}

/**
 * Standard deviation of the gradient noise: variance eta / (1 + t)^0.55, https://arxiv.org/abs/1511.06807.
 * @param step from 0
 */
export const gradientNoiseAt = (step: number, eta: number): number => Math.sqrt(eta / (1 + step) ** 0.55);

/**
 * Decay of the moving average of the weights: (1 + t) / (10 + t) until that reaches `decay`, which reduces
 * the influence of the first weights.
 */
export const averageDecayAt = (step: number, decay: number): number =>
  Math.min(decay, (1 + step) / (10 + step));
