/** A model of one cost over a pool of candidates. */

export interface Posterior {
  readonly mean: Float64Array;
  /** Standard deviation of the noise-free value. */
  readonly deviation: Float64Array;
}

/** How well the model predicts what it has not seen. */
export interface ModelQuality {
  /** Mean log density of held-out observations; higher is better. */
  readonly logDensity: number;
  /** Share of the held-out variance that the model explains; at most 1. */
  readonly explained: number;
  /** Root mean square of the standardised held-out errors: 1 where the deviations are right. */
  readonly spread: number;
}

export interface Surrogate {
  readonly quality: ModelQuality;
  /** Adds an observation without fitting hyperparameters anew. */
  add(x: readonly number[], y: number): void;
  /**
   * Of every candidate of the pool, in its order, to choose some by: the means, and deviations that are at
   * least as large as those of the posterior.
   */
  screened(): Posterior;
  /** Of some candidates of the pool. @param positions in the pool */
  posterior(positions: ArrayLike<number>): Posterior;
}
