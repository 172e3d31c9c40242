/**
 * FBNetV5's search: every task has a distribution per gene, all of them learn from every network. A network
 * is drawn from the mixture of the tasks, and task t learns by REINFORCE with the importance weight
 * π_t(a)/q(a). Tasks are the scores to maximise; costs to minimise are subtracted. Wu et al. 2021,
 * https://arxiv.org/abs/2111.10007 (its update is not published; weights here are those at arrival).
 */

import type { ParamsOf } from '../../util/params.js';
import type { Evaluated } from '../history.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import { drawGenes } from './gene-distribution.js';

const params = {
  initial: { kind: 'int', min: 2, max: 100_000, default: 16, doc: 'uniform draws that set the baselines' },
  rate: { kind: 'number', min: 0.001, max: 10, default: 0.25, doc: 'step of the logits' },
  costs: { kind: 'number', min: 0, max: 100, default: 0.5, doc: 'weight of the costs against the score' },
} as const;

/** Largest importance weight. */
const CLIP = 5;

class PerTask<V> implements Proposer<V> {
  /** `[task][gene][choice + 1]` */
  private readonly logits: number[][][];
  private readonly tasks: readonly number[];
  private readonly baselines: number[];
  private mean: number[] = [];
  private scale: number[] = [];
  private learned = 0;

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {
    const scores = context.objectives.flatMap(({ better }, axis) => (better === 'higher' ? [axis] : []));
    this.tasks = scores.length > 0 ? scores : context.objectives.map((_, axis) => axis);
    this.baselines = this.tasks.map(() => 0);
    this.logits = this.tasks.map(() =>
      context.space.genes.map(({ choices }) => new Array<number>(choices + 1).fill(0)),
    );
  }

  propose(
    { evaluated, distinct }: Parameters<Proposer<V>['propose']>[0],
    random: Parameters<Proposer<V>['propose']>[1],
  ) {
    const { space } = this.context;
    if (distinct < this.options.initial || evaluated.length < this.options.initial)
      return { candidate: space.sample(random) };
    for (; this.learned < evaluated.length; this.learned++) {
      if (this.learned < this.options.initial) {
        this.standardise(evaluated.slice(0, this.options.initial));
        this.learned = this.options.initial - 1;
        continue;
      }
      this.learn(evaluated[this.learned]!);
    }
    const task = random.integer(this.tasks.length);
    return { candidate: drawGenes(space, this.logits[task]!.map(softmax), random) ?? space.sample(random) };
  }

  private standardise(entries: readonly Evaluated<V>[]): void {
    this.mean = this.context.objectives.map(
      (_, axis) => entries.reduce((sum, { each }) => sum + each[0]![axis]!, 0) / entries.length,
    );
    this.scale = this.mean.map((mean, axis) => {
      const squares = entries.reduce((sum, { each }) => sum + (each[0]![axis]! - mean) ** 2, 0);
      return Math.sqrt(squares / entries.length) || 1;
    });
  }

  private learn({ candidate, each }: Evaluated<V>): void {
    const costs = each[0]!.map((cost, axis) => (cost - this.mean[axis]!) / this.scale[axis]!);
    const others = costs.filter((_, axis) => !this.tasks.includes(axis));
    const penalty = others.reduce((sum, cost) => sum + cost, 0) / Math.max(1, others.length);
    const shares = this.logits.map((own) => own.map(softmax));
    const logs = shares.map((own) =>
      candidate.genes.reduce((sum, value, gene) => sum + Math.log(own[gene]![value + 1]!), 0),
    );
    const highest = Math.max(...logs);
    const mixture = logs.reduce((sum, log) => sum + Math.exp(log - highest), 0) / logs.length;
    this.tasks.forEach((axis, task) => {
      const reward = -costs[axis]! - this.options.costs * penalty;
      const advantage = Math.max(-3, Math.min(3, reward - this.baselines[task]!));
      this.baselines[task]! += 0.05 * (reward - this.baselines[task]!);
      const weight = Math.min(CLIP, Math.exp(logs[task]! - highest) / mixture);
      candidate.genes.forEach((value, gene) => {
        const own = this.logits[task]![gene]!;
        own.forEach((logit, at) => {
          const gradient = (at === value + 1 ? 1 : 0) - shares[task]![gene]![at]!;
          own[at] = Math.max(-6, Math.min(6, logit + this.options.rate * weight * advantage * gradient));
        });
      });
    });
  }
}

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

export const perTask = {
  name: 'per-task',
  summary: 'a distribution per task, all learning from every network by importance-weighted REINFORCE',
  source: 'https://arxiv.org/abs/2111.10007',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new PerTask(context, options),
} as const satisfies Strategy<typeof params>;
