/**
 * Training-free search: networks are ranked by a score that is known without training, under constraints, and
 * only the best are evaluated. The programme is DeepMAD's: most entropy within the exact costs' bounds and a
 * limit of the effectiveness ρ (depth over width), solved by evolution on the score. With exact objectives
 * (MACs), the front of score and costs is proposed. Shen et al. 2023, https://arxiv.org/abs/2303.02165
 */
import { UserError } from '../../util/errors.js';
import { nameHint } from '../../util/nearest-name.js';
import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import { isListed } from '../models/candidate-pool.js';
import { toCostVector, violation } from '../objective.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import { survivors } from './nsga2.js';
import type { Individual } from './steady-state-evolution.js';

const params = {
  score: { kind: 'text', default: 'entropy', doc: 'training-free score of the space that is maximised' },
  effectiveness: {
    kind: 'number',
    min: 0,
    max: 1000,
    default: 0.5,
    doc: 'largest ρ, where the space gives it: 0.3 for plain, 0.5 for mobile networks',
  },
  population: {
    kind: 'int',
    min: 8,
    max: 100_000,
    default: 256,
    doc: 'networks kept by the inner evolution',
  },
  steps: { kind: 'int', min: 0, max: 10_000_000, default: 4000, doc: 'mutations of the inner evolution' },
} as const;

class TrainingFree<V> implements Proposer<V> {
  private ranked: readonly Candidate<V>[] | undefined;

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {}

  propose(history: Parameters<Proposer<V>['propose']>[0], random: Random) {
    this.ranked ??= this.solved(this.context.random.fork('solve'));
    const next = this.ranked.find(({ key }) => !history.seen(key));
    return { candidate: next ?? this.context.space.sample(random) };
  }

  /** Best first: by rank over score and exact costs, the sparsest of a rank first. */
  private solved(random: Random): Candidate<V>[] {
    const { space } = this.context;
    const { population, steps } = this.options;
    const found = new Map<string, Individual<V>>();
    const add = (candidate: Candidate<V>): void => {
      if (!found.has(candidate.key)) found.set(candidate.key, this.judged(candidate));
    };
    if (isListed(space, population + steps)) for (const candidate of space.enumerate()) add(candidate);
    else {
      for (let draw = 0; draw < population; draw++) add(space.sample(random));
      let kept = [...found.values()];
      for (let step = 0; step < steps; step++) {
        // Survivors are chosen once per generation: a mutation costs little more than its score.
        if (step % population === 0) {
          kept = survivors([...found.values()], population).map(({ entry }) => entry);
          found.clear();
          for (const entry of kept) found.set(entry.candidate.key, entry);
        }
        add(space.mutate(kept[random.integer(kept.length)]!.candidate, random));
      }
    }
    const all = [...found.values()];
    return survivors(all, all.length).map(({ entry }) => entry.candidate);
  }

  private judged(candidate: Candidate<V>): Individual<V> {
    const { space, objectives, constraints } = this.context;
    const scores = space.trainingFree?.(candidate) ?? {};
    const score = scores[this.options.score];
    if (score === undefined)
      throw new UserError(
        `training-free: score must be one that ${space.name} gives without training, ` +
          `got ${JSON.stringify(this.options.score)}`,
        { fix: nameHint(this.options.score, Object.keys(scores)) },
      );
    const exact = space.exact(candidate);
    const known = objectives.filter(({ name }) => Object.hasOwn(exact, name));
    const limit = { name: 'effectiveness', atMost: this.options.effectiveness };
    return {
      candidate,
      costs: [-score, ...toCostVector(exact, known)],
      violation: violation(exact, constraints) + violation(scores, [limit]),
    };
  }
}

export const trainingFree = {
  name: 'training-free',
  summary: 'the best by a score that needs no training, within limits of cost and depth over width',
  source: 'https://arxiv.org/abs/2303.02165',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new TrainingFree(context, options),
} as const satisfies Strategy<typeof params>;
