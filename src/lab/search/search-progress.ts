/**
 * The front of a search and its hypervolume, kept as answers arrive: a function of the log alone. The
 * reference point lies beyond the worst value seen of each objective by a tenth of its range; the hypervolume
 * is a share of the box from the best value seen of each objective to the reference point.
 */
import type { Evaluated, History } from '../../search/history.js';
import { MovingFront } from '../../search/moving-front.js';
import { frontIndices } from '../../util/pareto/front.js';
import { hypervolumeImprovement, hypervolumeOf, referencePoint } from '../../util/pareto/hypervolume.js';

export class SearchProgress<V = unknown> {
  /** Feasible, non-dominated networks with their mean cost vectors. */
  front: readonly Evaluated<V>[] = [];
  /** Fraction of the box; 0 before there is a front. */
  hypervolume = 0;
  answered = 0;
  failed = 0;
  seconds = 0;
  sinceRise = 0;
  private low: readonly number[] | undefined;
  private high: readonly number[] | undefined;
  private known = 0;
  private repeated = 0;
  private moving: MovingFront<V> | undefined;

  /** @param rise of the hypervolume that counts, as a fraction of it; default any */
  constructor(
    private readonly history: History<V>,
    private readonly rise = 0,
  ) {}

  /** To be called after each answer. @param seconds of the evaluation */
  answer(state: 'complete' | 'failed', seconds: number): void {
    const { evaluated, repeated } = this.history;
    this.answered++;
    this.seconds += seconds;
    if (state === 'failed') this.failed++;
    const isRepeat = repeated !== this.repeated;
    const added = evaluated.slice(this.known);
    [this.known, this.repeated] = [evaluated.length, repeated];
    const rose = isRepeat ? this.rebuild() : this.extend(added);
    this.sinceRise = rose ? 0 : this.sinceRise + 1;
  }

  /** Reference point of the front; undefined before there is one. */
  get reference(): readonly number[] | undefined {
    return this.low && this.high && referencePoint([this.low, this.high]);
  }

  /** A further replicate has moved a network. @returns whether the hypervolume rose */
  private rebuild(): boolean {
    const before = this.hypervolume;
    this.moving ??= new MovingFront<V>(({ violation }) => violation === 0);
    const { entries, range } = this.moving.update(this.history);
    [this.front, this.hypervolume] = [entries, 0];
    [this.low, this.high] = entries.length > 0 ? range.map((own) => [...own]) : [undefined, undefined];
    if (entries.length > 0) {
      const costs = entries.map((entry) => entry.costs);
      this.hypervolume = hypervolumeOf(costs, this.reference!) / this.box();
    }
    return this.hypervolume > before * (1 + this.rise);
  }

  /** Volume from the best value seen of each objective to the reference point. */
  private box(): number {
    return this.reference!.reduce((product, value, axis) => product * (value - this.low![axis]!), 1);
  }

  /** @returns whether the hypervolume rose, both fronts under the new reference point */
  private extend(added: readonly Evaluated<V>[]): boolean {
    const feasible = added.filter(({ violation }) => violation === 0);
    if (feasible.length === 0) return false;
    const isWider = this.widen(feasible);
    const reference = this.reference!;
    const box = this.box();
    const costsOf = (entries: readonly Evaluated<V>[]): (readonly number[])[] =>
      entries.map(({ costs }) => costs);
    const before = isWider ? hypervolumeOf(costsOf(this.front), reference) / box : this.hypervolume;
    const joining = feasible.filter(
      ({ costs }) => !this.front.some((other) => other.costs.every((cost, axis) => cost <= costs[axis]!)),
    );
    this.hypervolume = before;
    if (joining.length === 0) return false;
    const all = [...this.front, ...joining];
    const kept = frontIndices(costsOf(all)).map((index) => all[index]!);
    this.hypervolume =
      joining.length === 1
        ? before + hypervolumeImprovement(joining[0]!.costs, costsOf(this.front), reference) / box
        : hypervolumeOf(costsOf(kept), reference) / box;
    this.front = kept;
    return this.hypervolume > before * (1 + this.rise);
  }

  /** @returns whether the range of an objective has grown */
  private widen(added: readonly Evaluated<V>[]): boolean {
    const axes = added[0]!.costs.length;
    const low = this.low?.slice() ?? new Array<number>(axes).fill(Infinity);
    const high = this.high?.slice() ?? new Array<number>(axes).fill(-Infinity);
    let isWider = false;
    for (const { costs } of added)
      for (const [axis, cost] of costs.entries()) {
        isWider ||= cost < low[axis]! || cost > high[axis]!;
        low[axis] = Math.min(low[axis]!, cost);
        high[axis] = Math.max(high[axis]!, cost);
      }
    [this.low, this.high] = [low, high];
    return isWider;
  }
}
