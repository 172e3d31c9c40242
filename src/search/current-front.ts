/**
 * The front of a history by mean costs, and the reference point of its hypervolume, kept up to date: an
 * arrival is compared with the front alone, so that a proposal costs as much after 100,000 trials as after
 * 1,000.
 */
import { dominates, frontIndices } from '../util/pareto/front.js';
import { referencePoint } from '../util/pareto/hypervolume.js';
import type { Evaluated, History } from './history.js';

/** Non-dominated entries, and the range of each finite cost over all entries. */
class Front<V> {
  entries: readonly Evaluated<V>[] = [];
  private low: number[] = [];
  private high: number[] = [];

  constructor(entries: readonly Evaluated<V>[]) {
    for (const entry of entries) this.widen(entry);
    this.entries = frontIndices(entries.map(({ costs }) => costs)).map((index) => entries[index]!);
  }

  add(entry: Evaluated<V>): void {
    this.widen(entry);
    if (this.entries.some(({ costs }) => dominates(costs, entry.costs))) return;
    this.entries = [...this.entries.filter(({ costs }) => !dominates(entry.costs, costs)), entry];
  }

  private widen({ costs }: Evaluated<V>): void {
    for (const [axis, cost] of costs.entries()) {
      this.low[axis] ??= Infinity;
      this.high[axis] ??= -Infinity;
      if (!Number.isFinite(cost)) continue;
      this.low[axis] = Math.min(this.low[axis]!, cost);
      this.high[axis] = Math.max(this.high[axis]!, cost);
    }
  }

  /** That of all entries. */
  get reference(): number[] {
    return referencePoint([this.low, this.high]);
  }
}

export class CurrentFront<V> {
  private known = 0;
  private repeated = 0;
  private all = new Front<V>([]);
  private feasible = new Front<V>([]);

  /** Of the feasible entries; of all where there are none. */
  update({ evaluated, repeated }: History<V>): Pick<Front<V>, 'entries' | 'reference'> {
    if (repeated !== this.repeated || evaluated.length < this.known) {
      // a further replicate has moved a network
      this.all = new Front(evaluated);
      this.feasible = new Front(evaluated.filter(isFeasible));
    } else
      for (const entry of evaluated.slice(this.known)) {
        this.all.add(entry);
        if (isFeasible(entry)) this.feasible.add(entry);
      }
    [this.known, this.repeated] = [evaluated.length, repeated];
    return this.feasible.entries.length > 0 ? this.feasible : this.all;
  }

  /** Of all entries, as of the last update. */
  get entries(): readonly Evaluated<V>[] {
    return this.all.entries;
  }
}

const isFeasible = ({ violation }: Evaluated): boolean => violation === 0;
