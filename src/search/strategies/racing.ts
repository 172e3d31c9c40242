/**
 * Seed racing: new networks come from another strategy; in between, seeds go to the networks whose membership
 * of the front is open, in doublings (1, 2, 4, …), fewest seeds first. Maron and Moore 1994,
 * https://proceedings.neurips.cc/paper/1993/hash/02a32ad2669e6fe298e607fe7cc0e1a0-Abstract.html
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import { BoundedArrivals } from '../bounded-arrivals.js';
import type { Evaluated, History } from '../history.js';
import { frontMembership, type Membership, pooledNoise } from '../racing/front-membership.js';
import type { Proposal, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { innerNames, innerStrategy } from './inner-strategy.js';

const params = {
  strategy: { kind: 'choice', oneOf: innerNames, default: 'predictor', doc: 'what proposes new networks' },
  share: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.5,
    doc: 'most trials that go to further seeds while new networks are left',
  },
  most: { kind: 'int', min: 2, max: 1024, default: 16, doc: 'most seeds of one network' },
  first: { kind: 'int', min: 2, max: 100_000, default: 12, doc: 'networks before the first repetition' },
} as const;

/** Networks that are raced: all of a short history; of a long one the last to arrive and the best before. */
const RACED = { recent: 1000, step: 500, kept: 500 };

class SeedRacing<V> implements Proposer<V> {
  private readonly inner: Proposer<V>;
  private readonly arrivals = new BoundedArrivals<V>(RACED);
  private known: { readonly answers: number; readonly members: readonly Membership[] } | undefined;

  constructor(
    private readonly context: StrategyContext<V>,
    private readonly options: ParamsOf<typeof params>,
  ) {
    this.inner = innerStrategy(options.strategy, context);
  }

  propose(history: History<V>, random: Random): Proposal<V> | undefined {
    const { evaluated, trials, distinct } = history;
    const { share, first } = this.options;
    const exhausted = this.context.space.size !== undefined && BigInt(distinct) >= this.context.space.size;
    const owed = trials.length - distinct < share * trials.length;
    if (evaluated.length >= first && (owed || exhausted)) {
      const repetition = this.repetition(history);
      if (repetition) return repetition;
    }
    if (exhausted) return undefined;
    const proposal = this.inner.propose(history, random);
    if (!proposal) return this.repetition(history);
    if (!history.seen(proposal.candidate.key)) return proposal;
    // A space with functional duplicates is used up before its size says so: then only seeds are left.
    const { size } = this.context.space;
    const nearlyUsed = size !== undefined && BigInt(2 * distinct) >= size;
    return nearlyUsed ? (this.repetition(history) ?? proposal) : proposal;
  }

  private repetition(history: History<V>): Proposal<V> | undefined {
    const target = this.target(history);
    if (!target) return undefined;
    const { candidate } = history.of(target.key)!;
    return { candidate, repeat: true, replicate: target.asked + 1 };
  }

  private target(history: History<V>): { readonly key: string; readonly asked: number } | undefined {
    let best: { key: string; asked: number; doubt: number } | undefined;
    for (const { key, verdict, probability, replicates } of this.members(history)) {
      const asked = history.timesAsked(key);
      // Seeds come in doublings: a started doubling ends before the verdict counts again.
      const doubling = 2 ** Math.ceil(Math.log2(Math.max(1, replicates)));
      const unfinished = replicates > 1 && asked < doubling;
      if ((verdict !== 'open' && !unfinished) || asked >= this.options.most) continue;
      const doubt = probability * (1 - probability);
      if (!best || asked < best.asked || (asked === best.asked && doubt > best.doubt))
        best = { key, asked, doubt };
    }
    return best;
  }

  private members({ evaluated, repeated }: History<V>): readonly Membership[] {
    const answers = evaluated.length + repeated;
    if (this.known?.answers !== answers) {
      const raced = this.arrivals.of(evaluated, evaluated.length).map(({ arrival }) => evaluated[arrival]!);
      const exact = this.context.space.exact(evaluated[0]!.candidate);
      const measured = pooledNoise(raced) ?? firstGuess(raced);
      const noise = measured.map((own, axis) =>
        Object.hasOwn(exact, this.context.objectives[axis]!.name) ? 0 : own,
      );
      const random = this.context.random.fork(`membership/${answers}`);
      this.known = { answers, members: frontMembership(raced, noise, random) };
    }
    return this.known.members;
  }
}

/**
 * Before any network has two seeds: a twentieth of the range, so that the front's surroundings repeat first.
 */
function firstGuess<V>(evaluated: readonly Evaluated<V>[]): number[] {
  return evaluated[0]!.costs.map((_, axis) => {
    const values = evaluated.map(({ costs }) => costs[axis]!);
    return (Math.max(...values) - Math.min(...values)) / 20;
  });
}

export const racing = {
  name: 'racing',
  summary:
    'further seeds for networks whose membership of the front is open, new networks by another strategy',
  source: 'https://proceedings.neurips.cc/paper/1993/hash/02a32ad2669e6fe298e607fe7cc0e1a0-Abstract.html',
  mostObjectives: Infinity,
  repeats: true,
  params,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> =>
    new SeedRacing(context, options),
} as const satisfies Strategy<typeof params>;
