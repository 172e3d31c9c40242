/**
 * Interface of early stopping. A rule is a pure function of the scores so far: asynchronous rules decide
 * after each epoch of each training; synchronous rules hold all networks at a rung and continue some. The
 * seeds of a network stop together. Higher scores are better.
 */
import type { ParamsOf, ParamTable } from '../../util/params.js';

/** One network of the experiment. */
export interface Curve {
  readonly network: string;
  /** After each epoch so far, the mean over seeds: a fraction, or a loss with its sign turned. */
  readonly scores: readonly number[];
  /** A seed ran all its epochs. */
  readonly finished: boolean;
  /**
   * What the network costs under the second objective, lower is better; undefined where nothing was measured.
   */
  readonly cost?: number;
}

export interface StoppingQuery {
  /** The network to decide on; its last score is the latest. */
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
  /** Reason to stop the network; undefined: it continues. */
  stops(judged: StoppingQuery, params: ParamsOf<P>): string | undefined;
}

export interface Bracket {
  /** Ids of networks; the seeds of a network share its bracket. */
  readonly networks: readonly string[];
  /** Epochs after which the bracket is thinned, rising; the last is the end. */
  readonly rungs: readonly number[];
}

/** Holds the networks of a bracket at each rung. */
export interface SynchronousRule<P extends ParamTable = ParamTable> {
  readonly kind: 'synchronous';
  readonly summary: string;
  readonly source: string;
  readonly params: P;
  /** Brackets of competing networks and their rungs; every network is in one. @param networks shuffled */
  brackets(networks: readonly string[], epochs: number, params: ParamsOf<P>): Bracket[];
  /** How many of a bracket's `alive` networks go on from a rung, at least. */
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
