/** What makes a training the training of a supernet: the space whose members share the weights. */
export const pathStrategies = ['single-path', 'sandwich'] as const;
export type PathStrategy = (typeof pathStrategies)[number];

/** A space as values that travel to a child. */
export interface SpaceSource {
  /** A space file. */
  readonly text: string;
  /** Name in diagnostics; imports are relative to its folder. */
  readonly file: string;
  /** Conditions besides those of the text. */
  readonly conditions: readonly string[];
}

export interface SupernetRequest {
  readonly space: SpaceSource;
  /**
   * `single-path`: members drawn uniformly (https://arxiv.org/abs/1904.00420). `sandwich`: of each step's
   * members the first has the most MACs, the second the fewest, the others are drawn
   * (https://arxiv.org/abs/1903.05134).
   */
  readonly paths: PathStrategy;
}
