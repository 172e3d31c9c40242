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
const MOST = 256;
const FIRST_FIT = 6;
/** Below this length fits are frequent: candidates are drawn with them alone. */
const FEW = 64;
/** Most arrivals between two fits. */
const FIT_STEP = 128;
/** Most arrivals between two draws of candidates. */
const DRAW_STEP = 48;

/**
 * From this length on models are fitted every `LONG_STEP` arrivals, and in between they see one arrival in
 * `LONG_SHARE`.
 */
const LONG = 1024;
const LONG_STEP = 256;
const LONG_SHARE = 2;

/** The last length of a history at which models are fitted, up to `length`. */
export function fitLength(length: number): number {
  if (length >= LONG) return length - (length % LONG_STEP);
  let at = FIRST_FIT;
  for (;;) {
    const next = at + Math.max(3, Math.min(Math.ceil(at / 2), FIT_STEP));
    if (next > length) return Math.min(at, length);
    at = next;
  }
}

/**
 * The last length up to `length` at which candidates of a large space are drawn: at every fit, and between
 * later ones.
 */
export function drawLength(length: number): number {
  const fitted = fitLength(length);
  if (fitted < FEW) return fitted;
  const step = Math.min(Math.ceil(fitted / 6), fitted < LONG ? DRAW_STEP : LONG_STEP / 2);
  return length - ((length - fitted) % step);
}

/** The last length up to `length` at which all candidates are screened: when they are drawn, and between. */
export function screenLength(length: number): number {
  const drawn = drawLength(length);
  return length - ((length - drawn) % (drawn < FEW ? 8 : 16));
}

/**
 * At most `MOST` of the entries, to fit models to: half by rank, the others evenly over the arrivals; in the
 * order given.
 */
export function chosenEntries<V>(entries: readonly Evaluated<V>[]): readonly Evaluated<V>[] {
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

  /**
   * @param entries arrivals that the models are fitted to
   * @param added number of arrivals that `entries` were chosen from, a length of `fitLength`
   * @param earlier models of the same quantities, not to be used any more: where fitted to the same entries,
   * over another pool, processes hold
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
    const held = known.filter((model) => model instanceof WarpedProcess);
    if (earlier && held.length > 0) {
      this.added = earlier.added;
      this.models = held.map((model) => model.over(pool.features));
      return;
    }
    const xs = entries.map(({ candidate }) => pool.reader.of(candidate));
    this.models = quantities.map((quantity, index) =>
      modelOf(name, pool, xs, entries.map(quantity), random.fork(`model ${index}`)),
    );
  }

  /** Adds what has arrived since. @param length arrivals that count, by default all */
  observe(evaluated: readonly Evaluated<V>[], length = evaluated.length): void {
    for (; this.added < length; this.added++) {
      if (this.added >= LONG && this.added % LONG_SHARE > 0) continue;
      const entry = evaluated[this.added]!;
      const x = this.pool.reader.of(entry.candidate);
      this.models.forEach((model, index) => {
        model.add(x, this.quantities[index]!(entry));
      });
    }
  }

  /** Of all of the pool, to choose some by. */
  screened(): Posterior[] {
    return this.models.map((model) => model.screened());
  }

  /** @param positions in the pool */
  posteriors(positions: ArrayLike<number>): Posterior[] {
    return this.models.map((model) => model.posterior(positions));
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
      return WarpedProcess.of(['product'], { pool, xs, ys });
    case 'ridge':
      return WarpedProcess.of(['pairs'], { pool, xs, ys });
    case 'ensemble':
      return new NetworkEnsemble({ pool, xs, ys, random });
    case 'auto':
      return WarpedProcess.of(['product', 'pairs'], { pool, xs, ys });
    default:
      return name satisfies never;
  }
}
