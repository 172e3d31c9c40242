/** The search strategies. Adding one = its file in `strategies/` and its line here. */
import { auto } from './strategies/auto.js';
import { crossEntropy } from './strategies/cross-entropy.js';
import { decoupled } from './strategies/decoupled.js';
import { exhaustive } from './strategies/exhaustive.js';
import { growth } from './strategies/growth.js';
import { linas } from './strategies/linas.js';
import { localSearch } from './strategies/local-search.js';
import { multiFidelity } from './strategies/multi-fidelity.js';
import { nsga2 } from './strategies/nsga2.js';
import { nsga3 } from './strategies/nsga3.js';
import { perTask } from './strategies/per-task.js';
import { predictor } from './strategies/predictor.js';
import { quasiRandom } from './strategies/quasi-random.js';
import { racing } from './strategies/racing.js';
import { regularizedEvolution } from './strategies/regularized-evolution.js';
import { stratified } from './strategies/stratified.js';
import { supernet } from './strategies/supernet.js';
import { tpe } from './strategies/tpe.js';
import { trainingFree } from './strategies/training-free.js';
import { uniform } from './strategies/uniform.js';
import type { AnyStrategy } from './strategy.js';

export const strategies = {
  auto,
  exhaustive,
  uniform,
  stratified,
  'quasi-random': quasiRandom,
  'local-search': localSearch,
  'regularized-evolution': regularizedEvolution,
  nsga2,
  nsga3,
  tpe,
  predictor,
  linas,
  'training-free': trainingFree,
  'cross-entropy': crossEntropy,
  'per-task': perTask,
  growth,
  racing,
  decoupled,
  'multi-fidelity': multiFidelity,
  supernet,
} as const satisfies Record<string, AnyStrategy>;

export type StrategyName = keyof typeof strategies;
