/**
 * The part of a long history that a strategy reads: the last arrivals as they are, and the best of all
 * before, so that a proposal costs no more after 100,000 trials than after thousands. Up to a length it is
 * the whole history. A function of the arrivals alone. Hyperopt bounds its good set to 25 and forgets
 * linearly, too (Bergstra et al. 2013, https://proceedings.mlr.press/v28/bergstra13.html).
 */
import { crowdingDistances, nonDominatedRanks } from '../util/pareto/front.js';
import type { Evaluated } from './history.js';

export interface ArrivalBounds {
  /** Arrivals that are kept as they are; default 4000. */
  readonly recent?: number;
  /** Those before are thinned in steps of so many; default 1000. */
  readonly step?: number;
  /** Best of those before that stay; default 500. */
  readonly kept?: number;
}

export class BoundedArrivals<V> {
  private best: readonly Evaluated<V>[] = [];
  private done = 0;
  private readonly recent: number;
  private readonly step: number;
  private readonly kept: number;

  constructor({ recent = 4000, step = 1000, kept = 500 }: ArrivalBounds = {}) {
    [this.recent, this.step, this.kept] = [recent, step, kept];
  }

  /**
   * At most `kept + recent` of the first `length` arrivals, as they were when they were entered: their first
   * replicates hold, their means may be older.
   * @param length never less than in an earlier call
   */
  of(evaluated: readonly Evaluated<V>[], length: number): readonly Evaluated<V>[] {
    const old = Math.max(0, Math.ceil((length - this.recent) / this.step) * this.step);
    for (; this.done < old; this.done += this.step) {
      const next = evaluated.slice(this.done, this.done + this.step);
      this.best = bestFirst([...this.best, ...next]).slice(0, this.kept);
    }
    return [...this.best, ...evaluated.slice(old, length)];
  }
}

/**
 * By violation, non-dominated rank and crowding distance of the first replicates, which later ones do not
 * change.
 */
export function bestFirst<V>(evaluated: readonly Evaluated<V>[]): Evaluated<V>[] {
  const ranks = nonDominatedRanks(evaluated.map(({ each }) => each[0]!));
  const byRank = new Map<number, number[]>();
  ranks.forEach((rank, index) => {
    const members = byRank.get(rank);
    if (members) members.push(index);
    else byRank.set(rank, [index]);
  });
  const distance = new Array<number>(evaluated.length).fill(0);
  for (const members of byRank.values())
    crowdingDistances(members.map((index) => evaluated[index]!.each[0]!)).forEach((value, at) => {
      distance[members[at]!] = value;
    });
  const violations = evaluated.map(({ firstViolation }) => firstViolation);
  return evaluated
    .map((_, index) => index)
    .sort((a, b) => {
      if (violations[a] !== violations[b]) return violations[a]! - violations[b]!;
      if (ranks[a] !== ranks[b]) return ranks[a]! - ranks[b]!;
      return distance[a] === distance[b] ? a - b : distance[b]! - distance[a]!;
    })
    .map((index) => evaluated[index]!);
}
