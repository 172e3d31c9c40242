/** What a space answers. A space is a set of architectures: exact, ordered, immutable; everything is pure. */
import type { Architecture } from '../../architecture/architecture.js';
import type { Random } from '../../util/random.js';

export type Count =
  | { readonly exact: true; readonly count: bigint }
  /** Some predicate could not be compiled; 95 % interval from uniform draws of the compiled superset. */
  | {
      readonly exact: false;
      readonly estimate: bigint;
      readonly low: bigint;
      readonly high: bigint;
      readonly because: string;
    };

export interface WeightedSpace {
  /** One member, with its probability. @throws UserError where there is none */
  sample(random: Random): Architecture;
  /** Up to `size` distinct members, drawn one after the other by weight, repeats left out. */
  sampleDistinct(size: number, random: Random): Architecture[];
  /** Of a member, among all members; 0 outside the space. Sums to 1 to the precision of doubles. */
  probability(architecture: Architecture): number;
}

export interface Space {
  readonly name: string;
  /** Canonical text; two spaces of the same text are the same set in the same order. */
  readonly text: string;
  count(): Count;
  /**
   * Position of a member in the stable order, from 0. @throws UserError with the reason when it is no member
   */
  rank(architecture: Architecture): bigint;
  /** @throws RangeError outside 0..count-1 */
  unrank(rank: bigint): Architecture;
  contains(
    architecture: Architecture,
  ): { readonly member: true } | { readonly member: false; readonly reason: string };
  /** The member at position 0; undefined where there is none. */
  first(): Architecture | undefined;
  /**
   * The member after this one; undefined after the last. @throws UserError with the reason when it is no
   * member
   */
  next(architecture: Architecture): Architecture | undefined;
  /** Members in the stable order. */
  enumerate(): Iterable<Architecture>;
  /** One member, uniform over members. */
  sample(random: Random): Architecture;
  /** Draws by the weights that the grammar gives, and the probability of each member under them. */
  byWeight(): WeightedSpace;
  /**
   * `size` distinct members, uniform over such subsets, in the order drawn. @throws UserError when there are
   * fewer
   */
  sampleDistinct(size: number, random: Random): Architecture[];
  /**
   * The subset of members that meet a `where` expression, e.g. `asymmetric and macs <= 10M`. @throws
   * DiagnosticError
   */
  where(expression: string): Space;
}
