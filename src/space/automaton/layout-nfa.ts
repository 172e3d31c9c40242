/**
 * The nondeterministic automaton of a layout, by partial derivatives (Antimirov 1996,
 * https://doi.org/10.1016/0304-3975(95)00182-4). A state is the rest of the layout that is still to be
 * matched, as a linked list of expressions; equal rests are one state, so that rules may recurse. Recursion
 * ends where the shortest word of a rest is longer than the blocks that may still follow.
 */
import { shortestOf, shortestOfRules } from '../model/layout-length.js';
import type { LayoutExpr, SpaceModel } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';

/** `layout` followed by the state `rest`. */
interface Derivative {
  readonly layout: LayoutExpr;
  readonly min: number;
  readonly max: number;
  readonly rest: number;
  /** Length of the shortest word from here on. */
  readonly shortest: number;
}
export interface Moves {
  readonly letters: readonly { readonly slot: number; readonly next: number }[];
  /** The word may end here. */
  readonly accepts: boolean;
}

/** `weight`: probability; `ways`: number of derivations, at most 2. */
export interface WeightedMoves {
  readonly letters: readonly {
    readonly slot: number;
    readonly next: number;
    readonly weight: number;
    readonly ways: number;
  }[];
  readonly accepts: { readonly weight: number; readonly ways: number };
}

const MANY = 2;
/** Probability below which a cycle of empty repetitions is no longer followed. */
const NEGLIGIBLE = 1e-18;
/** States visited while the moves of one state are computed. */
const CLOSURE_LIMIT = 50_000;
/** States of all layouts, which recursive rules multiply. */
const DERIVATIVE_LIMIT = 200_000;
/** The state after the whole layout. */
export const EMPTY = 0;

export class LayoutNfa {
  private readonly derivatives: (Derivative | undefined)[] = [undefined];
  private readonly ids = new Map<string, number>();
  private readonly layoutIds = new Map<LayoutExpr, number>();
  private readonly closures = new Map<string, Moves>();
  private readonly weighted = new Map<string, WeightedMoves>();
  private readonly shortest: ReadonlyMap<string, number>;

  constructor(private readonly rules: SpaceModel['rules']) {
    this.shortest = shortestOfRules(rules);
  }

  /** The state before the first block of `layout`. */
  start(layout: LayoutExpr): number {
    return this.intern(layout, EMPTY);
  }

