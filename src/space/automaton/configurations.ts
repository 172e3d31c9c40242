/**
 * Sets of configurations for the subset construction. A configuration is one derivation of what has been
 * read: the state of the layout NFA, and per variable group the assignments that are still possible.
 */
import type { Alternative, LayoutExpr, SpaceModel } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';
import { EMPTY, LayoutNfa } from './layout-nfa.js';
import type { WorkBudget } from './work-budget.js';

/** Configurations of all sets together; the shipped spaces have fewer than 200. */
const CONFIGURATION_LIMIT = 500_000;

interface Configuration {
  readonly layout: number;
  /** Per variable group: bit mask of the remaining assignments. */
  readonly masks: readonly bigint[];
}

/** A symbol that may be read next, the configurations after it, and its probability among derivations. */
export interface Move {
  readonly symbol: number;
  readonly configurations: number;
  readonly weight: number;
}
/** Blocks that may follow inside a stage; `end` where the stage may end. */
export interface StageMoves {
  readonly blocks: readonly Move[];
  readonly end: { readonly configurations: number; readonly weight: number } | undefined;
}

export class Configurations {
  private readonly sets: (readonly Configuration[])[] = [];
  private readonly ids = new Map<string, number>();
  /** Configurations of all sets. */
  private size = 0;
  private readonly layouts: LayoutNfa;
  /** Per variable group: all assignments. */
  private readonly full: readonly bigint[];
  private readonly stageMoves = new Map<string, StageMoves>();

  /** @param derivations one configuration per set, so that paths are derivations with probabilities */
  constructor(
    private readonly model: SpaceModel,
    private readonly derivations: boolean,
    private readonly work: WorkBudget,
  ) {
    this.layouts = new LayoutNfa(model.rules);
    this.full = model.groups.map(({ size }) => (1n << BigInt(size)) - 1n);
  }

  /** The set before the first symbol. */
  start(): number {
    return this.intern([{ layout: EMPTY, masks: this.full }]);
  }

  /** @throws TooLargeError */
  private intern(set: readonly Configuration[]): number {
    this.work.spend(set.length / 2);
    const byKey = new Map(set.map((one) => [`${one.layout}:${one.masks.join(',')}`, one]));
    const keys = [...byKey.keys()].sort();
    const key = keys.join(';');
    let id = this.ids.get(key);
    if (id === undefined) {
      this.size += keys.length;
      if (this.size > CONFIGURATION_LIMIT)
        throw new TooLargeError(
          `the layouts can be derived in more than ${CONFIGURATION_LIMIT} ways that must be told apart`,
        );
      id = this.sets.push(keys.map((one) => byKey.get(one)!)) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  /**
   * Moves by the alternatives of a part outside stages, or of a stage header, after which `layout` begins.
   */
  choose(configurations: number, alternatives: readonly Alternative[], layout?: LayoutExpr): Move[] {
    const next = layout ? this.layouts.start(layout) : EMPTY;
    const bySymbol = new Map<number, Configuration[]>();
    const separate: Move[] = [];
    for (const { masks } of this.sets[configurations]!) {
      for (const alternative of alternatives) {
        const left = narrowed(masks, alternative);
        if (!left) continue;
        const { symbol } = alternative;
        if (this.derivations)
          separate.push({
            symbol,
            configurations: this.intern([{ layout: next, masks: left }]),
            weight: probability(masks, left, alternative),
          });
        else bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), { layout: next, masks: left }]);
      }
    }
    return this.derivations ? separate : this.merged(bySymbol);
  }

  private merged(bySymbol: ReadonlyMap<number, readonly Configuration[]>): Move[] {
    return [...bySymbol].map(([symbol, set]) => ({ symbol, configurations: this.intern(set), weight: 1 }));
  }

  /** @param left blocks that may still follow in the stage; Infinity where its layout is finite */
  inStage(configurations: number, left: number): StageMoves {
    const key = `${configurations},${left}`;
    let found = this.stageMoves.get(key);
    if (!found) {
      found = this.derivations
        ? this.derivationMoves(configurations, left)
        : this.mergedMoves(configurations, left);
      this.stageMoves.set(key, found);
    }
    return found;
  }

  private mergedMoves(configurations: number, left: number): StageMoves {
    const blocks = new Map<number, Configuration[]>();
    const ends: Configuration[] = [];
    for (const { layout, masks } of this.sets[configurations]!) {
      const moves = this.layouts.moves(layout, left);
      if (moves.accepts) ends.push({ layout: EMPTY, masks: this.afterStage(masks) });
      for (const { slot, next } of moves.letters) {
        for (const alternative of this.model.slots[slot]!.alternatives) {
          const remaining = narrowed(masks, alternative);
          if (!remaining) continue;
          const set = blocks.get(alternative.symbol);
          if (set) set.push({ layout: next, masks: remaining });
          else blocks.set(alternative.symbol, [{ layout: next, masks: remaining }]);
        }
      }
    }
    return {
      blocks: this.merged(blocks),
      end: ends.length > 0 ? { configurations: this.intern(ends), weight: 1 } : undefined,
    };
  }

  private derivationMoves(configurations: number, left: number): StageMoves {
    const { layout, masks } = this.sets[configurations]![0]!;
    const { letters, accepts } = this.layouts.weightedMoves(layout, left);
    const blocks = letters.flatMap(({ slot, next, weight }) =>
      this.model.slots[slot]!.alternatives.flatMap((alternative): Move[] => {
        const remaining = narrowed(masks, alternative);
        if (!remaining) return [];
        return [
          {
            symbol: alternative.symbol,
            configurations: this.intern([{ layout: next, masks: remaining }]),
            weight: weight * probability(masks, remaining, alternative),
          },
        ];
      }),
    );
    if (accepts.ways === 0) return { blocks, end: undefined };
    const configurationsAfter = this.intern([{ layout: EMPTY, masks: this.afterStage(masks) }]);
    return { blocks, end: { configurations: configurationsAfter, weight: accepts.weight } };
  }

  /** Restores all assignments of the groups that are chosen per stage. */
  private afterStage(masks: readonly bigint[]): readonly bigint[] {
    return masks.map((mask, group) =>
      this.model.groups[group]!.scope === 'stage' ? this.full[group]! : mask,
    );
  }
}

/** The assignments under which an alternative is allowed; undefined where there are none. */
function narrowed(masks: readonly bigint[], alternative: Alternative): readonly bigint[] | undefined {
  if (alternative.masks.length === 0) return masks;
  const result = [...masks];
  for (const { group, mask } of alternative.masks) {
    result[group] = result[group]! & mask;
    if (result[group] === 0n) return undefined;
  }
  return result;
}

/** Probability of an alternative: its weight, times the share of assignments that remain in each group. */
function probability(
  before: readonly bigint[],
  after: readonly bigint[],
  { masks, weight }: Alternative,
): number {
  return masks.reduce(
    (product, { group }) => (product * bitCount(after[group]!)) / bitCount(before[group]!),
    weight,
  );
}

function bitCount(mask: bigint): number {
  let count = 0;
  for (let left = mask; left > 0n; left &= left - 1n) count++;
  return count;
}
