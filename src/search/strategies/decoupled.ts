/**
 * Decoupled evaluation: a network's cheap quantities are measured first, and the dear ones only where it can
 * still reach the front. It is dropped where a known network is at least as cheap in every cheap quantity and
 * scores better than the network plausibly can. Hernández-Lobato et al. 2016 (PESMOC),
 * https://arxiv.org/abs/1511.05467
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import { GrowingFront } from '../growing-front.js';
import type { Evaluated, History, Trial } from '../history.js';
import { toCostVector, violation } from '../objective.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { geneDistance } from './initial-design.js';
import { innerNames, innerStrategy } from './inner-strategy.js';

const params = {
  strategy: { kind: 'choice', oneOf: innerNames, default: 'nsga2', doc: 'what proposes new networks' },
  cheap: {
    kind: 'text',
    default: '',
    doc: 'quantities to measure first, joined by commas; default: the objectives to minimise',
  },
  nearest: {
    kind: 'int',
    min: 1,
    max: 1000,
    default: 5,
    doc: 'similar networks whose scores bound a new one',
  },
  margin: {
    kind: 'number',
    min: 0,
    max: 100,
    default: 1,
    doc: 'standard deviations of similar networks that are added to the best of them',
  },
} as const;

/** Networks measured last that wait for their dear quantities; older ones are dropped. */
const WAITING = 64;
/** Known networks among which the most similar ones are sought: the last to arrive. */
const RECENT = 500;

class Decoupled<V> implements Proposer<V> {
  private readonly inner: Proposer<V>;
  private readonly front = new GrowingFront<V>();
  private readonly cheap: readonly string[];

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {
    this.inner = innerStrategy(options.strategy, context);
    const named = options.cheap.split(',').filter((name) => name !== '');
    const lower = context.objectives.filter(({ better }) => better === 'lower').map(({ name }) => name);
    this.cheap = named.length > 0 ? named : lower;
  }

  private get dear(): string[] {
    return this.context.objectives.map(({ name }) => name).filter((name) => !this.cheap.includes(name));
  }

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    if (this.cheap.length === 0 || this.dear.length === 0) return this.inner.propose(history, random);
    const waiting = this.waiting(history);
    if (waiting) return { candidate: waiting, repeat: true, measure: this.dear };
    const { size } = this.context.space;
    if (size !== undefined && BigInt(history.distinct) >= size) return undefined;
    const proposal = this.inner.propose(history, random);
    return proposal && { ...proposal, measure: this.cheap };
  }

  /**
   * The first of the last networks whose cheap quantities have arrived and that may still reach the front.
   */
  private waiting(history: History<V>): Candidate<V> | undefined {
    const first = (trial: Trial<V>): boolean =>
      trial.state === 'complete' && trial.measure !== undefined && trial.measure.includes(this.cheap[0]!);
    for (const trial of history.trials.slice(-WAITING)) {
      const { key } = trial.candidate;
      if (!first(trial) || history.of(key) || history.timesAsked(key) > 1) continue;
      if (this.isPromising(trial.candidate, history)) return trial.candidate;
    }
    return undefined;
  }

  private isPromising(candidate: Candidate<V>, history: History<V>): boolean {
    const { objectives, constraints } = this.context;
    const { evaluated } = history;
    const known = history.known(candidate.key);
    if (violation(known, constraints) > 0) return false;
    if (evaluated.length < this.options.nearest) return true;
    const optimistic = this.optimisticCosts(candidate, evaluated);
    const costs = toCostVector(known, objectives).map((cost, axis) =>
      this.cheap.includes(objectives[axis]!.name) ? cost : optimistic[axis]!,
    );
    const front = this.front.update(evaluated);
    return !front.some(({ each: [first] }) => first!.every((cost, axis) => cost <= costs[axis]!));
  }

  /** Per objective: the best of the most similar networks, less some of their standard deviations. */
  private optimisticCosts(candidate: Candidate<V>, evaluated: readonly Evaluated<V>[]): number[] {
    const near = evaluated
      .slice(-RECENT)
      .map((entry) => ({ entry, steps: geneDistance(entry.candidate.genes, candidate.genes) }))
      .sort((a, b) => a.steps - b.steps || a.entry.arrival - b.entry.arrival)
      .slice(0, this.options.nearest)
      .map(({ entry }) => entry.costs);
    return this.context.objectives.map((_, axis) => {
      const own = near.map((costs) => costs[axis]!);
      const mean = own.reduce((sum, cost) => sum + cost, 0) / own.length;
      const variance = own.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / own.length;
      return Math.min(...own) - this.options.margin * Math.sqrt(variance);
    });
  }
}

export const decoupled = {
  name: 'decoupled',
  summary: 'cheap quantities first, dear ones only for networks that may still reach the front',
  source: 'https://arxiv.org/abs/1511.05467',
  mostObjectives: Infinity,
  repeats: true,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new Decoupled(context, options),
} as const satisfies Strategy<typeof params>;
