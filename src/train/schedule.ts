/** Learning rate over the steps: linear warm-up, then half a cosine (Loshchilov & Hutter, SGDR, 2017). Pure. */
import type { Recipe } from './contract.js';

export type ScheduleOptions = Pick<Recipe, 'learningRate' | 'finalLearningRate' | 'warmupFraction'>;

/**
 * Rate of a step. The first warm-up step takes a share of the peak, never 0; the last step takes the final rate.
 * @param step from 0 @param totalSteps of the whole training
 * @example learningRateAt(0, 100, { learningRate: 1, finalLearningRate: 0, warmupFraction: 0.1 }) // 0.1
 */
export function learningRateAt(step: number, totalSteps: number, options: ScheduleOptions): number {
  const { learningRate, finalLearningRate, warmupFraction } = options;
  const warmupSteps = Math.min(totalSteps, Math.round(warmupFraction * totalSteps));
  if (step < warmupSteps) return learningRate * (step + 1) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - 1 - warmupSteps);
  return finalLearningRate + (learningRate - finalLearningRate) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}
