/** Categorical distributions: draws an index by weight, exactly for integer weights of any size. */
import type { Random } from '../../util/random.js';
import type { Mass } from './mass.js';

export interface Categorical {
  readonly total: Mass;
  /** Index of an option, with probability weight / total. */
  pick(random: Random): number;
}

/** @param exact the weights are integers; else probabilities, to the precision of doubles */
export function categorical(weights: readonly Mass[], exact: boolean): Categorical {
  return exact
    ? new ExactCategorical(
        typeof weights[0] === 'bigint' ? (weights as readonly bigint[]) : weights.map(BigInt),
      )
    : new FloatCategorical(weights as readonly number[]);
}

/** Uniform below `bound` and of its type: an integer, or where `exact` is false a real number. */
export function massBelow(bound: Mass, exact: boolean, random: Random): Mass {
  if (!exact) return fraction(random) * (bound as number);
  if (typeof bound === 'bigint') return random.bigint(bound);
  return bound <= 0x100000000 ? random.integer(bound) : Number(random.bigint(BigInt(bound)));
}

/** Uniform in [0, 1) with 53 bits. */
const fraction = (random: Random): number =>
  (random.integer(0x200000) * 0x100000000 + random.integer(0x100000000)) / 2 ** 53;

/** Index of the first entry above `value`; the last where there is none. */
function above(marks: Float64Array, value: number): number {
  let low = 0;
  let high = marks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

class FloatCategorical implements Categorical {
  readonly total: number;
  private readonly marks: Float64Array;
  constructor(weights: readonly number[]) {
    let sum = 0;
    this.marks = Float64Array.from(weights, (weight) => (sum += weight));
    this.total = sum;
  }
  pick(random: Random): number {
    return this.marks.length === 1 ? 0 : above(this.marks, fraction(random) * this.total);
  }
}

/** Draws by 32 random bits, and by further bits where these lie on the boundary between two options. */
export class ExactCategorical implements Categorical {
  readonly total: bigint;
  private readonly bounds: bigint[] = [];
  /** Cumulative weights; where the total exceeds 2^32, as 32-bit fractions, rounded down. */
  private readonly marks: Float64Array;
  private readonly small: boolean;

  /** @param weights not all zero */
  constructor(weights: readonly bigint[]) {
    let sum = 0n;
    for (const weight of weights) this.bounds.push((sum += weight));
    this.total = sum;
    this.small = sum <= 0x100000000n;
    this.marks = Float64Array.from(this.bounds, (bound) =>
      this.small ? Number(bound) : Number((bound << 32n) / sum),
    );
  }

  pick(random: Random): number {
    if (this.marks.length === 1) return 0;
    if (this.small) return above(this.marks, random.integer(this.marks[this.marks.length - 1]!));
    const bits = random.integer(0x100000000);
    const index = above(this.marks, bits);
    // Every value with these leading bits belongs to the option, unless a boundary may lie among them.
    if (index === 0 || this.marks[index - 1]! < bits) return index;
    return this.settle(BigInt(bits), random);
  }

  /**
   * The option of a number with these 32 leading bits: draws further bits until all numbers with the drawn
   * prefix belong to one option.
   */
  settle(bits: bigint, random: Random): number {
    for (let shift = 32n; ; shift += 32n) {
      // the prefix stands for [bits, bits + 1) / 2^shift of the total
      const index = this.bounds.findIndex((bound) => bound << shift > bits * this.total);
      if (this.bounds[index]! << shift >= (bits + 1n) * this.total) return index;
      bits = (bits << 32n) | BigInt(random.integer(0x100000000));
    }
  }
}
