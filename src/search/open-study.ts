/** A study from names and plain values, checked: what programs with an evaluator of their own start from. */
import { UserError } from '../util/errors.js';
import { nameHint } from '../util/nearest-name.js';
import { paramProblem } from '../util/params.js';
import { frontIndices } from '../util/pareto/front.js';
import { hypervolumeOf, referencePoint } from '../util/pareto/hypervolume.js';
import type { Evaluated, SearchEvent } from './history.js';
import type { AnyStrategy } from './strategy.js';
import { type StrategyName, strategies } from './strategy-table.js';
import { Study, type StudySettings } from './study.js';

export interface StudyOptions<V> extends Omit<StudySettings<V>, 'strategy' | 'seed'> {
  /** A name of the table, or a strategy of one's own; default `auto`. */
  readonly strategy?: StrategyName | AnyStrategy;
  /** Default 0. */
  readonly seed?: number | string;
  /** The log of an interrupted study, in order: the new one continues where it ends. */
  readonly log?: Iterable<SearchEvent>;
}

/**
 * Opens a study for ask and tell; with `log`, the interrupted one: it proposes what it would have proposed.
 * Trials of the log that have no answer are pending, and may still be told.
 * @throws UserError for an unknown strategy, a parameter out of its range, no objective, too many objectives,
 * or a log of another space
 * @example openStudy({ space, objectives: [{ name: 'accuracy', better: 'higher' }], strategy: 'tpe' })
 */
export function openStudy<V>({
  strategy: named = 'auto',
  seed = 0,
  log,
  ...rest
}: StudyOptions<V>): Study<V> {
  const strategy = typeof named === 'string' ? strategyNamed(named) : named;
  for (const [name, value] of Object.entries(rest.params ?? {})) {
    const spec = Object.hasOwn(strategy.params, name) ? strategy.params[name] : undefined;
    if (!spec)
      throw new UserError(`${strategy.name}: unknown parameter, got ${JSON.stringify(name)}`, {
        fix: nameHint(name, Object.keys(strategy.params)),
      });
    const problem = paramProblem(name, spec, value);
    if (problem !== undefined) throw new UserError(`${strategy.name}: ${problem}`);
  }
  const settings: StudySettings<V> = { ...rest, strategy, seed };
  return log === undefined ? new Study(settings) : Study.replay(settings, log);
}

function strategyNamed(name: string): AnyStrategy {
  if (Object.hasOwn(strategies, name)) return strategies[name as StrategyName];
  throw new UserError(`search: must name a known strategy, got ${JSON.stringify(name)}`, {
    fix: nameHint(name, Object.keys(strategies)),
  });
}

/** The evaluated candidates that no other one dominates, feasible ones first where there are any. */
export function studyFront<V>({ history: { evaluated } }: Study<V>): Evaluated<V>[] {
  const feasible = evaluated.filter(({ violation }) => violation === 0);
  const judged = feasible.length > 0 ? feasible : evaluated;
  return frontIndices(judged.map(({ costs }) => costs)).map((index) => judged[index]!);
}

/**
 * Hypervolume of what the study has found; 0 before the first answer.
 * @param reference one cost per objective, negated for objectives to maximise; default: beyond the worst
 * answer by a tenth of the range. It moves with the answers, so give one to compare studies or moments.
 */
export function studyHypervolume<V>(study: Study<V>, reference?: readonly number[]): number {
  const { evaluated } = study.history;
  if (evaluated.length === 0) return 0;
  const front = studyFront(study).map(({ costs }) => costs);
  return hypervolumeOf(front, reference ?? referencePoint(evaluated.map(({ costs }) => costs)));
}
