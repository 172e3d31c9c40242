/** The interface of a space: an exact, ordered, immutable set of architectures. All methods are pure. */
import type { Architecture } from '../../architecture/architecture.js';
import type { Random } from '../../util/random.js';

export type Count =
  | { readonly exact: true; readonly count: bigint }
  /** Some condition could not be compiled: 95 % interval from uniform draws of the compiled superset. */
  | {
      readonly exact: false;
      readonly estimate: bigint;
      readonly low: bigint;
      readonly high: bigint;
      readonly because: string;
    };

export interface WeightedSpace {
  /** One member, by its probability. @throws UserError where the space is empty */
  sample(random: Random): Architecture;
  /** Up to `size` distinct members, drawn successively by weight without repeats. */
  sampleDistinct(size: number, random: Random): Architecture[];
  /** Probability of a member; 0 outside the space. Sums to 1 to the precision of doubles. */
  probability(architecture: Architecture): number;
}

export interface Space {
  readonly name: string;
  /** Canonical text; spaces with equal texts are the same set in the same order. */
  readonly text: string;
  count(): Count;
  /**
   * Position of a member in the stable order, from 0.
   * @throws UserError with the reason where it is not a member
   */
  rank(architecture: Architecture): bigint;
  /** @throws RangeError outside 0..count-1 */
  unrank(rank: bigint): Architecture;
  contains(
    architecture: Architecture,
  ): { readonly member: true } | { readonly member: false; readonly reason: string };
  /** The member of rank 0; undefined where the space is empty. */
  first(): Architecture | undefined;
  /**
   * The member after this one; undefined after the last.
   * @throws UserError with the reason where it is not a member
   */
  next(architecture: Architecture): Architecture | undefined;
  /** Members in the stable order. */
  enumerate(): Iterable<Architecture>;
  /** One member, uniform over members. */
  sample(random: Random): Architecture;
  /** Draws and probabilities by the weights of the grammar. */
  byWeight(): WeightedSpace;
  /**
   * `size` distinct members, uniform over such subsets, in the order drawn.
   * @throws UserError where there are fewer
   */
  sampleDistinct(size: number, random: Random): Architecture[];
  /**
   * The subset of members that satisfy a `where` expression, e.g. `asymmetric and macs <= 10M`.
   * @throws DiagnosticError
   */
  where(expression: string): Space;
}
