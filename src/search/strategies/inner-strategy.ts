/** Strategies that others may be built upon, by name. */
import { type ParamValues, paramsWithDefaults } from '../../util/params.js';
import type { AnyStrategy, Proposer, StrategyContext } from '../strategy.js';
import { exhaustive } from './exhaustive.js';
import { nsga2 } from './nsga2.js';
import { predictor } from './predictor.js';
import { regularizedEvolution } from './regularized-evolution.js';
import { tpe } from './tpe.js';
import { uniform } from './uniform.js';

const inner = {
  exhaustive,
  uniform,
  nsga2,
  tpe,
  predictor,
  'regularized-evolution': regularizedEvolution,
} as const satisfies Record<string, AnyStrategy>;

export const innerNames = Object.keys(inner) as readonly string[];

export function innerStrategy<V>(
  name: string,
  context: StrategyContext<V>,
  given: ParamValues = {},
): Proposer<V> {
  const strategy: AnyStrategy = inner[name as keyof typeof inner];
  return strategy.create(context, paramsWithDefaults(strategy.params, given) as never);
}
