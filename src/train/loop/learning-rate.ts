/**
 * What changes with the step: learning rate (linear warm-up, then half a cosine: Loshchilov & Hutter, SGDR,
 * 2017) and its like. Pure.
 */
import type { Recipe } from '../recipe/recipe.js';

export type ScheduleOptions = Pick<Recipe, 'learningRate' | 'finalLearningRate' | 'warmupFraction'>;

/**
 * Rate of a step. The first warm-up step takes a share of the peak, never 0; the last step takes the final
 * rate.
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
 * Standard deviation of the noise on gradients: variance eta / (1 + t)^0.55 (Neelakantan et al. 2015). @param
 * step from 0
 */
export const gradientNoiseAt = (step: number, eta: number): number => Math.sqrt(eta / (1 + step) ** 0.55);

/**
 * Decay of the weights' average: (1 + t) / (10 + t) until that reaches `decay`, so that the first weights are
 * soon forgotten.
 */
export const averageDecayAt = (step: number, decay: number): number =>
  Math.min(decay, (1 + step) / (10 + step));
