/**
 * A layout pattern as a nondeterministic automaton by partial derivatives (Antimirov 1996): a state is what
 * is still to be matched, a chain of patterns, so that equal rests are one state and rules may recurse.
 * Recursion is cut where the shortest word of a chain is longer than the blocks that are left.
 */
import type { Layout, SpaceModel } from './model.js';

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

interface Chain {
  readonly layout: Layout;
  readonly min: number;
  readonly max: number;
  readonly rest: number;
  readonly shortest: number;
}
export interface Moves {
  readonly letters: readonly { readonly template: number; readonly next: number }[];
  /** The word may end here. */
  readonly accepts: boolean;
}

/** `weight`: probability; `ways`: how many readings lead there, from 2 on counted as 2. */
export interface Readings {
  readonly letters: readonly {
    readonly template: number;
    readonly next: number;
    readonly weight: number;
    readonly ways: number;
  }[];
  readonly accepts: { readonly weight: number; readonly ways: number };
}

const MANY = 2;
/** Probability that is left out once no reading is new: what a cycle of empty repetitions still passes on. */
const NEGLIGIBLE = 1e-18;
/** Chains looked at while one step is worked out. */
const CHAIN_LIMIT = 50_000;
/** The empty chain. */
export const DONE = 0;

export class LayoutMachine {
  private readonly chains: (Chain | undefined)[] = [undefined];
  private readonly ids = new Map<string, number>();
  private readonly layoutIds = new Map<Layout, number>();
  private readonly closures = new Map<string, Moves>();
  private readonly weighted = new Map<string, Readings>();
  private readonly shortest: ReadonlyMap<string, number>;

  constructor(private readonly rules: SpaceModel['rules']) {
    this.shortest = shortestOfRules(rules);
  }

  /** The state before the first block of `layout`. */
  start(layout: Layout): number {
    return this.push(layout, DONE);
  }

