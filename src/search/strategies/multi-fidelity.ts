/**
 * Asynchronous successive halving over several objectives: short trainings first, and the best 1/reduction of
 * a rung by non-dominated rank go on to the next, their seeds together. A paused training may be continued,
 * so nothing is thrown away. Li et al. 2020, https://arxiv.org/abs/1810.05934; Schmucker et al. 2021
 * (MO-ASHA), https://arxiv.org/abs/2106.12639
 */

import type { ParamsOf } from '../../util/params.js';
import { crowdingDistances, nonDominatedRanks } from '../../util/pareto/front.js';
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import type { History } from '../history.js';
import { toCostVector } from '../objective.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { innerNames, innerStrategy } from './inner-strategy.js';

const params = {
  strategy: { kind: 'choice', oneOf: innerNames, default: 'uniform', doc: 'what proposes new networks' },
  reduction: { kind: 'int', min: 2, max: 16, default: 3, doc: 'one in this many goes on from a rung' },
  rungs: { kind: 'int', min: 2, max: 10, default: 3, doc: 'rungs, the whole training included' },
  seeds: { kind: 'int', min: 1, max: 64, default: 1, doc: 'seeds of a network, which are promoted together' },
} as const;

/** What is known of one network at one rung. */
interface Standing<V> {
  readonly candidate: Candidate<V>;
  asked: number;
  answered: number;
  readonly costs: number[][];
}

class MultiFidelity<V> implements Proposer<V> {
  private readonly inner: Proposer<V>;

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {
    this.inner = innerStrategy(options.strategy, context);
  }

  /** Share of the training at a rung, the last being 1. */
  private fidelityOf(rung: number): number {
    return this.options.reduction ** (rung + 1 - this.options.rungs);
  }

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    const rungs = this.standings(history);
    for (let rung = rungs.length - 1; rung >= 0; rung--) {
      for (const standing of rungs[rung]!.values())
        if (standing.asked < this.options.seeds) return this.request(standing, rung);
      const promoted = rung > 0 ? this.promotion(rungs[rung - 1]!, rungs[rung]!) : undefined;
      if (promoted) return this.request({ ...promoted, asked: 0 }, rung);
    }
    const { size } = this.context.space;
    if (size !== undefined && BigInt(history.distinct) >= size) return undefined;
    const proposal = this.inner.propose(history, random);
    return proposal && { ...proposal, replicate: 1, fidelity: this.fidelityOf(0) };
  }

  private request({ candidate, asked }: Standing<V>, rung: number): Proposal<V> {
    return { candidate, repeat: true, replicate: asked + 1, fidelity: this.fidelityOf(rung) };
  }

  private standings({ trials }: History<V>): Map<string, Standing<V>>[] {
    const rungs = Array.from({ length: this.options.rungs }, () => new Map<string, Standing<V>>());
    for (const { candidate, fidelity, state, values } of trials) {
      const rung = this.options.rungs - 1 + Math.round(Math.log(fidelity) / Math.log(this.options.reduction));
      const own = rungs[Math.max(0, rung)]!;
      const standing = own.get(candidate.key) ?? { candidate, asked: 0, answered: 0, costs: [] };
      own.set(candidate.key, standing);
      standing.asked++;
      if (state !== 'pending') standing.answered++;
      if (state === 'complete') standing.costs.push(toCostVector(values!, this.context.objectives));
    }
    return rungs;
  }

  /** The best of a rung that is among its best 1/reduction and has not gone on yet. */
  private promotion(
    rung: ReadonlyMap<string, Standing<V>>,
    next: ReadonlyMap<string, Standing<V>>,
  ): Standing<V> | undefined {
    const finished = [...rung.values()].filter(
      ({ answered, costs }) => answered >= this.options.seeds && costs.length > 0,
    );
    const count = Math.floor(finished.length / this.options.reduction);
    if (next.size >= count) return undefined;
    const means = finished.map(({ costs }) =>
      costs[0]!.map((_, axis) => costs.reduce((sum, own) => sum + own[axis]!, 0) / costs.length),
    );
    const ranks = nonDominatedRanks(means);
    const distances = new Array<number>(means.length).fill(0);
    for (let rank = 0; rank <= Math.max(...ranks); rank++) {
      const members = ranks.flatMap((own, index) => (own === rank ? [index] : []));
      crowdingDistances(members.map((index) => means[index]!)).forEach((distance, at) => {
        distances[members[at]!] = distance;
      });
    }
    const order = finished
      .map((_, index) => index)
      .sort((a, b) => ranks[a]! - ranks[b]! || compared(distances[b]!, distances[a]!) || a - b);
    const chosen = order.slice(0, count).find((index) => !next.has(finished[index]!.candidate.key));
    return chosen === undefined ? undefined : finished[chosen];
  }
}

/** Difference that is 0 for two infinities. */
const compared = (a: number, b: number): number => (a === b ? 0 : a - b);

export const multiFidelity = {
  name: 'multi-fidelity',
  summary: 'short trainings first; the best by non-dominated rank go on, their seeds together',
  source: 'https://arxiv.org/abs/2106.12639',
  mostObjectives: Infinity,
  repeats: true,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new MultiFidelity(context, options),
} as const satisfies Strategy<typeof params>;
