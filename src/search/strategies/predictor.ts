/**
 * Predictor-guided search: a model per quantity that is not known exactly, and the candidate of the highest
 * expected hypervolume improvement. Exact costs (parameters, MACs) enter without uncertainty. Pending trials
 * count at their predicted costs and repel their neighbours, so that parallel workers spread out. White et
 * al. 2021 (BANANAS), https://arxiv.org/abs/1910.11858; Daulton et al. 2020 and 2021,
 * https://arxiv.org/abs/2006.05078 and https://arxiv.org/abs/2105.08195
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import {
  expectedImprovements,
  type PoolCost,
  promises,
  type ToImprove,
} from '../acquisition/pool-acquisition.js';
import { drawnCosts, type Predictions, predictedCosts, weigh } from '../acquisition/predicted-gains.js';
import { BoundedArrivals } from '../bounded-arrivals.js';
import type { Candidate } from '../candidate.js';
import { CurrentFront } from '../current-front.js';
import type { Evaluated, History } from '../history.js';
import { type CandidatePool, candidatePool, isListed } from '../models/candidate-pool.js';
import {
  CostModels,
  chosenEntries,
  drawLength,
  fitLength,
  type ModelName,
  type Quantity,
  screenLength,
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
/** Standard deviations by which the end of a front must exceed it. */
const SURE = 2;
/** Candidates that promise most when all are screened; until the next screening one of them is proposed. */
const SHORTLIST = 96;

/** Candidates by position in the pool. */
interface Shortlist {
  readonly positions: Int32Array;
  /** Exactly known costs by name. */
  readonly exact: ReadonlyMap<string, Float64Array>;
  /** Positions of candidates that go before all others. */
  readonly ends: readonly number[];
}

