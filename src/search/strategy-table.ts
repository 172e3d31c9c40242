/** The search strategies. Adding one = its file in `strategies/` and its line here. */
import { exhaustive } from './strategies/exhaustive.js';
import { regularizedEvolution } from './strategies/regularized-evolution.js';
import { uniform } from './strategies/uniform.js';
import type { AnyStrategy } from './strategy.js';

export const strategies = {
  exhaustive,
  uniform,
  'regularized-evolution': regularizedEvolution,
} as const satisfies Record<string, AnyStrategy>;

export type StrategyName = keyof typeof strategies;