  private intern(
    layout: LayoutExpr,
    rest: number,
    min = layout.kind === 'repeat' ? layout.min : 0,
    max = layout.kind === 'repeat' ? layout.max : 0,
  ): number {
    let layoutId = this.layoutIds.get(layout);
    if (layoutId === undefined) this.layoutIds.set(layout, (layoutId = this.layoutIds.size));
    const key = `${layoutId},${min},${max},${rest}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      if (this.derivatives.length > DERIVATIVE_LIMIT)
        throw new TooLargeError(`the layouts have more than ${DERIVATIVE_LIMIT} states`);
      const own =
        layout.kind === 'repeat'
          ? shortestOf({ ...layout, min }, this.shortest)
          : shortestOf(layout, this.shortest);
      id =
        this.derivatives.push({
          layout,
          min,
          max,
          rest,
          shortest: own + (this.derivatives[rest]?.shortest ?? 0),
        }) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  /** @param left blocks that may still follow; Infinity where the layout is finite */
  moves(state: number, left: number): Moves {
    const key = left === Infinity ? String(state) : `${state},${left}`;
    let found = this.closures.get(key);
    if (!found) this.closures.set(key, (found = this.closure(state, left)));
    return found;
  }

  /** Transitions that read no block, with their probabilities; none for a letter. */
  private emptyMoves({
    layout,
    min,
    max,
    rest,
  }: Derivative): readonly (readonly [state: number, weight: number])[] {
    switch (layout.kind) {
      case 'letter':
        return [];
      case 'sequence':
        return [[layout.items.reduceRight((tail, item) => this.intern(item, tail), rest), 1]];
      case 'choice': {
        const sum = layout.options.reduce((total, { weight }) => total + weight, 0);
        return layout.options.map(
          (option) => [this.intern(option.layout, rest), option.weight / sum] as const,
        );
      }
      case 'rule':
        return [[this.intern(this.rules.get(layout.name)!, rest), 1]];
      case 'repeat': {
        const ways: [number, number][] = [];
        // Every number of repetitions has the same probability; an open repetition continues with probability
        // 1/2.
        const last = max === Infinity ? 0.5 : 1 / (max + 1);
        const stop = min > 0 ? 0 : last;
        if (min === 0) ways.push([rest, stop]);
        if (max > 0)
          ways.push([
            this.intern(
              layout.item,
              max === 1 ? rest : this.intern(layout, rest, Math.max(0, min - 1), max - 1),
            ),
            1 - stop,
          ]);
        return ways;
      }
      default:
        return layout satisfies never;
    }
  }

  private closure(state: number, left: number): Moves {
    const letters = new Map<string, { slot: number; next: number }>();
    const seen = new Set<number>([state]);
    const open = [state];
    let accepts = false;
    while (open.length > 0) {
      const derivative = this.derivatives[open.pop()!];
      if (!derivative) {
        accepts = true;
        continue;
      }
      if (derivative.layout.kind === 'letter') {
        if (left > 0)
          letters.set(`${derivative.layout.slot},${derivative.rest}`, {
            slot: derivative.layout.slot,
            next: derivative.rest,
          });
        continue;
      }
      for (const [next] of this.emptyMoves(derivative)) {
        if (seen.has(next) || (this.derivatives[next]?.shortest ?? 0) > left) continue;
        if (seen.size >= CLOSURE_LIMIT)
          throw new TooLargeError(`a layout has more than ${CLOSURE_LIMIT} states at one position`);
        seen.add(next);
        open.push(next);
      }
    }
    return { letters: [...letters.values()], accepts };
  }

  /** The moves with their probabilities, and whether one derivation or several lead to each. */
  weightedMoves(state: number, left: number): WeightedMoves {
    const key = left === Infinity ? String(state) : `${state},${left}`;
    let found = this.weighted.get(key);
    if (!found) this.weighted.set(key, (found = this.weightedClosure(state, left)));
    return found;
  }

  /**
   * Propagates probability along transitions that read no block, until what a cycle adds is negligible.
   */
  private weightedClosure(state: number, left: number): WeightedMoves {
    const letters = new Map<number, { slot: number; next: number; weight: number; ways: number }>();
    const accepts = { weight: 0, ways: 0 };
    const passed = new Map<number, number>();
    let arriving = new Map<number, { weight: number; ways: number }>([[state, { weight: 1, ways: 1 }]]);
    while (arriving.size > 0) {
      const next = new Map<number, { weight: number; ways: number }>();
      for (const [id, { weight, ways }] of arriving) {
        const fresh = Math.min(ways, MANY - (passed.get(id) ?? 0));
        passed.set(id, (passed.get(id) ?? 0) + fresh);
        const derivative = this.derivatives[id];
        if (!derivative || derivative.layout.kind === 'letter') {
          if (derivative && left <= 0) continue;
          let into: { weight: number; ways: number } = accepts;
          if (derivative) {
            if (!letters.has(id))
              letters.set(id, {
                slot: (derivative.layout as LayoutExpr & { kind: 'letter' }).slot,
                next: derivative.rest,
                weight: 0,
                ways: 0,
              });
            into = letters.get(id)!;
          }
          into.weight += weight;
          into.ways = Math.min(MANY, into.ways + fresh);
          continue;
        }
        for (const [to, part] of this.emptyMoves(derivative)) {
          if ((this.derivatives[to]?.shortest ?? 0) > left || (weight * part < NEGLIGIBLE && fresh === 0))
            continue;
          if (passed.size + next.size > CLOSURE_LIMIT)
            throw new TooLargeError(`a layout has more than ${CLOSURE_LIMIT} states at one position`);
          const known = next.get(to);
          if (known) {
            known.weight += weight * part;
            known.ways += fresh;
          } else next.set(to, { weight: weight * part, ways: fresh });
        }
      }
      arriving = next;
    }
    return { letters: [...letters.values()], accepts };
  }
}
