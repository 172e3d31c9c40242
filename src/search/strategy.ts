/**
 * A search strategy: a name, declared parameters, its source, and `create`, which returns a proposer. Adding
 * one = its file in `strategies/` and one line of `strategy-table.ts`; the contract tests loop over the
 * table.
 */
import type { ParamsOf, ParamTable } from '../util/params.js';
import type { Random } from '../util/random.js';
import type { Candidate, SearchSpace } from './candidate.js';
import type { History } from './history.js';
import type { Constraint, SearchObjective } from './objective.js';

export interface StrategyContext<V = unknown> {
  readonly space: SearchSpace<V>;
  readonly objectives: readonly SearchObjective[];
  readonly constraints: readonly Constraint[];
  /** Stream of the study's seed, for what must not depend on when `propose` is called. */
  readonly random: Random;
  /** The user's belief about the genes; a strategy need not read it, since the study draws from it. */
  readonly prior?: GenePrior;
  /** Trials that the search may spend; undefined where another limit ends it. */
  readonly budget?: number;
}

/** Weight of each value of a gene, by the gene's name; genes without an entry are uniform. */
export type GenePrior = Readonly<Record<string, readonly number[]>>;

export interface Proposal<V = unknown> {
  readonly candidate: Candidate<V>;
  /**
   * Asks for a known candidate on purpose: another replicate, a longer training, a quantity still missing.
   * Default false: a candidate that was asked for before is replaced by another draw.
   */
  readonly repeat?: boolean;
  /** Repetition from 1, a seed of its own; default 1. */
  readonly replicate?: number;
  /** Share of the full training, in (0, 1]; default 1. */
  readonly fidelity?: number;
  /**
   * Quantities to evaluate now; default all. A candidate counts as evaluated once all objectives are known.
   */
  readonly measure?: readonly string[];
  /** Number of a complete trial of this search whose trained weights are grown; default: fresh weights. */
  readonly parent?: number;
}

export interface Proposer<V = unknown> {
  /**
   * The next proposal; undefined where the strategy has none left. A function of the history and of `random`
   * alone, not of earlier calls: a resumed search calls it for the first time in the middle of the history.
   * Caches are allowed where the history rebuilds them. Pending trials are in the history.
   */
  propose(history: History<V>, random: Random): Proposal<V> | undefined;
}

export interface Strategy<T extends ParamTable = ParamTable> {
  readonly name: string;
  /** One line, for `stagecraft explain strategy` and the reference. */
  readonly summary: string;
  /** URL of the paper. */
  readonly source: string;
  /** Most objectives that it handles; Infinity for any number. */
  readonly mostObjectives: number;
  /** Asks for known candidates again on purpose: further seeds, longer trainings, missing quantities. */
  readonly repeats?: true;
  readonly params: T;
  create<V>(context: StrategyContext<V>, params: ParamsOf<T>): Proposer<V>;
}

/** Any strategy of the table; its parameters are checked against its own declaration. */
export type AnyStrategy = Omit<Strategy, 'create'> & {
  create<V>(context: StrategyContext<V>, params: never): Proposer<V>;
};
