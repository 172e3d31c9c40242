/** The search strategies. Adding one = its file in `strategies/` and its line here. */
import { exhaustive } from './strategies/exhaustive.js';
import { localSearch } from './strategies/local-search.js';
import { nsga2 } from './strategies/nsga2.js';
import { predictor } from './strategies/predictor.js';
import { regularizedEvolution } from './strategies/regularized-evolution.js';
import { tpe } from './strategies/tpe.js';
import { uniform } from './strategies/uniform.js';
import type { AnyStrategy } from './strategy.js';

export const strategies = {
  exhaustive,
  uniform,
  'local-search': localSearch,
  'regularized-evolution': regularizedEvolution,
  nsga2,
  tpe,
  predictor,
} as const satisfies Record<string, AnyStrategy>;

export type StrategyName = keyof typeof strategies;
