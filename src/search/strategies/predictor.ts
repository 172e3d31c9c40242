/**
 * Predictor-guided search: a model per quantity that is not known exactly, and the candidate of the highest
 * expected hypervolume improvement. Exact costs (parameters, MACs) enter without uncertainty. Pending trials
 * count at their predicted costs and repel their neighbours, so that parallel workers spread out. White et
 * al. 2021 (BANANAS), https://arxiv.org/abs/1910.11858; Daulton et al. 2020 and 2021,
 * https://arxiv.org/abs/2006.05078 and https://arxiv.org/abs/2105.08195
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import { normalCdf } from '../../util/statistics/normal.js';
import { expectedImprovements, type PoolCost } from '../acquisition/pool-acquisition.js';
import { BoundedArrivals } from '../bounded-arrivals.js';
import type { Candidate } from '../candidate.js';
import { CurrentFront } from '../current-front.js';
import type { Evaluated, History, Trial } from '../history.js';
import { type CandidatePool, candidatePool, isListed } from '../models/candidate-pool.js';
import {
  CostModels,
  chosenEntries,
  fitLength,
  longLength,
  type ModelName,
  type Quantity,
  seenLength,
} from '../models/cost-models.js';
import type { Posterior } from '../models/surrogate.js';
import type { MovingFront } from '../moving-front.js';
import { violation } from '../objective.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { geneDistance, initialDesign } from './initial-design.js';

const params = {
  initial: {
    kind: 'int',
    min: 2,
    max: 100_000,
    default: 12,
    doc: 'spread draws before the first prediction',
  },
  pool: {
    kind: 'int',
    min: 16,
    max: 1_000_000,
    default: 8000,
    doc:
      'candidates that are predicted: ' +
      'all members where they are no more, else draws and moves around the front',
  },
  model: {
    kind: 'choice',
    oneOf: ['gaussian-process', 'ridge', 'ensemble', 'auto'],
    default: 'auto',
    doc: 'auto: Gaussian process or ridge, whichever predicts held-out networks better',
  },
  acquisition: {
    kind: 'choice',
    oneOf: ['ehvi', 'nehvi'],
    default: 'ehvi',
    doc: 'nehvi: the front is uncertain too, for noisy scores',
  },
  per: {
    kind: 'choice',
    oneOf: ['trial', 'second'],
    default: 'trial',
    doc: 'second: improvement per second of expected evaluation, whose times are learned too',
  },
} as const;

/** Below this share of explained variance a model is poor, and every other proposal is a local step. */
const POOR = 0.2;
/** Times below count as this. */
const LEAST_SECONDS = 1e-6;
/** Fronts drawn for nehvi. */
const FRONTS = 6;

/** What gains are computed from. */
interface View<V> {
  readonly evaluated: readonly Evaluated<V>[];
  readonly front: Pick<MovingFront<V>, 'entries' | 'reference'>;
  readonly pending: readonly Trial<V>[];
  /** By position in the pool. */
  eligible(at: number): boolean;
  readonly random: Random;
}

