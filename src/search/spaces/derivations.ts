/**
 * Counting, drawing and editing the derivations of a grammar whose rule applications are bounded in number.
 */
import { UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';

/** A symbol with the alternative taken, and the derivations of the alternative's symbols in order. */
export interface Derivation {
  readonly symbol: string;
  readonly alternative: number;
  readonly children: readonly Derivation[];
}

type Rules = Readonly<Record<string, readonly (readonly string[])[]>>;

export class Derivations {
  /** Derivations of a symbol, and of a list of symbols, with exactly so many rule applications. */
  private readonly counts = new Map<string, bigint>();

  constructor(
    private readonly name: string,
    private readonly rules: Rules,
    private readonly size: number,
  ) {
    if (!(Number.isInteger(size) && size > 0))
      throw new UserError(`${name}: size must be a whole number of at least 1, got ${size}`);
  }

  /** @throws UserError where the symbol has no derivation of the size */
  assertStart(symbol: string): void {
    if (!Object.hasOwn(this.rules, symbol))
      throw new UserError(`${this.name}: start must be a symbol with rules, got ${JSON.stringify(symbol)}`);
    for (let size = 1; size <= this.size; size++) if (this.count([symbol], size) > 0n) return;
    throw new UserError(
      `${this.name}: ${symbol} must have a derivation of at most ${this.size} rule applications, got none`,
    );
  }

  private symbolsOf(symbol: string, alternative: number): string[] {
    return this.rules[symbol]![alternative]!.filter((part) => Object.hasOwn(this.rules, part));
  }

  /** Derivations of the symbols in turn with `size` applications together. */
  count(symbols: readonly string[], size: number): bigint {
    const [first, ...rest] = symbols;
    if (first === undefined) return size === 0 ? 1n : 0n;
    if (size < symbols.length) return 0n;
    const key = `${size} ${symbols.join(' ')}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    let sum = 0n;
    if (rest.length === 0)
      for (let at = 0; at < this.rules[first]!.length; at++)
        sum += this.count(this.symbolsOf(first, at), size - 1);
    else
      for (let own = 1; own < size; own++) {
        const ways = this.count([first], own);
        if (ways > 0n) sum += ways * this.count(rest, size - own);
      }
    this.counts.set(key, sum);
    return sum;
  }

  /** Uniform over the derivations of at most `most` applications; undefined where there is none. */
  drawn(symbol: string, most: number, random: Random): Derivation | undefined {
    const sizes = Array.from({ length: most }, (_, at) => at + 1);
    const size = weighted(sizes, (own) => this.count([symbol], own), random);
    return size === undefined ? undefined : this.ofSize([symbol], size, random)[0]!;
  }

  private ofSize(symbols: readonly string[], size: number, random: Random): Derivation[] {
    const [first, ...rest] = symbols;
    if (first === undefined) return [];
    const sizes = Array.from({ length: size }, (_, at) => at + 1);
    const own = weighted(sizes, (one) => this.count([first], one) * this.count(rest, size - one), random)!;
    const alternatives = this.rules[first]!.map((_, at) => at);
    const ways = (at: number): bigint => this.count(this.symbolsOf(first, at), own - 1);
    const alternative = weighted(alternatives, ways, random)!;
    const children = this.ofSize(this.symbolsOf(first, alternative), own - 1, random);
    return [{ symbol: first, alternative, children }, ...this.ofSize(rest, size - own, random)];
  }

  /** In the order of the leftmost derivation. */
  nodes(tree: Derivation): Derivation[] {
    return [tree, ...tree.children.flatMap((child) => this.nodes(child))];
  }

  terminals(tree: Derivation): string[] {
    let next = 0;
    return this.rules[tree.symbol]![tree.alternative]!.flatMap((part) =>
      Object.hasOwn(this.rules, part) ? this.terminals(tree.children[next++]!) : [part],
    );
  }

  /** A random node derived anew. */
  mutated(tree: Derivation, random: Random): Derivation | undefined {
    const all = this.nodes(tree);
    const at = random.integer(all.length);
    const room = this.size - all.length + sizeOf(all[at]!);
    const fresh = this.drawn(all[at]!.symbol, room, random);
    return fresh && replaced(tree, at, fresh);
  }

  /** A subtree of the first parent replaced by one of the second of the same symbol. */
  mixed(first: Derivation, second: Derivation, random: Random): Derivation | undefined {
    const all = this.nodes(first);
    const at = random.integer(all.length);
    const { symbol } = all[at]!;
    const room = this.size - all.length + sizeOf(all[at]!);
    const donors = this.nodes(second).filter((other) => other.symbol === symbol && sizeOf(other) <= room);
    return donors.length === 0 ? undefined : replaced(first, at, donors[random.integer(donors.length)]!);
  }

  /** Each node by each other alternative; children are kept where their symbols agree, else the smallest. */
  neighbours(tree: Derivation): Derivation[] {
    const all = this.nodes(tree);
    return all.flatMap((node, position) =>
      this.rules[node.symbol]!.flatMap((_, alternative) => {
        if (alternative === node.alternative) return [];
        const left = [...node.children];
        const children = this.symbolsOf(node.symbol, alternative).map((symbol) => {
          const at = left.findIndex((child) => child.symbol === symbol);
          return at < 0 ? this.smallest(symbol) : left.splice(at, 1)[0]!;
        });
        if (children.includes(undefined)) return [];
        const fresh = { symbol: node.symbol, alternative, children: children as Derivation[] };
        const size = all.length - sizeOf(node) + sizeOf(fresh);
        return size <= this.size ? [replaced(tree, position, fresh)] : [];
      }),
    );
  }

  private smallest(symbol: string): Derivation | undefined {
    for (let size = 1; size <= this.size; size++)
      for (const [tree] of this.lists([symbol], size)) return tree;
    return undefined;
  }

  /** By number of applications, then by alternatives. */
  *all(symbol: string): Iterable<Derivation> {
    for (let size = 1; size <= this.size; size++)
      for (const [tree] of this.lists([symbol], size)) yield tree!;
  }

  private *lists(symbols: readonly string[], size: number): Iterable<Derivation[]> {
    if (this.count(symbols, size) === 0n) return;
    const [first, ...rest] = symbols;
    if (first === undefined) {
      yield [];
      return;
    }
    for (let own = 1; own <= size; own++)
      for (let alternative = 0; alternative < this.rules[first]!.length; alternative++) {
        if (this.count(rest, size - own) === 0n) continue;
        for (const children of this.lists(this.symbolsOf(first, alternative), own - 1))
          for (const others of this.lists(rest, size - own))
            yield [{ symbol: first, alternative, children }, ...others];
      }
  }

  /** The derivation that takes these alternatives, -1 behind its end; undefined where there is none. */
  fromChoices(start: string, choices: readonly number[]): Derivation | undefined {
    let at = 0;
    const read = (symbol: string): Derivation | undefined => {
      const alternative = choices[at++];
      if (alternative === undefined || this.rules[symbol]![alternative] === undefined) return undefined;
      const children: Derivation[] = [];
      for (const part of this.symbolsOf(symbol, alternative)) {
        const child = read(part);
        if (!child) return undefined;
        children.push(child);
      }
      return { symbol, alternative, children };
    };
    const tree = choices.length <= this.size ? read(start) : undefined;
    return choices.slice(at).every((choice) => choice === -1) ? tree : undefined;
  }
}

const sizeOf = ({ children }: Derivation): number => children.reduce((sum, child) => sum + sizeOf(child), 1);

/** The node at a position of the leftmost derivation replaced; a subtree may occur more than once. */
function replaced(tree: Derivation, position: number, fresh: Derivation): Derivation {
  if (position === 0) return fresh;
  let from = 1;
  const children = tree.children.map((child) => {
    const own = position - from;
    from += sizeOf(child);
    return own >= 0 && position < from ? replaced(child, own, fresh) : child;
  });
  return { ...tree, children };
}

/** An item in proportion to its weight; undefined where all weigh nothing. */
function weighted<T>(items: readonly T[], weightOf: (item: T) => bigint, random: Random): T | undefined {
  const weights = items.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n) return undefined;
  let left = random.bigint(total);
  return items.find((_, at) => (left -= weights[at]!) < 0n);
}
