/**
 * A draw from weighted options that is exact for weights of any size and fast: 32 random bits decide unless they fall on the border
 * between two options, which further bits settle.
 */
import type { Random } from '../util/random.js';

export class WeightedDraw {
  readonly total: bigint;
  private readonly bounds: bigint[] = [];
  /** Small totals: cumulative weights. Large: cumulative weights as 32-bit fractions, rounded down. */
  private readonly marks: Float64Array;
  private readonly small: boolean;

  /** @param weights not all zero */
  constructor(weights: readonly bigint[]) {
    let sum = 0n;
    for (const weight of weights) this.bounds.push(sum += weight);
    this.total = sum;
    this.small = sum <= 0x100000000n;
    this.marks = Float64Array.from(this.bounds, (bound) => (this.small ? Number(bound) : Number((bound << 32n) / sum)));
  }

  /** Index of an option, with probability weight / total. */
  pick(random: Random): number {
    if (this.marks.length === 1) return 0;
    if (this.small) return this.above(random.integer(this.marks.at(-1)!));
    const bits = random.integer(0x100000000);
    const index = this.above(bits);
    // Every value that begins with these bits lies in the option, unless the border below it may be among them.
    if (index === 0 || this.marks[index - 1]! < bits) return index;
    return this.settle(BigInt(bits), random);
  }

  /** First option whose mark lies above `value`. */
  private above(value: number): number {
    let low = 0;
    let high = this.marks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.marks[middle]! > value) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** More bits until the cell of `bits` lies inside one option. */
  private settle(bits: bigint, random: Random): number {
    for (let shift = 32n; ; shift += 32n) {
      // cell: [bits, bits + 1) / 2^shift of the total
      const index = this.bounds.findIndex((bound) => (bound << shift) > bits * this.total);
      if ((this.bounds[index]! << shift) >= (bits + 1n) * this.total) return index;
      bits = (bits << 32n) | BigInt(random.integer(0x100000000));
    }
  }
}
