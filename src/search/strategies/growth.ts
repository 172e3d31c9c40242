/**
 * Search by function-preserving growth: small networks are trained first; then, episode by episode, children
 * of a trained network insert blocks or widen it, and go on from its weights, so that their trainings are
 * short. A policy over growth steps learns by REINFORCE which steps pay. Cai et al. 2018 (EAS),
 * https://arxiv.org/abs/1707.04873. The paper's policy is a recurrent network; here it is a table of logits,
 * and an episode starts from a network of the front instead of the best one.
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import { GrowingFront } from '../growing-front.js';
import type { Evaluated, History, Trial } from '../history.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  start: {
    kind: 'int',
    min: 1,
    max: 10_000,
    default: 4,
    doc: 'small networks that are trained from scratch',
  },
  draws: {
    kind: 'int',
    min: 1,
    max: 10_000,
    default: 64,
    doc: 'uniform draws of which a start is the smallest',
  },
  children: { kind: 'int', min: 1, max: 10_000, default: 4, doc: 'children of one network in an episode' },
  steps: { kind: 'int', min: 1, max: 100, default: 2, doc: 'most growth steps from parent to child' },
  rate: { kind: 'number', min: 0, max: 10, default: 0.3, doc: 'step of the logits' },
} as const;

/** Decay of the moving average of rewards. */
const DECAY = 0.95;
/** Largest score that the reward tells apart from a perfect one. */
const PERFECT = 0.999;

/** Arrivals that are parents where the whole front is used up. */
const LAST = 64;
/** Networks whose children are kept. */
const REMEMBERED = 256;

/** Share of each changed gene's new value in one step; the values sum to 1. */
type Features = ReadonlyMap<string, number>;

class Growth<V> implements Proposer<V> {
  private readonly logits = new Map<string, number>();
  private baseline: number | undefined;
  /** Arrivals up to here are learned from, trials up to `entered` are in `grownFrom`. */
  private learned = 0;
  private entered = 0;
  private earlier = 0;
  private readonly first = new Map<string, Trial<V>>();
  /** Own trained networks that break no bound, in order of arrival. */
  private readonly feasible: Evaluated<V>[] = [];
  private readonly front = new GrowingFront<V>();
  private readonly children = new Map<string, readonly Candidate<V>[]>();

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {}

  propose(history: History<V>, random: Random): Proposal<V> {
    this.update(history);
    const { start, children } = this.options;
    const own = history.trials.length - this.earlier;
    if (own < start) return { candidate: this.small(random) };
    const episode = start + Math.floor((own - start) / children) * children;
    const running = history.trials[this.earlier + episode]?.parent;
    if (running) {
      const candidate = this.child(running.candidate, history, random);
      if (candidate) return { candidate, parent: running.number };
    }
    for (const parent of this.parents(history, random)) {
      const candidate = this.child(parent.candidate, history, random);
      if (candidate) return { candidate, parent: parent.number };
    }
    return { candidate: this.small(random) };
  }

  /** The smallest of some draws, by the first exact cost, else by the number of its parts. */
  private small(random: Random): Candidate<V> {
    const { space } = this.context;
    const sizeOf = (candidate: Candidate<V>): number =>
      Object.values(space.exact(candidate))[0] ?? candidate.genes.filter((value) => value >= 0).length;
    let [smallest, least]: [Candidate<V> | undefined, number] = [undefined, Infinity];
    for (let draw = 0; draw < this.options.draws; draw++) {
      const candidate = space.sample(random);
      const size = sizeOf(candidate);
      if (size < least) [smallest, least] = [candidate, size];
    }
    return smallest!;
  }

  /** Trained networks of this search: the front in random order, then others, the last to arrive first. */
  private *parents({ evaluated }: History<V>, random: Random): Iterable<Trial<V>> {
    const front = random.shuffled(this.front.entries);
    for (const { candidate } of [...front, ...evaluated.slice(-LAST).reverse()]) {
      const trial = this.first.get(candidate.key);
      if (trial) yield trial;
    }
  }

