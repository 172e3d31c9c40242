/** The front of a history by mean costs, feasible networks first, and its reference point. */
import type { Evaluated, History } from './history.js';
import { MovingFront } from './moving-front.js';

export class CurrentFront<V> {
  private readonly all = new MovingFront<V>();
  private readonly feasible = new MovingFront<V>(isFeasible);

  /** Of the feasible entries; of all where there are none. */
  update(history: Pick<History<V>, 'evaluated' | 'replaced'>): Pick<MovingFront<V>, 'entries' | 'reference'> {
    this.all.update(history);
    this.feasible.update(history);
    return this.feasible.entries.length > 0 ? this.feasible : this.all;
  }

  /** Of all entries, as of the last update. */
  get entries(): readonly Evaluated<V>[] {
    return this.all.entries;
  }
}

const isFeasible = ({ violation }: Evaluated): boolean => violation === 0;
