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

/**
 * From this length on a proposal must cost no more than evolution is worth: models are fitted to `LONG_MOST`
 * observations, made anew with their pool every `LONG_STEP` arrivals, see one arrival in `LONG_SHARE` in
 * between, and are read every `SEEN_STEP`.
 */
const LONG = 1024;
const LONG_MOST = 256;
const LONG_STEP = 512;
const LONG_SHARE = 2;
const SEEN_STEP = 16;

/** The last multiple of `LONG_STEP` up to a long length; undefined for one that is not long. */
export const longLength = (length: number): number | undefined =>
  length < LONG ? undefined : length - (length % LONG_STEP);

/** Arrivals of a long history that models have seen; undefined for one that is not long: all. */
export const seenLength = (length: number): number | undefined =>
  length < LONG ? undefined : length - (length % SEEN_STEP);

/** The last length of a history at which models are fitted, up to `length`. */
export function fitLength(length: number): number {
  const long = longLength(length);
  if (long !== undefined) return long;
  let at = FIRST_FIT;
  for (;;) {
    const next = at + Math.max(3, Math.min(Math.ceil(at / 2), MOST / 2));
    if (next > length) return Math.min(at, length);
    at = next;
  }
}

/**
 * At most `MOST` of the entries, to fit models to, or `LONG_MOST` of a long history: half by rank, the others
 * evenly over the arrivals; in the order given.
 * @param length of the history that the entries are of
 */
export function chosenEntries<V>(entries: readonly Evaluated<V>[], length: number): readonly Evaluated<V>[] {
  const most = length < LONG ? MOST : LONG_MOST;
  if (entries.length <= most) return entries;
  const ranks = nonDominatedRanks(entries.map(({ each }) => each[0]!));
  const byRank = entries.map((_, index) => index).sort((a, b) => ranks[a]! - ranks[b]! || b - a);
  const kept = new Set(byRank.slice(0, most / 2));
  const rest = entries.map((_, index) => index).filter((index) => !kept.has(index));
  const step = rest.length / (most / 2);
  for (let at = 0; at < most / 2; at++) kept.add(rest[Math.floor(at * step)]!);
  return entries.filter((_, index) => kept.has(index));
}

/** A quantity to model, as a function of an evaluated candidate. */
export type Quantity<V> = (entry: Evaluated<V>) => number;

export class CostModels<V> {
  readonly models: readonly Surrogate[];

  /**
   * @param entries arrivals that the models are fitted to
   * @param added number of arrivals that `entries` were chosen from, a length of `fitLength`
   * @param earlier models of the same quantities: where fitted to the same entries, over another pool, their
   * hyperparameters hold
   */
  constructor(
    private readonly pool: CandidatePool<V>,
    private readonly quantities: readonly Quantity<V>[],
    name: ModelName,
    readonly entries: readonly Evaluated<V>[],
    private added: number,
    random: Random,
    earlier?: CostModels<V>,
  ) {
    const known = earlier?.entries === entries ? earlier.models : [];
    const xs = entries.map(({ candidate }) => pool.reader.of(candidate));
    this.models = quantities.map((quantity, index) =>
      modelOf(name, pool, xs, entries.map(quantity), random.fork(`model ${index}`), known[index]),
    );
  }

  /** Adds what has arrived since. */
  observe(evaluated: readonly Evaluated<V>[]): void {
    const { length } = evaluated;
    for (; this.added < (seenLength(length) ?? length); this.added++) {
      if (length >= LONG && this.added % LONG_SHARE > 0) continue;
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
  known: Surrogate | undefined,
): Surrogate {
  const choice = known instanceof WarpedProcess ? known.choice : undefined;
  switch (name) {
    case 'gaussian-process':
      return new WarpedProcess(['product'], { pool, xs, ys }, choice);
    case 'ridge':
      return new WarpedProcess(['pairs'], { pool, xs, ys }, choice);
    case 'ensemble':
      return new NetworkEnsemble({ pool, xs, ys, random });
    case 'auto':
      return new WarpedProcess(['product', 'pairs'], { pool, xs, ys }, choice);
    default:
      return name satisfies never;
  }
}