class PredictorGuided<V> implements Proposer<V> {
  private pool: CandidatePool<V> | undefined;
  private models: CostModels<V> | undefined;
  private poolAt = -1;
  private fittedAt = -1;
  /** By pool position: 1 where the candidate was asked for; trials up to `askedTrials` are entered. */
  private asked = new Uint8Array(0);
  private askedTrials = 0;
  private names: readonly string[] = [];
  /** Whether times are modelled, after the quantities of `names`. */
  private isTimed = false;
  private infeasible = new Uint8Array(0);
  private readonly front = new CurrentFront<V>();
  /** What of the history pools and models are made from: a bounded part of a long one. */
  private readonly poolArrivals = new BoundedArrivals<V>();
  private readonly fitArrivals = new BoundedArrivals<V>();
  /** Arrivals that the models were fitted to. */
  private fitted: readonly Evaluated<V>[] = [];
  /** Of a long history: what was seen of it at the last step, and first results of its arrivals. */
  private seen: { readonly length: number; readonly gains: Float64Array } = {
    length: -1,
    gains: new Float64Array(0),
  };
  private readonly firsts: Evaluated<V>[] = [];
  private readonly firstFront = new CurrentFront<V>();

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {}

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    const { space } = this.context;
    const { evaluated } = history;
    if (history.distinct < this.options.initial || evaluated.length < 2)
      return { candidate: initialDesign(this.context, history, random) };
    this.refresh(history);
    if (this.isPoor() && random.next() < 0.5) {
      const step = this.localStep(history, random);
      if (step) return { candidate: step };
    }
    const gains = this.currentGains(history, random);
    this.repelPending(gains, history);
    let [best, highest] = [-1, 0];
    for (let at = 0; at < gains.length; at++) if (gains[at]! > highest) [best, highest] = [at, gains[at]!];
    if (best >= 0) return { candidate: this.pool!.candidates[best]! };
    return { candidate: this.localStep(history, random) ?? space.sample(random) };
  }

  /** Of every candidate of the pool; 0 for those that were asked for. */
  private currentGains(history: History<V>, random: Random): Float64Array {
    const { evaluated, pending } = history;
    const seen = seenLength(evaluated.length);
    if (seen === undefined) {
      const eligible = (at: number): boolean => !this.asked[at] && !this.infeasible[at];
      const front = this.front.update(history);
      return this.weighedGains({ evaluated, front, pending, eligible, random });
    }
    if (this.seen.length !== seen) this.seen = { length: seen, gains: this.gainsAt(seen, history) };
    return this.seen.gains.map((gain, at) => (this.asked[at] ? 0 : gain));
  }

  /** From the first results of the first arrivals alone: the same whenever it is called. */
  private gainsAt(seen: number, history: History<V>): Float64Array {
    for (let at = this.firsts.length; at < seen; at++) {
      const entry = history.evaluated[at]!;
      this.firsts.push({ ...entry, costs: entry.each[0]!, violation: entry.firstViolation });
    }
    const { candidates } = this.pool!;
    return this.weighedGains({
      evaluated: this.firsts,
      front: this.firstFront.update({ evaluated: this.firsts, replaced: [] }),
      pending: [],
      eligible: (at) => !this.infeasible[at] && (history.of(candidates[at]!.key)?.arrival ?? seen) >= seen,
      random: this.context.random.fork(`gains/${seen}`),
    });
  }

  private weighedGains(view: View<V>): Float64Array {
    const posteriors = this.models!.posteriors();
    const costOf = (name: string): PoolCost => {
      const at = this.names.indexOf(name);
      return at < 0 ? { mean: this.pool!.exact[name]! } : posteriors[at]!;
    };
    const costs = this.context.objectives.map(({ name, better }): PoolCost => {
      const { mean, deviation } = costOf(name);
      if (better === 'lower') return { mean, ...(deviation ? { deviation } : {}) };
      return { mean: mean.map((value) => -value), ...(deviation ? { deviation } : {}) };
    });
    const gains = this.gains(view, costs);
    this.weighFeasibility(gains, costOf);
    if (this.isTimed) this.divideBySeconds(gains, posteriors[this.names.length]!);
    return gains;
  }

  private isPoor(): boolean {
    const { models } = this.models!;
    return models.length > 0 && models.every(({ quality }) => quality.explained < POOR);
  }

  /** Pool and models as the length of the history says; they never depend on earlier calls. */
  private refresh({ evaluated, trials }: History<V>): void {
    const { space, objectives, constraints, random } = this.context;
    const fitAt = fitLength(evaluated.length);
    const poolAt = isListed(space, this.options.pool) ? 0 : renewalLength(evaluated.length);
    if (poolAt !== this.poolAt || !this.pool) {
      this.pool = candidatePool(
        space,
        this.options.pool,
        this.poolArrivals.of(evaluated, poolAt),
        random.fork(`pool/${poolAt}`),
      );
      this.asked = new Uint8Array(this.pool.candidates.length);
      this.askedTrials = 0;
      this.infeasible = Uint8Array.from(this.pool.candidates, (candidate) =>
        violation(space.exact(candidate), constraints) > 0 ? 1 : 0,
      );
      this.names = [...new Set([...objectives, ...constraints].map(({ name }) => name))].filter(
        (name) => !Object.hasOwn(this.pool!.exact, name) && evaluated[0]!.firstValues[name] !== undefined,
      );
    }
    if (poolAt !== this.poolAt || fitAt !== this.fittedAt) {
      const quantities = this.names.map(
        (name): Quantity<V> =>
          ({ firstValues }) =>
            firstValues[name] ?? 0,
      );
      const arrived = this.fitArrivals.of(evaluated, fitAt);
      if (fitAt !== this.fittedAt) this.fitted = chosenEntries(arrived, fitAt);
      this.isTimed = this.options.per === 'second' && arrived.every(({ firstSeconds }) => firstSeconds > 0);
      const logSeconds: Quantity<V> = ({ firstSeconds }) => Math.log(Math.max(firstSeconds, LEAST_SECONDS));
      this.models = new CostModels(
        this.pool,
        this.isTimed ? [...quantities, logSeconds] : quantities,
        this.options.model as ModelName,
        this.fitted,
        fitAt,
        random.fork(`fit/${fitAt}`),
        this.models,
      );
    }
    [this.poolAt, this.fittedAt] = [poolAt, fitAt];
    this.models!.observe(evaluated);
    for (; this.askedTrials < trials.length; this.askedTrials++) {
      const at = this.pool.positions.get(trials[this.askedTrials]!.candidate.key);
      if (at !== undefined) this.asked[at] = 1;
    }
  }

  private gains(view: View<V>, costs: readonly PoolCost[]): Float64Array {
    const { front, pending, eligible, random } = view;
    const expected = pending.flatMap(({ candidate }) => {
      const at = this.pool!.positions.get(candidate.key);
      return at === undefined ? [] : [costs.map(({ mean }) => mean[at]!)];
    });
    const against = (points: readonly (readonly number[])[]): Float64Array =>
      expectedImprovements(costs, [...points, ...expected], front.reference, eligible, random);
    if (this.options.acquisition === 'ehvi') return against(front.entries.map((entry) => entry.costs));
    const modelled = this.modelled(view);
    const feasible = modelled.filter((entry) => entry.violation === 0);
    const known = feasible.length > 0 ? feasible : modelled;
    const total = new Float64Array(this.pool!.candidates.length);
    for (let drawn = 0; drawn < FRONTS; drawn++) {
      against(known.map((entry) => this.drawnCosts(entry, costs, random))).forEach((gain, at) => {
        total[at]! += gain / FRONTS;
      });
    }
    return total;
  }

  /**
   * Networks that the models know, with their current costs: those fitted and those that arrived since. They
   * are the whole history while it is no longer than a model is fitted to.
   */
  private modelled({ evaluated }: Pick<View<V>, 'evaluated'>): readonly Evaluated<V>[] {
    return [...this.fitted.map(({ arrival }) => evaluated[arrival]!), ...evaluated.slice(this.fittedAt)];
  }

  /** Noise-free costs of a known candidate, drawn from the posterior; as observed outside of the pool. */
  private drawnCosts(entry: Evaluated<V>, costs: readonly PoolCost[], random: Random): number[] {
    const at = this.pool!.positions.get(entry.candidate.key);
    if (at === undefined) return [...entry.costs];
    return costs.map(({ mean, deviation }) =>
      deviation ? mean[at]! + deviation[at]! * random.normal() : mean[at]!,
    );
  }

  /** Multiplies by the probability that the measured constraints hold. */
  private weighFeasibility(gains: Float64Array, costOf: (name: string) => PoolCost): void {
    for (const { name, atMost = Infinity, atLeast = -Infinity } of this.context.constraints) {
      if (!this.names.includes(name)) continue;
      const { mean, deviation } = costOf(name);
      for (let at = 0; at < gains.length; at++) {
        if (gains[at] === 0) continue;
        const spread = Math.max(deviation?.[at] ?? 0, 1e-12);
        const [high, low] = [(atMost - mean[at]!) / spread, (atLeast - mean[at]!) / spread];
        gains[at]! *= normalCdf(high) - normalCdf(low);
      }
    }
  }

  /** By the expected seconds of a log-normal time. Snoek et al. 2012, https://arxiv.org/abs/1206.2944 */
  private divideBySeconds(gains: Float64Array, { mean, deviation }: Posterior): void {
    for (let at = 0; at < gains.length; at++)
      if (gains[at]! > 0) gains[at]! /= Math.exp(mean[at]! + deviation[at]! ** 2 / 2);
  }

  /** Neighbours of what is being evaluated wait for its answer, unless they promise far more than others. */
  private repelPending(gains: Float64Array, { pending }: History<V>): void {
    for (const { candidate } of pending)
      for (let at = 0; at < gains.length; at++) {
        if (gains[at] === 0) continue;
        const steps = geneDistance(this.pool!.candidates[at]!.genes, candidate.genes);
        if (steps < 5) gains[at]! *= 1 - 0.9 * Math.exp(1 - Math.max(1, steps));
      }
  }

  private localStep(history: History<V>, random: Random): Candidate<V> | undefined {
    this.front.update(history);
    const { entries } = this.front;
    for (let attempt = 0; attempt < 8; attempt++) {
      const parent = entries[random.integer(entries.length)]!.candidate;
      const child = this.context.space.mutate(parent, random);
      if (!history.seen(child.key)) return child;
    }
    return undefined;
  }
}

/** The last length of a history at which the pool of a large space is drawn, up to `length`. */
function renewalLength(length: number): number {
  const long = longLength(length);
  if (long !== undefined) return long;
  let at = 0;
  for (;;) {
    const next = at + Math.max(8, Math.min(Math.floor(at / 8), 64));
    if (next > length) return at;
    at = next;
  }
}

export const predictor = {
  name: 'predictor',
  summary: 'a model of the scores, highest expected hypervolume improvement',
  source: 'https://arxiv.org/abs/1910.11858',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new PredictorGuided(context, options),
} as const satisfies Strategy<typeof params>;
