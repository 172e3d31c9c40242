/**
 * Predictor-guided search: a Gaussian process per objective that is not known exactly, and the candidate of
 * the highest expected hypervolume improvement. Exact objectives (parameters, MACs) enter without uncertainty.
 * Pending trials count at their predicted costs, so that parallel workers spread out. White et al. 2021
 * (BANANAS), https://arxiv.org/abs/1910.11858; Daulton et al. 2020, https://arxiv.org/abs/2006.05078
 */

import type { ParamsOf } from '../../util/params.js';
import { dominates, frontIndices } from '../../util/pareto/front.js';
import { hypervolumeImprovement, referencePoint } from '../../util/pareto/hypervolume.js';
import type { Random } from '../../util/random.js';
import {
  expectedImprovement2d,
  expectedShortfall,
  type Normal,
} from '../acquisition/expected-improvement.js';
import type { Candidate } from '../candidate.js';
import type { Evaluated, History } from '../history.js';
import { GaussianProcess } from '../models/gaussian-process.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  initial: {
    kind: 'int',
    min: 2,
    max: 100_000,
    default: 16,
    doc: 'uniform draws before the first prediction',
  },
  pool: {
    kind: 'int',
    min: 16,
    max: 1_000_000,
    default: 8000,
    doc: 'candidates that are predicted: all members where they are no more, else draws and moves around the front',
  },
} as const;

/** Arrivals after which the pool of a large space is drawn anew. */
const RENEWAL = 8;
/** Standard deviations that an optimistic outcome lies below the mean. */
const OPTIMISM = 3;
/** Draws per candidate where the improvement has no closed form. */
const DRAWS = 24;

