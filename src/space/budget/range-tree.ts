/** Range sums over both measures. */
import { type Mass, needsBigInt, subtract } from '../automaton/mass.js';
import type { CostRanges } from '../conditions/cost-ranges.js';
import type { CostCounts, RangeSums } from './cost-counts.js';

const LIMB_BITS = 40;
const LIMB = 2 ** LIMB_BITS;
const LIMB_SHIFT = BigInt(LIMB_BITS);

/**
 * Range tree over the costs as points: sorted by params, every block of 2^k points sorted by macs with prefix
 * sums. A sum over a rectangle takes O(log² n). Sums are stored as limbs of 40 bits in doubles, which are
 * exact and much faster than big integers.
 */
export class RangeTree implements RangeSums {
  private readonly sorted: Float64Array;
  private readonly order: Int32Array;
  private readonly levels: {
    readonly macs: Float64Array;
    readonly order: Int32Array;
    readonly sums: Float64Array[];
  }[] = [];
  private readonly limbs: number;
  private readonly scratch: Float64Array;

  constructor(readonly points: CostCounts) {
    const n = points.size;
    const big = typeof points.counts[0] === 'bigint';
    const total = big ? (points.counts as bigint[]).reduce((sum, count) => sum + count, 0n) : 0n;
    this.limbs = big && needsBigInt(total) ? Math.ceil(total.toString(2).length / LIMB_BITS) : 1;
    this.scratch = new Float64Array(this.limbs);
    this.order = Int32Array.from({ length: n }, (_, index) => index).sort(
      (a, b) => points.params[a]! - points.params[b]! || points.macs[a]! - points.macs[b]!,
    );
    this.sorted = Float64Array.from(this.order, (index) => points.params[index]!);
    const digits = this.digits();
    let order = this.order;
    for (let block = 1; block < 2 * n || block === 1; block *= 2) {
      if (block > 1) order = mergeBlocks(order, block, points.macs);
      this.levels.push({
        macs: Float64Array.from(order, (index) => points.macs[index]!),
        order,
        sums: this.runningSums(order, block, digits),
      });
    }
  }

  /** Limbs of the count of every point. */
  private digits(): Float64Array[] {
    const { counts } = this.points;
    const mask = (1n << LIMB_SHIFT) - 1n;
    if (this.limbs === 1) return [Float64Array.from(counts, Number)];
    return Array.from({ length: this.limbs }, (_, limb) =>
      Float64Array.from(counts as bigint[], (count) => Number((count >> (LIMB_SHIFT * BigInt(limb))) & mask)),
    );
  }

  /** Per limb: prefix sums within each block; successive blocks are separated by one entry. */
  private runningSums(order: Int32Array, block: number, digits: readonly Float64Array[]): Float64Array[] {
    const n = order.length;
    const sums = Array.from({ length: this.limbs }, () => new Float64Array(n + Math.ceil(n / block)));
    for (let start = 0, at = 0; start < n; start += block, at++) {
      for (let i = start; i < Math.min(n, start + block); i++, at++) {
        let carry = 0;
        for (let limb = 0; limb < this.limbs; limb++) {
          let value = sums[limb]![at]! + digits[limb]![order[i]!]! + carry;
          carry = 0;
          if (limb < this.limbs - 1 && value >= LIMB) {
            value -= LIMB;
            carry = 1;
          }
          sums[limb]![at + 1] = value;
        }
      }
    }
    return sums;
  }

  /**
   * Calls `visit` for entries `low` to `high` of blocks that together hold the points of a rectangle, until
   * it returns true. `start` is the block's first entry, `sumStart` that of its running sums.
   */
  private visit(
    { params, macs }: CostRanges,
    visit: (level: number, sumStart: number, start: number, low: number, high: number) => boolean,
  ): void {
    const n = this.sorted.length;
    let from = lowerBound(this.sorted, 0, n, params.low);
    const to = upperBound(this.sorted, 0, n, params.high);
    while (from < to) {
      let level = 0;
      while ((from & ((2 << level) - 1)) === 0 && from + (2 << level) <= to && level + 1 < this.levels.length)
        level++;
      const size = 1 << level;
      const values = this.levels[level]!.macs;
      const low = lowerBound(values, from, from + size, macs.low);
      const high = upperBound(values, low, from + size, macs.high);
      if (high > low && visit(level, from + (from >> level), from, low, high)) return;
      from += size;
    }
  }

  /** Total count of the points in a rectangle. */
  sum(ranges: CostRanges): Mass {
    const { scratch, limbs } = this;
    scratch.fill(0);
    this.visit(ranges, (level, sumStart, start, low, high) => {
      const { sums } = this.levels[level]!;
      for (let limb = 0; limb < limbs; limb++)
        scratch[limb]! += sums[limb]![sumStart + high - start]! - sums[limb]![sumStart + low - start]!;
      return false;
    });
    return this.join(scratch);
  }

  /** A double where one limb suffices. */
  private join(limbs: ArrayLike<number>): Mass {
    if (this.limbs === 1) return limbs[0]!;
    let value = 0n;
    for (let limb = limbs.length - 1; limb >= 0; limb--) value = (value << LIMB_SHIFT) + BigInt(limbs[limb]!);
    return value;
  }

  /** Index of the point that contains position `at` of the cumulative count in a rectangle, 0 ≤ at < sum. */
  select(ranges: CostRanges, at: Mass): number {
    let found = -1;
    this.visit(ranges, (level, sumStart, start, low, high) => {
      const { sums, order } = this.levels[level]!;
      const before = (index: number): Mass =>
        this.join(sums.map((limb) => limb[sumStart + index - start]! - limb[sumStart + low - start]!));
      const size = before(high);
      if (at >= size) {
        at = subtract(at, size);
        return false;
      }
      let [first, last] = [low, high - 1];
      while (first < last) {
        // the first entry whose inclusive prefix sum exceeds `at`
        const middle = (first + last) >> 1;
        if (before(middle + 1) > at) last = middle;
        else first = middle + 1;
      }
      found = order[first]!;
      return true;
    });
    return found;
  }
}

function lowerBound(values: Float64Array, low: number, high: number, bound: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
function upperBound(values: Float64Array, low: number, high: number, bound: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges pairs of sorted blocks of half the size into sorted blocks of `block`. */
function mergeBlocks(order: Int32Array, block: number, macs: Float64Array): Int32Array {
  const n = order.length;
  const result = new Int32Array(n);
  for (let start = 0; start < n; start += block) {
    const middle = Math.min(n, start + block / 2);
    const end = Math.min(n, start + block);
    for (let i = start, j = middle, at = start; at < end; at++) {
      if (j >= end || (i < middle && macs[order[i]!]! <= macs[order[j]!]!)) result[at] = order[i++]!;
      else result[at] = order[j++]!;
    }
  }
  return result;
}
