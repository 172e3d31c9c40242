/**
 * A layout pattern as a nondeterministic automaton by partial derivatives (Antimirov 1996): a state is what is still to be matched,
 * a chain of patterns, so that equal rests are one state and rules may recurse. Recursion is cut where the shortest word of a
 * chain is longer than the blocks that are left.
 */
import type { Layout, SpaceModel } from './model.js';

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

interface Chain { readonly layout: Layout; readonly min: number; readonly max: number; readonly rest: number; readonly shortest: number }
export interface Moves {
  readonly letters: readonly { readonly template: number; readonly next: number }[];
  /** The word may end here. */
  readonly accepts: boolean;
}

/** Chains looked at while one step is worked out. */
const CHAIN_LIMIT = 50_000;
/** The empty chain. */
export const DONE = 0;

export class LayoutMachine {
  private readonly chains: (Chain | undefined)[] = [undefined];
  private readonly ids = new Map<string, number>();
  private readonly layoutIds = new Map<Layout, number>();
  private readonly closures = new Map<string, Moves>();
  private readonly shortest: ReadonlyMap<string, number>;

  constructor(private readonly rules: SpaceModel['rules']) {
    this.shortest = shortestOfRules(rules);
  }

  /** The state before the first block of `layout`. */
  start(layout: Layout): number { return this.push(layout, DONE); }

  private push(layout: Layout, rest: number, min = layout.kind === 'repeat' ? layout.min : 0, max = layout.kind === 'repeat' ? layout.max : 0): number {
    let layoutId = this.layoutIds.get(layout);
    if (layoutId === undefined) this.layoutIds.set(layout, layoutId = this.layoutIds.size);
    const key = `${layoutId},${min},${max},${rest}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      const own = layout.kind === 'repeat' ? (min === 0 ? 0 : min * shortestOf(layout.item, this.shortest)) : shortestOf(layout, this.shortest);
      id = this.chains.push({ layout, min, max, rest, shortest: own + (this.chains[rest]?.shortest ?? 0) }) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  /** @param left blocks that may still follow; Infinity where the pattern itself is finite */
  moves(state: number, left: number): Moves {
    const key = left === Infinity ? String(state) : `${state},${left}`;
    let found = this.closures.get(key);
    if (!found) this.closures.set(key, found = this.close(state, left));
    return found;
  }

  private close(state: number, left: number): Moves {
    const letters = new Map<string, { template: number; next: number }>();
    const seen = new Set<number>();
    const open = [state];
    let accepts = false;
    const follow = (chain: number): void => {
      if (!seen.has(chain) && (this.chains[chain]?.shortest ?? 0) <= left) {
        if (seen.size >= CHAIN_LIMIT) throw new TooLargeError(`a layout has more than ${CHAIN_LIMIT} ways to go on at one place`);
        seen.add(chain);
        open.push(chain);
      }
    };
    seen.add(state);
    while (open.length > 0) {
      const id = open.pop()!;
      const chain = this.chains[id];
      if (!chain) { accepts = true; continue; }
      const { layout, min, max, rest } = chain;
      switch (layout.kind) {
        case 'letter':
          if (left > 0) letters.set(`${layout.template},${rest}`, { template: layout.template, next: rest });
          break;
        case 'sequence': follow(layout.items.reduceRight((tail, item) => this.push(item, tail), rest)); break;
        case 'choice': for (const option of layout.options) follow(this.push(option.layout, rest)); break;
        case 'rule': follow(this.push(this.rules.get(layout.name)!, rest)); break;
        case 'repeat':
          if (min === 0) follow(rest);
          if (max > 0) follow(this.push(layout.item, max === 1 ? rest : this.push(layout, rest, Math.max(0, min - 1), max - 1)));
          break;
        default: layout satisfies never;
      }
    }
    return { letters: [...letters.values()], accepts };
  }
}

function shortestOf(layout: Layout, rules: ReadonlyMap<string, number>): number {
  switch (layout.kind) {
    case 'letter': return 1;
    case 'sequence': return layout.items.reduce((sum, item) => sum + shortestOf(item, rules), 0);
    case 'choice': return Math.min(...layout.options.map((option) => shortestOf(option.layout, rules)));
    case 'repeat': return layout.min === 0 ? 0 : layout.min * shortestOf(layout.item, rules);
    case 'rule': return rules.get(layout.name) ?? Infinity;
    default: return layout satisfies never;
  }
}

/** Length of the shortest word of every rule; Infinity where a rule never ends. */
export function shortestOfRules(rules: SpaceModel['rules']): ReadonlyMap<string, number> {
  const shortest = new Map<string, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, layout] of rules) {
      const length = shortestOf(layout, shortest);
      if (length < (shortest.get(name) ?? Infinity)) {
        shortest.set(name, length);
        changed = true;
      }
    }
  }
  return shortest;
}

/** Length of the longest word of a layout; Infinity where a repetition is open or a rule stands inside itself. */
export function longestOf(layout: Layout, rules: SpaceModel['rules'], inside: readonly string[] = []): number {
  switch (layout.kind) {
    case 'letter': return 1;
    case 'sequence': return layout.items.reduce((sum, item) => sum + longestOf(item, rules, inside), 0);
    case 'choice': return Math.max(...layout.options.map((option) => longestOf(option.layout, rules, inside)));
    case 'repeat': {
      const item = longestOf(layout.item, rules, inside);
      return item === 0 || layout.max === 0 ? 0 : item * layout.max;
    }
    case 'rule': return inside.includes(layout.name) ? Infinity : longestOf(rules.get(layout.name)!, rules, [...inside, layout.name]);
    default: return layout satisfies never;
  }
}
