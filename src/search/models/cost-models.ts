/**
 * Models of the quantities that are not known exactly, over one pool. What they hold is a function of the
 * first arrivals alone: hyperparameters are fitted at fixed lengths of the history, to at most `MOST`
 * observations.
 */
import { nonDominatedRanks } from '../../util/pareto/front.js';
import type { Random } from '../../util/random.js';
import type { Evaluated } from '../history.js';
import type { CandidatePool } from './candidate-pool.js';
import { NetworkEnsemble } from './network-ensemble.js';
import type { Posterior, Surrogate } from './surrogate.js';
import { WarpedProcess } from './warped-process.js';

export type ModelName = 'gaussian-process' | 'ridge' | 'ensemble' | 'auto';

/** Most observations that a model is fitted to. */
const MOST = 500;
const FIRST_FIT = 6;

/** The last length of a history at which models are fitted, up to `length`. */
export function fitLength(length: number): number {
  let at = FIRST_FIT;
  for (;;) {
    const next = at + Math.max(3, Math.min(Math.ceil(at / 2), MOST / 2));
    if (next > length) return Math.min(at, length);
    at = next;
  }
}

/** At most `MOST` of the entries: half by rank, the others evenly over the arrivals; in order of arrival. */
function chosenEntries<V>(entries: readonly Evaluated<V>[]): readonly Evaluated<V>[] {
  if (entries.length <= MOST) return entries;
  const ranks = nonDominatedRanks(entries.map(({ each }) => each[0]!));
  const byRank = entries.map((_, index) => index).sort((a, b) => ranks[a]! - ranks[b]! || b - a);
  const kept = new Set(byRank.slice(0, MOST / 2));
  const rest = entries.map((_, index) => index).filter((index) => !kept.has(index));
  const step = rest.length / (MOST / 2);
  for (let at = 0; at < MOST / 2; at++) kept.add(rest[Math.floor(at * step)]!);
  return entries.filter((_, index) => kept.has(index));
}

/** A quantity to model, as a function of an evaluated candidate. */
export type Quantity<V> = (entry: Evaluated<V>) => number;

export class CostModels<V> {
  readonly models: readonly Surrogate[];
  private added: number;

  /** @param evaluated arrivals up to a length of `fitLength` */
  constructor(
    private readonly pool: CandidatePool<V>,
    private readonly quantities: readonly Quantity<V>[],
    name: ModelName,
    evaluated: readonly Evaluated<V>[],
    random: Random,
  ) {
    const entries = chosenEntries(evaluated);
    const xs = entries.map(({ candidate }) => pool.reader.of(candidate));
    this.models = quantities.map((quantity, index) =>
      modelOf(name, pool, xs, entries.map(quantity), random.fork(`model ${index}`)),
    );
    this.added = evaluated.length;
  }

  /** Adds what has arrived since. */
  observe(evaluated: readonly Evaluated<V>[]): void {
    for (; this.added < evaluated.length; this.added++) {
      const entry = evaluated[this.added]!;
      const x = this.pool.reader.of(entry.candidate);
      this.models.forEach((model, index) => {
        model.add(x, this.quantities[index]!(entry));
      });
    }
  }

  posteriors(): Posterior[] {
    return this.models.map((model) => model.posterior());
  }
}

function modelOf<V>(
  name: ModelName,
  { features: pool }: CandidatePool<V>,
  xs: readonly (readonly number[])[],
  ys: readonly number[],
  random: Random,
): Surrogate {
  switch (name) {
    case 'gaussian-process':
      return new WarpedProcess(['product'], { pool, xs, ys });
    case 'ridge':
      return new WarpedProcess(['pairs'], { pool, xs, ys });
    case 'ensemble':
      return new NetworkEnsemble({ pool, xs, ys, random });
    case 'auto':
      return new WarpedProcess(['product', 'pairs'], { pool, xs, ys });
    default:
      return name satisfies never;
  }
}