class PredictorGuided<V> implements Proposer<V> {
  private pool: CandidatePool<V> | undefined;
  private models: CostModels<V> | undefined;
  private shortlist: Shortlist | undefined;
  private poolAt = -1;
  private fittedAt = -1;
  private screenedAt = -1;
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
  /** First results of the arrivals that were screened against, and their front. */
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
    const { positions, ends } = this.shortlist!;
    const end = ends.find((at) => !this.asked[at]);
    if (end !== undefined) return { candidate: this.pool!.candidates[end]! };
    const gains = this.currentGains(history, random);
    this.repelPending(gains, history);
    let [best, highest] = [-1, 0];
    for (let at = 0; at < gains.length; at++) if (gains[at]! > highest) [best, highest] = [at, gains[at]!];
    if (best >= 0) return { candidate: this.pool!.candidates[positions[best]!]! };
    return { candidate: this.localStep(history, random) ?? space.sample(random) };
  }

  private isPoor(): boolean {
    const { models } = this.models!;
    return models.length > 0 && models.every(({ quality }) => quality.explained < POOR);
  }

  /** Pool, models and shortlist as the length of the history says; they never depend on earlier calls. */
  private refresh(history: History<V>): void {
    const { evaluated, trials } = history;
    const fitAt = fitLength(evaluated.length);
    const isWhole = isListed(this.context.space, this.options.pool);
    const poolAt = isWhole ? 0 : drawLength(evaluated.length);
    const isDrawn = poolAt !== this.poolAt || !this.pool;
    if (isDrawn) this.drawPool(evaluated, poolAt);
    if (isDrawn || fitAt !== this.fittedAt) this.fitModels(evaluated, fitAt);
    [this.poolAt, this.fittedAt] = [poolAt, fitAt];
    const screenAt = screenLength(evaluated.length);
    if (screenAt !== this.screenedAt) {
      this.models!.observe(evaluated, screenAt);
      this.shortlist = this.screened(history, screenAt);
      this.screenedAt = screenAt;
    }
    this.models!.observe(evaluated);
    for (; this.askedTrials < trials.length; this.askedTrials++) {
      const at = this.pool!.positions.get(trials[this.askedTrials]!.candidate.key);
      if (at !== undefined) this.asked[at] = 1;
    }
  }

  private drawPool(evaluated: readonly Evaluated<V>[], poolAt: number): void {
    const { space, objectives, constraints, random } = this.context;
    const arrived = this.poolArrivals.of(evaluated, poolAt);
    this.pool = candidatePool(space, this.options.pool, arrived, random.fork(`pool/${poolAt}`));
    this.asked = new Uint8Array(this.pool.candidates.length);
    this.askedTrials = 0;
    const { candidates } = this.pool;
    this.infeasible = new Uint8Array(candidates.length);
    if (constraints.length > 0)
      candidates.forEach((candidate, at) => {
        this.infeasible[at] = violation(space.exact(candidate), constraints) > 0 ? 1 : 0;
      });
    this.names = [...new Set([...objectives, ...constraints].map(({ name }) => name))].filter(
      (name) => !Object.hasOwn(this.pool!.exact, name) && evaluated[0]!.firstValues[name] !== undefined,
    );
  }

  private fitModels(evaluated: readonly Evaluated<V>[], fitAt: number): void {
    const quantities = this.names.map(
      (name): Quantity<V> =>
        ({ firstValues }) =>
          firstValues[name] ?? 0,
    );
    const arrived = this.fitArrivals.of(evaluated, fitAt);
    if (fitAt !== this.fittedAt) this.fitted = chosenEntries(arrived);
    this.isTimed = this.options.per === 'second' && arrived.every(({ firstSeconds }) => firstSeconds > 0);
    const logSeconds: Quantity<V> = ({ firstSeconds }) => Math.log(Math.max(firstSeconds, LEAST_SECONDS));
    this.models = new CostModels(
      this.pool!,
      this.isTimed ? [...quantities, logSeconds] : quantities,
      this.options.model as ModelName,
      this.fitted,
      fitAt,
      this.context.random.fork(`fit/${fitAt}`),
      this.models,
    );
  }

  private predictions(
    posteriors: readonly Posterior[],
    exact: Iterable<readonly [string, Float64Array]>,
    candidates: number,
  ): Predictions {
    const quantities = new Map<string, PoolCost>([...exact].map(([name, mean]) => [name, { mean }]));
    this.names.forEach((name, at) => {
      quantities.set(name, posteriors[at]!);
    });
    const logSeconds = this.isTimed ? { logSeconds: posteriors[this.names.length]! } : {};
    return { candidates, quantities, ...logSeconds };
  }

  /** From the first results of the first arrivals alone: the same whenever it is called. */
  private screened(history: History<V>, length: number): Shortlist {
    for (let at = this.firsts.length; at < length; at++) {
      const entry = history.evaluated[at]!;
      this.firsts.push({ ...entry, costs: entry.each[0]!, violation: entry.firstViolation });
    }
    const { candidates, exact } = this.pool!;
    const { objectives, constraints } = this.context;
    const front = this.firstFront.update({ evaluated: this.firsts, replaced: [] });
    const all = this.predictions(this.models!.screened(), Object.entries(exact), candidates.length);
    const costs = predictedCosts(all, objectives);
    const known: ToImprove = {
      points: front.entries.map((entry) => entry.costs),
      reference: front.reference,
      eligible: (at) =>
        !this.infeasible[at] && (history.of(candidates[at]!.key)?.arrival ?? length) >= length,
    };
    const gains = promises(costs, known);
    weigh(gains, all, constraints);
    const positions = Int32Array.from(
      [...gains.keys()]
        .filter((at) => gains[at]! > 0)
        .sort((a, b) => gains[b]! - gains[a]! || a - b)
        .slice(0, SHORTLIST),
    );
    return { positions, exact: new Map(exactAt(exact, positions)), ends: this.endsOf(costs, known) };
  }

  /**
   * By objective the candidate of the best mean, where it surely exceeds the front. The reference point lies
   * near the worst so far: an end of the true front beyond it would promise nothing.
   */
  private endsOf(costs: readonly PoolCost[], { points, eligible }: ToImprove): number[] {
    if (this.context.constraints.some(({ name }) => this.names.includes(name))) return [];
    return costs.flatMap(({ mean }, objective) => {
      let best = -1;
      for (let at = 0; at < mean.length; at++)
        if (eligible(at) && (best < 0 || mean[at]! < mean[best]!)) best = at;
      if (best < 0) return [];
      const deviation = this.costsAt(Int32Array.of(best))[objective]!.deviation?.[0] ?? 0;
      const reached = points.reduce((low, point) => Math.min(low, point[objective]!), Infinity);
      return mean[best]! + SURE * deviation < reached ? [best] : [];
    });
  }

  /** Of the shortlist; 0 for candidates that were asked for. */
  private currentGains(history: History<V>, random: Random): Float64Array {
    const { positions, exact } = this.shortlist!;
    const { objectives, constraints } = this.context;
    const posteriors = this.models!.posteriors(positions);
    const predicted = this.predictions(posteriors, exact, positions.length);
    const costs = predictedCosts(predicted, objectives);
    const front = this.front.update(history);
    const expected = this.expectedCosts(history);
    const against = (points: ToImprove['points']): Float64Array =>
      expectedImprovements(
        costs,
        {
          points: [...points, ...expected],
          reference: front.reference,
          eligible: (at) => !this.asked[positions[at]!],
        },
        random,
      );
    const gains =
      this.options.acquisition === 'ehvi'
        ? against(front.entries.map((entry) => entry.costs))
        : this.noisyGains(history, front, against, random);
    weigh(gains, predicted, constraints);
    return gains;
  }

  /** Predicted costs of some candidates. */
  private costsAt(positions: Int32Array): PoolCost[] {
    const posteriors = this.models!.posteriors(positions);
    const exact = exactAt(this.pool!.exact, positions);
    return predictedCosts(this.predictions(posteriors, exact, positions.length), this.context.objectives);
  }

  /** Mean costs of what is being evaluated. */
  private expectedCosts({ pending }: History<V>): number[][] {
    const positions = Int32Array.from(this.positionsOf(pending.map(({ candidate }) => candidate)));
    if (positions.length === 0) return [];
    const costs = this.costsAt(positions);
    return Array.from(positions, (_, at) => costs.map(({ mean }) => mean[at]!));
  }

  private positionsOf(candidates: readonly Candidate<V>[]): number[] {
    return candidates.flatMap(({ key }) => this.pool!.positions.get(key) ?? []);
  }

  /** Mean of the gains over fronts that are drawn from the posterior of the networks that the models know. */
  private noisyGains(
    { evaluated }: History<V>,
    front: Pick<MovingFront<V>, 'entries'>,
    against: (points: ToImprove['points']) => Float64Array,
    random: Random,
  ): Float64Array {
    // The whole history, while it is no longer than a model is fitted to.
    const modelled = [
      ...this.fitted.map(({ arrival }) => evaluated[arrival]!),
      ...evaluated.slice(this.fittedAt),
    ];
    const feasible = modelled.filter((entry) => entry.violation === 0);
    const known = feasible.length > 0 ? feasible : modelled;
    const inside = known.filter(({ candidate }) => this.pool!.positions.has(candidate.key));
    const outside = known.filter(({ candidate }) => !this.pool!.positions.has(candidate.key));
    const costs = this.costsAt(Int32Array.from(this.positionsOf(inside.map(({ candidate }) => candidate))));
    const total = new Float64Array(this.shortlist!.positions.length);
    for (let drawn = 0; drawn < FRONTS; drawn++) {
      const points = [
        ...inside.map((_, at) => drawnCosts(costs, at, random)),
        ...outside.map((entry) => entry.costs),
      ];
      against(points.length > 0 ? points : front.entries.map((entry) => entry.costs)).forEach((gain, at) => {
        total[at]! += gain / FRONTS;
      });
    }
    return total;
  }

  /** Neighbours of what is being evaluated wait for its answer, unless they promise far more than others. */
  private repelPending(gains: Float64Array, { pending }: History<V>): void {
    const { positions } = this.shortlist!;
    for (const { candidate } of pending)
      for (let at = 0; at < gains.length; at++) {
        if (gains[at] === 0) continue;
        const steps = geneDistance(this.pool!.candidates[positions[at]!]!.genes, candidate.genes);
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

const exactAt = (
  exact: Readonly<Record<string, Float64Array>>,
  positions: Int32Array,
): (readonly [string, Float64Array])[] =>
  Object.entries(exact).map(([name, values]) => [name, Float64Array.from(positions, (at) => values[at]!)]);

export const predictor = {
  name: 'predictor',
  summary: 'a model of the scores, highest expected hypervolume improvement',
  source: 'https://arxiv.org/abs/1910.11858',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new PredictorGuided(context, options),
} as const satisfies Strategy<typeof params>;
