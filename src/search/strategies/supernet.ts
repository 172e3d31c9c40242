/**
 * Search by inherited weights: one weight-sharing supernet is trained, members are scored with slices of its
 * weights (ViT-ResNAS, https://arxiv.org/abs/2109.00642; once-for-all, https://arxiv.org/abs/1908.09791), and
 * evolution over the space looks for their front. Some members are then trained for themselves. Where the two
 * rankings agree, the front found is trained too; where they do not, the rest of the budget goes to uniform
 * draws. The evaluator answers the quantity `inherited-OBJECTIVE`; a score by inherited weights is a trial.
 */
import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import type { History, Trial } from '../history.js';
import { inheritedName, inheritedObjective, inheritedRanking } from '../inherited-ranking.js';
import { type SearchObjective, toCostVector, violation } from '../objective.js';
import { evolveSpace, isWithin, type SubSpace, wholeSpace } from '../spaces/space-evolution.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { survivors } from './nsga2.js';
import type { Individual } from './steady-state-evolution.js';

const params = {
  paths: {
    kind: 'choice',
    oneOf: ['sandwich', 'single-path'],
    default: 'sandwich',
    doc: 'members of a step: the one with most MACs, the one with fewest and draws, or draws alone',
  },
  architectures: {
    kind: 'int',
    min: 1,
    max: 256,
    default: 4,
    doc: 'members that share an optimizer step, each on its part of the batch',
  },
  epochs: { kind: 'int', min: 1, max: 100_000, default: 20, doc: 'epochs of the supernet’s training' },
  scores: {
    kind: 'int',
    min: 5,
    max: 1_000_000,
    default: 60,
    doc: 'members scored by inherited weights, each a trial',
  },
  population: { kind: 'int', min: 4, max: 100_000, default: 20, doc: 'uniform draws at first, then parents' },
  check: {
    kind: 'int',
    min: 5,
    max: 10_000,
    default: 10,
    doc: 'of the first draws, those trained for themselves to check the ranking',
  },
  memory: {
    kind: 'number',
    min: 0,
    max: 1e15,
    default: 0,
    doc: 'limit of peak live activations in bytes, under which the space evolves; 0: none',
  },
} as const;

export type SupernetParams = ParamsOf<typeof params>;

/** Attempts to find a member that was not proposed. */
const ATTEMPTS = 64;
/** Largest space whose remaining members are listed. */
const LISTED = 100_000n;

/** Trials that ask for a score by inherited weights, in the order asked. */
const inheritedTrials = <V>(history: History<V>, quantity: string): Trial<V>[] =>
  history.trials.filter(({ measure }) => measure?.includes(quantity));

/** Keys of the networks that check the ranking: the first that have a score by inherited weights. */
export function checkedKeys(
  history: History,
  objectives: readonly SearchObjective[],
  check: number,
): readonly string[] {
  const quantity = inheritedName(inheritedObjective(objectives).name);
  return firstScored(inheritedTrials(history, quantity), quantity, check);
}

const firstScored = (asked: readonly Trial[], quantity: string, check: number): readonly string[] =>
  asked
    .filter(({ values }) => values?.[quantity] !== undefined)
    .slice(0, check)
    .map(({ candidate }) => candidate.key);

