/** The front of a growing history, kept up to date: arrivals are only added, so each is compared once. */
import { dominates } from '../util/pareto/front.js';
import type { Evaluated } from './history.js';

export class GrowingFront<V> {
  /** Non-dominated arrivals by the costs of their first replicate, in order of arrival. */
  entries: readonly Evaluated<V>[] = [];
  private considered = 0;

  /** Adds what has arrived since; a function of the arrivals alone. */
  update(evaluated: readonly Evaluated<V>[]): readonly Evaluated<V>[] {
    for (; this.considered < evaluated.length; this.considered++) {
      const entry = evaluated[this.considered]!;
      const costs = entry.each[0]!;
      if (this.entries.some((other) => dominates(other.each[0]!, costs))) continue;
      this.entries = [...this.entries.filter((other) => !dominates(costs, other.each[0]!)), entry];
    }
    return this.entries;
  }
}