  private push(
    layout: Layout,
    rest: number,
    min = layout.kind === 'repeat' ? layout.min : 0,
    max = layout.kind === 'repeat' ? layout.max : 0,
  ): number {
    let layoutId = this.layoutIds.get(layout);
    if (layoutId === undefined) this.layoutIds.set(layout, (layoutId = this.layoutIds.size));
    const key = `${layoutId},${min},${max},${rest}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      const own =
        layout.kind === 'repeat'
          ? min === 0
            ? 0
            : min * shortestOf(layout.item, this.shortest)
          : shortestOf(layout, this.shortest);
      id =
        this.chains.push({ layout, min, max, rest, shortest: own + (this.chains[rest]?.shortest ?? 0) }) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  /** @param left blocks that may still follow; Infinity where the pattern itself is finite */
  moves(state: number, left: number): Moves {
    const key = left === Infinity ? String(state) : `${state},${left}`;
    let found = this.closures.get(key);
    if (!found) this.closures.set(key, (found = this.close(state, left)));
    return found;
  }

  /** Where a chain leads without a block, with the probability of each way; none for a letter. */
  private steps({ layout, min, max, rest }: Chain): readonly (readonly [chain: number, weight: number])[] {
    switch (layout.kind) {
      case 'letter':
        return [];
      case 'sequence':
        return [[layout.items.reduceRight((tail, item) => this.push(item, tail), rest), 1]];
      case 'choice': {
        const sum = layout.options.reduce((total, { weight }) => total + weight, 0);
        return layout.options.map((option) => [this.push(option.layout, rest), option.weight / sum] as const);
      }
      case 'rule':
        return [[this.push(this.rules.get(layout.name)!, rest), 1]];
      case 'repeat': {
        const ways: [number, number][] = [];
        // Every number of repetitions is as likely as every other; an open one goes on with probability 1/2.
        const stop = min > 0 ? 0 : max === Infinity ? 0.5 : 1 / (max + 1);
        if (min === 0) ways.push([rest, stop]);
        if (max > 0)
          ways.push([
            this.push(layout.item, max === 1 ? rest : this.push(layout, rest, Math.max(0, min - 1), max - 1)),
            1 - stop,
          ]);
        return ways;
      }
      default:
        return layout satisfies never;
    }
  }

  private close(state: number, left: number): Moves {
    const letters = new Map<string, { template: number; next: number }>();
    const seen = new Set<number>([state]);
    const open = [state];
    let accepts = false;
    while (open.length > 0) {
      const chain = this.chains[open.pop()!];
      if (!chain) {
        accepts = true;
        continue;
      }
      if (chain.layout.kind === 'letter') {
        if (left > 0)
          letters.set(`${chain.layout.template},${chain.rest}`, {
            template: chain.layout.template,
            next: chain.rest,
          });
        continue;
      }
      for (const [next] of this.steps(chain)) {
        if (seen.has(next) || (this.chains[next]?.shortest ?? 0) > left) continue;
        if (seen.size >= CHAIN_LIMIT)
          throw new TooLargeError(`a layout has more than ${CHAIN_LIMIT} ways to go on at one place`);
        seen.add(next);
        open.push(next);
      }
    }
    return { letters: [...letters.values()], accepts };
  }

  /** The same moves with the probability of each, and whether one reading or several lead to it. */
  readings(state: number, left: number): Readings {
    const key = left === Infinity ? String(state) : `${state},${left}`;
    let found = this.weighted.get(key);
    if (!found) this.weighted.set(key, (found = this.read(state, left)));
    return found;
  }

  /**
   * What arrives at a chain is passed on as it comes; around a cycle it shrinks until it no longer matters.
   */
  private read(state: number, left: number): Readings {
    const letters = new Map<number, { template: number; next: number; weight: number; ways: number }>();
    const accepts = { weight: 0, ways: 0 };
    const passed = new Map<number, number>();
    let arriving = new Map<number, { weight: number; ways: number }>([[state, { weight: 1, ways: 1 }]]);
    while (arriving.size > 0) {
      const next = new Map<number, { weight: number; ways: number }>();
      for (const [id, { weight, ways }] of arriving) {
        const fresh = Math.min(ways, MANY - (passed.get(id) ?? 0));
        passed.set(id, (passed.get(id) ?? 0) + fresh);
        const chain = this.chains[id];
        if (!chain || chain.layout.kind === 'letter') {
          if (chain && left <= 0) continue;
          let into: { weight: number; ways: number } = accepts;
          if (chain) {
            if (!letters.has(id))
              letters.set(id, {
                template: (chain.layout as Layout & { kind: 'letter' }).template,
                next: chain.rest,
                weight: 0,
                ways: 0,
              });
            into = letters.get(id)!;
          }
          into.weight += weight;
          into.ways = Math.min(MANY, into.ways + fresh);
          continue;
        }
        for (const [to, part] of this.steps(chain)) {
          if ((this.chains[to]?.shortest ?? 0) > left || (weight * part < NEGLIGIBLE && fresh === 0))
            continue;
          if (passed.size + next.size > CHAIN_LIMIT)
            throw new TooLargeError(`a layout has more than ${CHAIN_LIMIT} ways to go on at one place`);
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

function shortestOf(layout: Layout, rules: ReadonlyMap<string, number>): number {
  switch (layout.kind) {
    case 'letter':
      return 1;
    case 'sequence':
      return layout.items.reduce((sum, item) => sum + shortestOf(item, rules), 0);
    case 'choice':
      return Math.min(...layout.options.map((option) => shortestOf(option.layout, rules)));
    case 'repeat':
      return layout.min === 0 ? 0 : layout.min * shortestOf(layout.item, rules);
    case 'rule':
      return rules.get(layout.name) ?? Infinity;
    default:
      return layout satisfies never;
  }
}

/** Length of the shortest word of every rule; Infinity where a rule never ends. */
export function shortestOfRules(rules: SpaceModel['rules']): ReadonlyMap<string, number> {
  const shortest = new Map<string, number>();
  for (let changed = true; changed; ) {
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

/**
 * Length of the longest word of a layout; Infinity where a repetition is open or a rule stands inside itself.
 */
export function longestOf(
  layout: Layout,
  rules: SpaceModel['rules'],
  inside: readonly string[] = [],
): number {
  switch (layout.kind) {
    case 'letter':
      return 1;
    case 'sequence':
      return layout.items.reduce((sum, item) => sum + longestOf(item, rules, inside), 0);
    case 'choice':
      return Math.max(...layout.options.map((option) => longestOf(option.layout, rules, inside)));
    case 'repeat': {
      const item = longestOf(layout.item, rules, inside);
      return item === 0 || layout.max === 0 ? 0 : item * layout.max;
    }
    case 'rule':
      return inside.includes(layout.name)
        ? Infinity
        : longestOf(rules.get(layout.name)!, rules, [...inside, layout.name]);
    default:
      return layout satisfies never;
  }
}
