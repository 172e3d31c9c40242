/**
 * Interface of early stopping. A rule is a pure function of the scores so far: asynchronous rules decide
 * after each epoch of each training; synchronous rules hold all trainings at a rung and continue some. Higher
 * scores are better.
 */
import type { ParamsOf, ParamTable } from '../../util/params.js';

/** One training of the experiment, of the same seed as the one to decide on. */
export interface Curve {
  readonly trialId: string;
  /** After each epoch so far: a fraction, or a loss with its sign turned. */
  readonly scores: readonly number[];
  /** Ran all its epochs. */
  readonly finished: boolean;
  /**
   * What the network costs under the second objective, lower is better; undefined where nothing was measured.
   */
  readonly cost?: number;
}

export interface StoppingQuery {
  /** The training to decide on; its last score is the latest. */
  readonly own: Curve;
  /** All others of the experiment that reported anything, stopped ones included. */
  readonly others: readonly Curve[];
  readonly epochs: number;
}

/** Asked after every epoch but the last. */
export interface AsynchronousRule<P extends ParamTable = ParamTable> {
  readonly kind: 'asynchronous';
  readonly summary: string;
  readonly source: string;
  readonly params: P;
  /** Reason to stop the training; undefined: it continues. */
  stops(judged: StoppingQuery, params: ParamsOf<P>): string | undefined;
}

export interface Bracket {
  readonly trialIds: readonly string[];
  /** Epochs after which the bracket is thinned, rising; the last is the end. */
  readonly rungs: readonly number[];
}

/** Holds the trainings of a bracket at each rung. */
export interface SynchronousRule<P extends ParamTable = ParamTable> {
  readonly kind: 'synchronous';
  readonly summary: string;
  readonly source: string;
  readonly params: P;
  /** Brackets of competing trainings and their rungs; every trial is in one bracket. */
  brackets(trialIds: readonly string[], epochs: number, params: ParamsOf<P>): Bracket[];
  /** How many of a bracket's `alive` trainings go on from a rung. */
  keeps(alive: number, params: ParamsOf<P>): number;
}

// biome-ignore lint/suspicious/noExplicitAny: each rule has its own parameter table; the caller completes it.
export type StoppingRule = AsynchronousRule<any> | SynchronousRule<any>;

/** Epochs `first`, `first·reduction`, … below `epochs`. */
export function rungEpochs(first: number, reduction: number, epochs: number): number[] {
  const rungs: number[] = [];
  for (let rung = first; rung < epochs; rung *= reduction) rungs.push(Math.round(rung));
  return rungs;
}
