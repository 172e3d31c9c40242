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
import type { History, Trial } from '../history.js';
import { toCostVector } from '../objective.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { innerNames, innerStrategy } from './inner-strategy.js';

const params = {
  strategy: { kind: 'choice', oneOf: innerNames, default: 'uniform', doc: 'what proposes new networks' },
  reduction: { kind: 'int', min: 2, max: 16, default: 3, doc: 'one in this many goes on from a rung' },
  rungs: { kind: 'int', min: 2, max: 10, default: 3, doc: 'rungs, the whole training included' },
  seeds: { kind: 'int', min: 1, max: 64, default: 1, doc: 'seeds of a network, which are promoted together' },
} as const;

/** Most networks of a rung that compete for promotion, so that a proposal of a long search costs no more. */
const COMPARED = 1000;

/** What is known of one network at one rung. */
interface Standing<V> {
  readonly candidate: Candidate<V>;
  asked: number;
  answered: number;
  /** By replicate, so that the order of arrival does not change a sum. */
  readonly costs: number[][];
}

/** The networks of one rung, in the order in which they were first asked for. */
interface Rung<V> {
  readonly standings: Map<string, Standing<V>>;
  /** The same, by position. */
  readonly order: Standing<V>[];
  /** Networks that lack a seed. */
  readonly short: Set<string>;
  /** Networks all of whose seeds have answered, at least one with a result. */
  finished: number;
}

class MultiFidelity<V> implements Proposer<V> {
  private readonly inner: Proposer<V>;
  private readonly rungs: readonly Rung<V>[];
  /** Trials up to here are entered; those still without an answer are looked at again. */
  private entered = 0;
  private readonly open = new Set<number>();

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {
    this.inner = innerStrategy(options.strategy, context);
    this.rungs = Array.from({ length: options.rungs }, () => ({
      standings: new Map<string, Standing<V>>(),
      order: [],
      short: new Set<string>(),
      finished: 0,
    }));
  }

  /** Share of the training at a rung, the last being 1. */
  private fidelityOf(rung: number): number {
    return this.options.reduction ** (rung + 1 - this.options.rungs);
  }

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    this.update(history);
    const { rungs } = this;
    for (let rung = rungs.length - 1; rung >= 0; rung--) {
      const { standings, short } = rungs[rung]!;
      for (const key of short) return this.request(standings.get(key)!, rung);
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

  /** Enters what was asked and answered since; the result depends on the history alone. */
  private update({ trials }: History<V>): void {
    for (; this.entered < trials.length; this.entered++) {
      const { number, candidate, fidelity } = trials[this.entered]!;
      const rung = this.rungOf(fidelity);
      const { standings, short } = rung;
      const standing = standings.get(candidate.key) ?? { candidate, asked: 0, answered: 0, costs: [] };
      if (!standings.has(candidate.key)) rung.order.push(standing);
      standings.set(candidate.key, standing);
      standing.asked++;
      if (standing.asked < this.options.seeds) short.add(candidate.key);
      else short.delete(candidate.key);
      this.open.add(number);
    }
    for (const number of this.open) {
      const trial = trials[number]!;
      if (trial.state === 'pending') continue;
      this.open.delete(number);
      this.settle(trial);
    }
  }

  private settle({ candidate, fidelity, replicate, state, values }: Trial<V>): void {
    const rung = this.rungOf(fidelity);
    const standing = rung.standings.get(candidate.key)!;
    const before = this.isFinished(standing);
    standing.answered++;
    if (state === 'complete') standing.costs[replicate - 1] = toCostVector(values!, this.context.objectives);
    if (!before && this.isFinished(standing)) rung.finished++;
  }

  private isFinished({ answered, costs }: Standing<V>): boolean {
    return answered >= this.options.seeds && costs.length > 0;
  }

  private rungOf(fidelity: number): Rung<V> {
    const { rungs, reduction } = this.options;
    const rung = rungs - 1 + Math.round(Math.log(fidelity) / Math.log(reduction));
    return this.rungs[Math.max(0, rung)]!;
  }

  /** The last `COMPARED` finished networks of a rung, in the order asked. */
  private competitors({ order }: Rung<V>): Standing<V>[] {
    const finished: Standing<V>[] = [];
    for (let at = order.length - 1; at >= 0 && finished.length < COMPARED; at--)
      if (this.isFinished(order[at]!)) finished.push(order[at]!);
    return finished.reverse();
  }

  /** The best of a rung that is among its best 1/reduction and has not gone on yet. */
  private promotion(rung: Rung<V>, next: Rung<V>): Standing<V> | undefined {
    if (next.standings.size >= Math.floor(rung.finished / this.options.reduction)) return undefined;
    const finished = this.competitors(rung);
    const count = Math.floor(finished.length / this.options.reduction);
    const means = finished.map(({ costs }) => {
      const known = costs.filter((own) => own !== undefined);
      return known[0]!.map((_, axis) => known.reduce((sum, own) => sum + own[axis]!, 0) / known.length);
    });
    const ranks = nonDominatedRanks(means);
    const fronts: number[][] = [];
    ranks.forEach((rank, index) => {
      (fronts[rank] ??= []).push(index);
    });
    const distances = new Array<number>(means.length).fill(0);
    for (const members of fronts)
      crowdingDistances(members.map((index) => means[index]!)).forEach((distance, at) => {
        distances[members[at]!] = distance;
      });
    const order = finished
      .map((_, index) => index)
      .sort((a, b) => ranks[a]! - ranks[b]! || compared(distances[b]!, distances[a]!) || a - b);
    const chosen = order.slice(0, count).find((index) => !next.standings.has(finished[index]!.candidate.key));
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