  /** Up to `steps` growth steps away and not asked for yet; undefined where there is none. */
  private child(parent: Candidate<V>, history: History<V>, random: Random): Candidate<V> | undefined {
    const steps = 1 + random.integer(this.options.steps);
    let current = parent;
    let found: Candidate<V> | undefined;
    for (let step = 0; step < steps; step++) {
      const next = this.drawn(current, this.grown(current), random);
      if (!next) break;
      current = next;
      if (!history.seen(current.key)) found = current;
    }
    return (
      found ??
      this.drawn(
        parent,
        this.grown(parent).filter(({ key }) => !history.seen(key)),
        random,
      )
    );
  }

  private grown(candidate: Candidate<V>): readonly Candidate<V>[] {
    const { space } = this.context;
    const known = this.children.get(candidate.key);
    if (known) return known;
    const children = space.grown?.(candidate) ?? space.neighbours(candidate);
    this.children.set(candidate.key, children);
    if (this.children.size > REMEMBERED) this.children.delete(this.children.keys().next().value!);
    return children;
  }

  /** One of the children, with the policy's probability. */
  private drawn(
    from: Candidate<V>,
    children: readonly Candidate<V>[],
    random: Random,
  ): Candidate<V> | undefined {
    const shares = this.shares(from, children);
    let left = random.next();
    return children.find((_, at) => (left -= shares[at]!) < 0) ?? children.at(-1);
  }

  private shares(from: Candidate<V>, children: readonly Candidate<V>[]): number[] {
    const merits = children.map((child) => {
      let sum = 0;
      for (const [name, share] of featuresOf(from, child)) sum += share * (this.logits.get(name) ?? 0);
      return Math.exp(sum);
    });
    const total = merits.reduce((sum, merit) => sum + merit, 0);
    return merits.map((merit) => merit / total);
  }

  /** Enters what was asked and has arrived since; a function of the history alone. */
  private update({ trials, evaluated }: History<V>): void {
    for (; this.entered < trials.length; this.entered++) {
      const trial = trials[this.entered]!;
      if (trial.isEarlier) this.earlier++;
      else if (!this.first.has(trial.candidate.key)) this.first.set(trial.candidate.key, trial);
    }
    for (; this.learned < evaluated.length; this.learned++) {
      const entry = evaluated[this.learned]!;
      this.learn(entry);
      if (entry.firstViolation === 0 && this.first.has(entry.candidate.key)) this.feasible.push(entry);
    }
    this.front.update(this.feasible);
  }

  private learn({ candidate, each }: Evaluated<V>): void {
    const parent = this.first.get(candidate.key)?.parent?.candidate;
    if (!parent) return;
    const reward = this.rewardOf(each[0]!);
    const advantage = reward - (this.baseline ?? reward);
    this.baseline = DECAY * (this.baseline ?? reward) + (1 - DECAY) * reward;
    const step = this.options.rate * advantage;
    if (step === 0) return;
    const children = this.grown(parent);
    const shares = this.shares(parent, children);
    this.move(featuresOf(parent, candidate), step);
    children.forEach((child, at) => this.move(featuresOf(parent, child), -step * shares[at]!));
  }

  private move(features: Features, step: number): void {
    for (const [name, share] of features) this.logits.set(name, (this.logits.get(name) ?? 0) + step * share);
  }

  /** tan(score · π/2) of a score that is a fraction, as in the paper; else the score itself. */
  private rewardOf(costs: readonly number[]): number {
    const axis = Math.max(
      0,
      this.context.objectives.findIndex(({ better }) => better === 'higher'),
    );
    const score = -costs[axis]!;
    return score >= 0 && score <= 1 ? Math.tan((Math.min(score, PERFECT) * Math.PI) / 2) : score;
  }
}

function featuresOf(from: Candidate, to: Candidate): Features {
  const changed = to.genes.flatMap((value, gene) => (value === from.genes[gene] ? [] : [`${gene} ${value}`]));
  return new Map(changed.map((name) => [name, 1 / changed.length]));
}

export const growth = {
  name: 'growth',
  summary: 'children of trained networks with inserted blocks or more width, from their weights',
  source: 'https://arxiv.org/abs/1707.04873',
  mostObjectives: Infinity,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new Growth(context, options),
} as const satisfies Strategy<typeof params>;
