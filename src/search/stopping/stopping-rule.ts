/**
 * When a training stops before its end. A rule is a pure function from what has been seen: asynchronous rules
 * are asked after each epoch of each training, synchronous ones hold all trainings at a rung and let some go
 * on. Scores are so turned that higher is better.
 */
import type { ParamsOf, ParamTable } from '../../util/params.js';

/** One training of the experiment, of the same seed as the one that is judged. */
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
  /** The training that is asked about; its last score is the one just reported. */
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
  /** Why the training stops, in words; undefined: it goes on. */
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
  /** Which trainings compete, and where they are held; every trial stands in one bracket. */
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
