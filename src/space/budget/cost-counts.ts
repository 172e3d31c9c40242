/** Mass per cost (params, macs): a hash table over typed arrays. */

import { add, type Mass } from '../automaton/mass.js';
import type { CostRanges } from '../conditions/cost-ranges.js';

/** A measure that no budget limits is left at 0, so that more costs coincide. */
export class CostCounts {
  size = 0;
  params = new Float64Array(16);
  macs = new Float64Array(16);
  /** All doubles, or all big integers. */
  readonly counts: Mass[] = [];
  private table = new Int32Array(32).fill(-1);

  /** Slot of a cost in the hash table: its own, or the free slot for it. */
  private slot(params: number, macs: number): number {
    const { table } = this;
    const mask = table.length - 1;
    let hash =
      Math.imul(params | 0, 0x9e3779b1) ^
      Math.imul(macs | 0, 0x85ebca6b) ^
      Math.imul((macs / 0x100000000) | 0, 0xc2b2ae35) ^
      Math.imul((params / 0x100000000) | 0, 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const index = table[at]!;
      if (index < 0 || (this.params[index] === params && this.macs[index] === macs)) return at;
    }
  }

  add(params: number, macs: number, count: Mass): void {
    const at = this.slot(params, macs);
    const index = this.table[at]!;
    if (index >= 0) {
      this.counts[index] = add(this.counts[index]!, count);
      return;
    }
    this.table[at] = this.size;
    if (this.size === this.params.length) this.grow();
    this.params[this.size] = params;
    this.macs[this.size] = macs;
    this.counts.push(count);
    this.size++;
    if (this.size * 2 > this.table.length) this.rehash();
  }

  private grow(): void {
    const longer = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const result = new Float64Array(values.length * 2);
      result.set(values);
      return result;
    };
    this.params = longer(this.params);
    this.macs = longer(this.macs);
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 4).fill(-1);
    for (let index = 0; index < this.size; index++)
      this.table[this.slot(this.params[index]!, this.macs[index]!)] = index;
  }

  /** Index of a cost; -1 where there is none. */
  find(params: number, macs: number): number {
    return this.table[this.slot(params, macs)]!;
  }
}

/** Sums of masses over ranges of cost, and selection by cumulative mass. */
export interface RangeSums {
  sum(ranges: CostRanges): Mass;
  /** @param at 0 ≤ at < sum, of the type that `sum` returns */
  select(ranges: CostRanges, at: Mass): number;
}
