/**
 * The front of a history by mean costs, and the range of its costs, kept up to date. An arrival is compared
 * with the front alone. A further replicate moves a network, and what the network dominated may come to the
 * front: then the front is made anew of the first layers of a non-dominated sorting. Any other network is
 * dominated by one of each layer, so it stays behind while fewer networks have moved than there are layers.
 */
import { dominates, frontIndices, nonDominatedRanks } from '../util/pareto/front.js';
import { referencePoint } from '../util/pareto/hypervolume.js';
import type { Evaluated, History } from './history.js';

/** Layers that a moved network is sought among; all networks are sorted again after as many moves. */
const LAYERS = 64;

export class MovingFront<V> {
  /** Non-dominated entries, in order of arrival. */
  entries: readonly Evaluated<V>[] = [];
  private low: number[] = [];
  private high: number[] = [];
  private known = 0;
  private moves = 0;
  /** Arrivals that can be on the front; absent: no network has moved yet. */
  private layers: Set<number> | undefined;
  private movesLeft = 0;

  /** @param isKept whether an entry counts at all, such as a feasible one */
  constructor(private readonly isKept: (entry: Evaluated<V>) => boolean = () => true) {}

  /** Enters what has arrived and moved since; a function of the history alone. */
  update({ evaluated, replaced }: Pick<History<V>, 'evaluated' | 'replaced'>): this {
    const moved = replaced.slice(this.moves).filter(({ arrival }) => arrival < this.known);
    this.moves = replaced.length;
    if (moved.length > 0) this.move(moved, evaluated);
    for (; this.known < evaluated.length; this.known++) {
      this.layers?.add(this.known);
      const entry = evaluated[this.known]!;
      if (this.isKept(entry)) this.add(entry);
    }
    return this;
  }

  /** Lowest and highest finite cost of each objective over the kept entries. */
  get range(): readonly [low: readonly number[], high: readonly number[]] {
    return [this.low, this.high];
  }

  /** Reference point of the hypervolume, from the range. */
  get reference(): number[] {
    return referencePoint([this.low, this.high]);
  }

  private add(entry: Evaluated<V>): void {
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

  /** @param moved entries as they were before */
  private move(moved: readonly Evaluated<V>[], evaluated: readonly Evaluated<V>[]): void {
    const known = evaluated.slice(0, this.known);
    const atEnd = ({ costs }: Evaluated<V>): boolean =>
      costs.some((cost, axis) => cost === this.low[axis] || cost === this.high[axis]);
    if (moved.some(atEnd)) {
      [this.low, this.high] = [[], []];
      for (const entry of known) if (this.isKept(entry)) this.widen(entry);
    } else for (const { arrival } of moved) if (this.isKept(known[arrival]!)) this.widen(known[arrival]!);
    this.movesLeft -= moved.length;
    if (!this.layers || this.movesLeft < 0) this.sort(known);
    for (const { arrival } of moved) this.layers!.add(arrival);
    const sought = [...this.layers!].map((arrival) => known[arrival]!).filter(this.isKept);
    this.entries = frontIndices(sought.map(({ costs }) => costs))
      .map((index) => sought[index]!)
      .sort((a, b) => a.arrival - b.arrival);
  }

  private sort(known: readonly Evaluated<V>[]): void {
    const kept = known.filter(this.isKept);
    const ranks = nonDominatedRanks(kept.map(({ costs }) => costs));
    this.layers = new Set(kept.flatMap(({ arrival }, index) => (ranks[index]! < LAYERS ? [arrival] : [])));
    this.movesLeft = LAYERS - 1;
  }
}
