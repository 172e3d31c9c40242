/**
 * Range sums over one measure: sorted values with prefix sums, and a coarse index that finds a value in a few
 * steps.
 */
import { add, type Mass, subtract } from '../automaton/mass.js';
import type { CostRanges } from '../conditions/cost-ranges.js';
import type { CostCounts, RangeSums } from './cost-counts.js';

export class PrefixSums implements RangeSums {
  private readonly sorted: Float64Array;
  private readonly order: Int32Array;
  /** Mass before each value. */
  private readonly before: Mass[] | Float64Array;
  private readonly starts: Int32Array;
  private readonly scale: number;

  constructor(
    points: CostCounts,
    private readonly measure: 'params' | 'macs',
  ) {
    const { size } = points;
    this.sorted = points[measure].slice(0, size).sort();
    this.order = Int32Array.from(this.sorted, (value) =>
      measure === 'macs' ? points.find(0, value) : points.find(value, 0),
    );
    const big = typeof points.counts[0] === 'bigint';
    this.before = big ? [0n] : new Float64Array(size + 1);
    for (let at = 0; at < size; at++)
      this.before[at + 1] = add(this.before[at]!, points.counts[this.order[at]!]!);
    const buckets = Math.max(1, size >> 1);
    const range = size === 0 ? 0 : this.sorted[size - 1]! - this.sorted[0]!;
    this.scale = range === 0 ? 0 : (buckets - 1) / range;
    this.starts = new Int32Array(buckets + 1);
    for (let at = 0; at < size; at++) this.starts[this.bucket(this.sorted[at]!) + 1] = at + 1;
    for (let bucket = 1; bucket <= buckets; bucket++)
      this.starts[bucket] = Math.max(this.starts[bucket]!, this.starts[bucket - 1]!);
  }

  private bucket(value: number): number {
    return ((value - this.sorted[0]!) * this.scale) | 0;
  }

  /** Number of values that are at most `value`. */
  private upTo(value: number): number {
    const { sorted, starts } = this;
    const last = sorted.length - 1;
    if (last < 0 || value < sorted[0]!) return 0;
    if (value >= sorted[last]!) return last + 1;
    let at = starts[this.bucket(value)]!;
    while (sorted[at]! <= value) at++;
    return at;
  }

  sum(window: CostRanges): Mass {
    const { low, high } = window[this.measure];
    if (high < low) return this.before[0]!;
    const first = low === -Infinity ? 0 : this.upTo(low - 1); // costs are integers
    return subtract(this.before[this.upTo(high)]!, this.before[first]!);
  }

  /**
   * For many values at once: adds `count` times the mass in low - value..high - value to each entry of
   * `into`. Masses must be doubles.
   * @param values ascending, so that memory is read in order
   */
  addBetween(into: Float64Array, values: Float64Array, low: number, high: number, count: number): void {
    const { sorted, starts, scale } = this;
    const before = this.before as Float64Array;
    const size = sorted.length;
    if (size === 0) return;
    const [first, last] = [sorted[0]!, sorted[size - 1]!];
    const whole = before[size]!;
    const sumTo = (value: number): number => {
      if (value < first) return 0;
      if (value >= last) return whole;
      let at = starts[((value - first) * scale) | 0]!;
      while (sorted[at]! <= value) at++;
      return before[at]!;
    };
    const open = low === -Infinity;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      into[index]! += count * (sumTo(high - value) - (open ? 0 : sumTo(low - value - 1)));
    }
  }

  select(window: CostRanges, at: Mass): number {
    const first = this.upTo(window[this.measure].low - 1);
    const target = add(this.before[first]!, at);
    let [low, high] = [first, this.sorted.length - 1];
    while (low < high) {
      // the first value whose inclusive prefix sum exceeds the target
      const middle = (low + high) >> 1;
      if (this.before[middle + 1]! > target) high = middle;
      else low = middle + 1;
    }
    return this.order[low]!;
  }
}
