/**
 * Results of earlier searches inform a strategy as long as they foretell this search's own answers. In the
 * first tenth of the budget every other trial repeats a network of the earlier front; then the strategy sees
 * both histories, or only its own where the earlier results do not rank it better than chance. A wrong
 * history so costs at most a tenth of the budget.
 */

import { frontIndices } from '../util/pareto/front.js';
import { kendallTau } from '../util/statistics/kendall.js';
import type { Candidate } from './candidate.js';
import type { History } from './history.js';
import { costShare, geneDistance } from './strategies/initial-design.js';

export interface EarlierCandidate<V> {
  readonly candidate: Candidate<V>;
  /** Lower is better. */
  readonly costs: readonly number[];
}

/** Trials of the trial period where the budget is not in trials. */
const OPEN_PERIOD = 10;
/** Fewest own answers that a rank correlation is taken of. */
const FEWEST = 8;
/** One-sided quantile of the normal distribution at 5 %: a rank correlation above is not by chance. */
const QUANTILE = 1.645;
/** Own answers are compared in steps of so many. */
const STEP = 4;
/** Own answers and earlier results that are compared, the last of each. */
const COMPARED = 200;
const EARLIER = 2000;
/** Earlier results that foretell an answer: the most similar ones. */
const NEAREST = 3;

export class EarlierHistory<V> {
  /** Trials of this search that test the earlier results. */
  readonly period: number;
  private readonly front: readonly EarlierCandidate<V>[];
  private readonly verdicts = new Map<number, boolean>();

  /** @param modelled positions of the objectives that are not known exactly */
  constructor(
    private readonly earlier: readonly EarlierCandidate<V>[],
    private readonly modelled: readonly number[],
    budget: number | undefined,
  ) {
    this.period = budget === undefined ? OPEN_PERIOD : Math.floor(budget / 10);
    this.front = frontIndices(earlier.map(({ costs }) => costs))
      .map((index) => earlier[index]!)
      .sort((a, b) => a.costs[0]! - b.costs[0]!);
  }

  /** A network of the earlier front that this trial repeats, both ends first; undefined: there is none. */
  repeated(trial: number, history: History<V>): Candidate<V> | undefined {
    if (trial >= this.period || trial % 2 === 0) return undefined;
    for (let index = (trial - 1) / 2; index < this.front.length; index++) {
      const at = Math.round(costShare(index) * (this.front.length - 1));
      const { candidate } = this.front[at]!;
      if (!history.seen(candidate.key)) return candidate;
    }
    return undefined;
  }

  /** Whether the strategy sees the earlier results; a function of the answers in steps. */
  isTrusted(trial: number, { evaluated }: History<V>): boolean {
    if (trial < this.period) return false;
    const length = evaluated.length - (evaluated.length % STEP);
    if (length < FEWEST) return false;
    const known = this.verdicts.get(length);
    if (known !== undefined) return known;
    const own = evaluated.slice(Math.max(0, length - COMPARED), length);
    const foretold = own.map(({ candidate }) => this.foretold(candidate));
    const error = Math.sqrt((2 * (2 * own.length + 5)) / (9 * own.length * (own.length - 1)));
    const verdict = this.modelled.every((axis) => {
      const { tau = 0 } = kendallTau(
        own.map(({ each }) => each[0]![axis]!),
        foretold.map((costs) => costs[axis]!),
      );
      return tau > QUANTILE * error;
    });
    this.verdicts.set(length, verdict);
    return verdict;
  }

  /** Mean costs of the most similar earlier results. */
  private foretold({ genes }: Candidate<V>): number[] {
    const near = this.earlier
      .slice(-EARLIER)
      .map(({ candidate, costs }) => ({ steps: geneDistance(candidate.genes, genes), costs }))
      .sort((a, b) => a.steps - b.steps);
    const nearest = near[0]!.steps === 0 ? near.filter(({ steps }) => steps === 0) : near.slice(0, NEAREST);
    return nearest[0]!.costs.map(
      (_, axis) => nearest.reduce((sum, { costs }) => sum + costs[axis]!, 0) / nearest.length,
    );
  }
}