class PredictorGuided<V> implements Proposer<V> {
  private pool: Candidate<V>[] = [];
  private models: (GaussianProcess | undefined)[] = [];
  /** Evaluated candidates and repeats that the models hold. */
  private added = 0;
  private repeats = 0;
  private poolAt = -1;
  private positions = new Map<string, number>();
  /** By pool position: 1 where the candidate was asked for; trials up to `askedTrials` are entered. */
  private asked = new Uint8Array(0);
  private askedTrials = 0;
  /** Per objective, costs of the pool that are known without evaluation. */
  private exactCosts: (Float64Array | undefined)[] = [];

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {}

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    const { space, objectives } = this.context;
    if (history.distinct < this.options.initial || history.evaluated.length < 2)
      return { candidate: space.sample(random) };
    this.refresh(history);
    this.observe(history);
    const costs = this.predictedCosts();
    const feasible = history.evaluated.filter(({ violation }) => violation === 0);
    const points = (feasible.length > 0 ? feasible : history.evaluated).map((entry) => entry.costs);
    const reference = referencePoint(points);
    const pending = history.pending.flatMap(({ candidate }) => {
      const at = this.positions.get(candidate.key);
      return at === undefined ? [] : [objectives.map((_, axis) => costs[axis]!.mean[at]!)];
    });
    const all = [...points, ...pending];
    const front = frontIndices(all)
      .map((index) => all[index]!)
      .sort((a, b) => a[0]! - b[0]!);
    let [best, bestValue] = [-1, -1];
    for (let at = 0; at < this.pool.length; at++) {
      if (this.asked[at]) continue;
      const normals = costs.map(({ mean, deviation }) => ({
        mean: mean[at]!,
        deviation: deviation?.[at] ?? 0,
      }));
      // Where even an optimistic outcome is dominated, the improvement is negligible.
      const optimistic = normals.map(({ mean, deviation }) => mean - OPTIMISM * deviation);
      if (bestValue > 0 && front.some((point) => dominates(point, optimistic))) continue;
      const value = this.acquisition(normals, front, reference, random);
      if (value > bestValue) [best, bestValue] = [at, value];
    }
    return { candidate: best < 0 ? space.sample(random) : this.pool[best]! };
  }

  /** Per objective, the predicted or exact cost of every pool candidate. */
  private predictedCosts(): { readonly mean: Float64Array; readonly deviation?: Float64Array }[] {
    return this.models.map((model, axis) => model?.posterior() ?? { mean: this.exactCosts[axis]! });
  }

  private acquisition(
    normals: readonly Normal[],
    front: readonly (readonly number[])[],
    reference: readonly number[],
    random: Random,
  ): number {
    const axes = normals.length;
    if (axes === 1) return expectedShortfall(normals[0]!, front[0]![0]!);
    if (axes === 2) return expectedImprovement2d(normals[0]!, normals[1]!, front, reference);
    let sum = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const costs = normals.map(
        ({ mean, deviation }) => mean + deviation * (deviation > 0 ? random.normal() : 0),
      );
      sum += hypervolumeImprovement(costs, front, reference);
    }
    return sum / DRAWS;
  }

  /** The candidates to predict: every member of a small space, else a pool renewed as the front moves. */
  private refresh(history: History<V>): void {
    const { space, objectives, random } = this.context;
    const small = space.size !== undefined && space.size <= BigInt(this.options.pool);
    const poolAt = small ? 0 : Math.floor(history.evaluated.length / RENEWAL);
    const stale = poolAt !== this.poolAt;
    if (!stale && history.repeated === this.repeats) return;
    if (stale) {
      const found = new Map<string, Candidate<V>>();
      const add = (candidate: Candidate<V>): void => {
        if (found.size < this.options.pool && !found.has(candidate.key)) found.set(candidate.key, candidate);
      };
      if (small) for (const candidate of space.enumerate()) add(candidate);
      else this.drawPool(history.evaluated.slice(0, poolAt * RENEWAL), random.fork(`pool/${poolAt}`), add);
      this.pool = [...found.values()];
      this.poolAt = poolAt;
      this.positions = new Map(this.pool.map(({ key }, at) => [key, at]));
      this.asked = new Uint8Array(this.pool.length);
      this.askedTrials = 0;
    }
    const exact = space.exact(this.pool[0]!);
    this.exactCosts = objectives.map(({ name, better }) =>
      Object.hasOwn(exact, name)
        ? Float64Array.from(this.pool, (candidate) => {
            const value = space.exact(candidate)[name]!;
            return better === 'higher' ? -value : value;
          })
        : undefined,
    );
    this.models = this.exactCosts.map((known) =>
      known
        ? undefined
        : new GaussianProcess({ genes: space.genes, pool: this.pool.map(({ genes }) => genes) }),
    );
    this.added = 0;
    this.repeats = history.repeated;
  }

  private drawPool(
    evaluated: readonly Evaluated<V>[],
    random: Random,
    add: (candidate: Candidate<V>) => void,
  ): void {
    const { space } = this.context;
    const costs = evaluated.map(({ each }) => each[0]!);
    const elite = frontIndices(costs).map((index) => evaluated[index]!.candidate);
    const size = Math.min(this.options.pool, 2000);
    for (let draw = 0; draw < size; draw++) {
      const parent = elite.length > 0 ? elite[random.integer(elite.length)]! : undefined;
      if (draw % 4 === 0 || !parent) add(space.sample(random));
      else if (draw % 4 === 1) add(space.crossover(parent, elite[random.integer(elite.length)]!, random));
      else {
        let child = space.mutate(parent, random);
        for (let step = random.integer(3); step > 0; step--) child = space.mutate(child, random);
        add(child);
      }
    }
  }

  /** Feeds the models what has arrived since they were last asked. */
  private observe({ evaluated, trials }: History<V>): void {
    for (; this.askedTrials < trials.length; this.askedTrials++) {
      const at = this.positions.get(trials[this.askedTrials]!.candidate.key);
      if (at !== undefined) this.asked[at] = 1;
    }
    for (; this.added < evaluated.length; this.added++) {
      const { candidate, costs } = evaluated[this.added]!;
      this.models.forEach((model, axis) => {
        model?.add(candidate.genes, costs[axis]!);
      });
    }
  }
}

export const predictor = {
  name: 'predictor',
  summary: 'Gaussian process on the genes, highest expected hypervolume improvement',
  source: 'https://arxiv.org/abs/1910.11858',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>) =>
    new PredictorGuided(context, options),
} as const satisfies Strategy<typeof params>;