class Supernet<V> implements Proposer<V> {
  private readonly score: SearchObjective;
  private readonly quantity: string;
  /** Quantities that are cheap to measure beside a score by inherited weights. */
  private readonly cheap: readonly string[];
  /** Objectives that are known of a network scored by inherited weights. */
  private readonly known: readonly SearchObjective[];
  /** Trials up to here are entered: numbers of those that ask for a score by inherited weights, … */
  private entered = 0;
  private readonly scores: number[] = [];
  /** … networks asked to be trained, and trainings without an answer. */
  private readonly trainedKeys = new Set<string>();
  private readonly training = new Set<number>();

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: SupernetParams,
  ) {
    const { objectives } = context;
    this.score = inheritedObjective(objectives);
    this.quantity = inheritedName(this.score.name);
    const others = objectives.filter(({ name }) => name !== this.score.name);
    this.cheap = others.filter(({ exact, better }) => !exact && better === 'lower').map(({ name }) => name);
    this.known = objectives.filter(
      ({ name, exact }) => name === this.score.name || exact || this.cheap.includes(name),
    );
  }

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    this.update(history);
    const asked = this.scores.map((number) => history.trials[number]!);
    if (asked.length < this.options.scores) {
      const candidate = this.unscored(history, asked, random);
      if (candidate) return { candidate, measure: [this.quantity, ...this.cheap] };
    }
    if (asked.some(({ state }) => state === 'pending')) return undefined;
    return this.trained(history, asked, random);
  }

  /** Enters what was asked and answered since; a function of the history alone. */
  private update({ trials }: History<V>): void {
    for (; this.entered < trials.length; this.entered++) {
      const { number, measure, candidate } = trials[this.entered]!;
      if (measure?.includes(this.quantity)) this.scores.push(number);
      if (measure !== undefined) continue;
      this.trainedKeys.add(candidate.key);
      this.training.add(number);
    }
    for (const number of this.training) if (trials[number]!.state !== 'pending') this.training.delete(number);
  }

  /** Costs with the score by inherited weights in place of the trained one. */
  private individuals(asked: readonly Trial<V>[]): Individual<V>[] {
    return asked.flatMap(({ candidate, values }) => {
      const score = values?.[this.quantity];
      if (values === undefined || score === undefined) return [];
      const costs = toCostVector({ ...values, [this.score.name]: score }, this.known);
      return [{ candidate, costs, violation: violation(values, this.context.constraints) }];
    });
  }

  private isLegal(candidate: Candidate<V>): boolean {
    const { memory } = this.options;
    if (memory === 0) return true;
    const bytes = this.context.space.exact(candidate)['activation-bytes'];
    return bytes === undefined || bytes <= memory;
  }

  /** The sub-space after each whole generation of scores. */
  private allowed(scored: readonly Individual<V>[]): SubSpace {
    const { space, random } = this.context;
    const { memory, population } = this.options;
    const axis = this.known.indexOf(this.score);
    let allowed = wholeSpace(space as never);
    if (memory === 0) return allowed;
    for (let count = population; count <= scored.length; count += population)
      allowed = evolveSpace(
        space,
        allowed,
        scored
          .slice(0, count)
          .map(({ candidate, costs }) => ({ genes: candidate.genes, error: costs[axis]! })),
        (candidate) => this.isLegal(candidate),
        random.fork(`space/${count}`),
      );
    return allowed;
  }

  /** A member to score: uniform at first, then a child of the best. Undefined where none is left. */
  private unscored(
    history: History<V>,
    asked: readonly Trial<V>[],
    random: Random,
  ): Candidate<V> | undefined {
    const { space } = this.context;
    const scored = this.individuals(asked);
    const allowed = this.allowed(scored);
    const parents = asked.length < this.options.population ? [] : survivors(scored, this.options.population);
    const isNew = (candidate: Candidate<V>): boolean =>
      !history.seen(candidate.key) && isWithin(candidate.genes, allowed) && this.isLegal(candidate);
    for (let attempt = 0; attempt < ATTEMPTS && parents.length > 0; attempt++) {
      const [first, second] = [0, 1].map(() => parents[random.integer(parents.length)]!.entry.candidate);
      const child = space.mutate(space.crossover(first!, second!, random), random);
      if (isNew(child)) return child;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const drawn = space.sample(random);
      if (isNew(drawn)) return drawn;
    }
    if (space.size === undefined || space.size > LISTED) return undefined;
    for (const candidate of space.enumerate()) if (isNew(candidate)) return candidate;
    return undefined;
  }

  /** A training: of the check, then of the front found or, where the ranking is not trusted, of a draw. */
  private trained(history: History<V>, asked: readonly Trial<V>[], random: Random): Proposal<V> | undefined {
    const { objectives } = this.context;
    const { trainedKeys } = this;
    const byKey = new Map(asked.map(({ candidate }) => [candidate.key, candidate]));
    const keys = firstScored(asked, this.quantity, this.options.check);
    const unchecked = keys.find((key) => !trainedKeys.has(key));
    if (unchecked !== undefined) return { candidate: byKey.get(unchecked)!, repeat: true };
    if (this.training.size > 0) return undefined;
    if (!inheritedRanking(history, objectives, keys).isTrusted) return this.drawn(random);
    const scored = this.individuals(asked);
    const front = survivors(scored, scored.length).filter(({ rank }) => rank === 0);
    const next = front.find(({ entry }) => !trainedKeys.has(entry.candidate.key));
    return next && { candidate: next.entry.candidate, repeat: true };
  }

  private drawn(random: Random): Proposal<V> | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const candidate = this.context.space.sample(random);
      if (!this.trainedKeys.has(candidate.key) && this.isLegal(candidate)) return { candidate, repeat: true };
    }
    return undefined;
  }
}

export const supernet = {
  name: 'supernet',
  summary: 'evolution by weights inherited from one supernet, whose ranking is checked by trainings',
  source: 'https://arxiv.org/abs/2109.00642',
  mostObjectives: Infinity,
  repeats: true,
  params,
  create: <V>(context: StrategyContext<V>, options: SupernetParams): Proposer<V> =>
    new Supernet(context, options),
} as const satisfies Strategy<typeof params>;
