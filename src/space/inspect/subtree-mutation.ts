/**
 * Mutation of a derivation: a random node of a stage's derivation, which is a rule of the space or the
 * stage's whole layout, is derived anew. Ericsson et al. 2024 (einspace), https://arxiv.org/abs/2405.20838
 */
import type { Architecture, BlockSpec } from '../../architecture/architecture.js';
import type { Random } from '../../util/random.js';
import type { CompiledSpace } from '../compiled-space.js';
import { shortestOf, shortestOfRules } from '../model/layout-length.js';
import type { LayoutExpr } from '../model/space-model.js';

/** Redrawn nodes before the mutation gives up: what they yield may be no member. */
const ATTEMPTS = 64;

/** A rule, or a whole layout, and the blocks that it derives. */
interface Node {
  readonly layout: LayoutExpr;
  readonly start: number;
  readonly end: number;
}

/** @returns undefined where no attempt yields another member */
export function mutateSubtree(
  space: CompiledSpace,
  architecture: Architecture,
  random: Random,
): Architecture | undefined {
  const { model } = space.base;
  const own = model.alphabet.wordOf(architecture).join();
  const derivations = model.stages.map((_, stage) => new StageDerivation(space, architecture, stage, random));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stage = random.integer(derivations.length);
    const blocks = derivations[stage]!.mutated();
    if (!blocks) continue;
    const child: Architecture = {
      ...architecture,
      stages: architecture.stages.map((other, at) => (at === stage ? { ...other, blocks } : other)),
    };
    const word = model.alphabet.wordOf(child);
    if (word.includes(-1) || word.join() === own || !space.contains(child).member) continue;
    return model.alphabet.architectureOf(word);
  }
  return undefined;
}

class StageDerivation {
  private readonly blocks: readonly BlockSpec[];
  private readonly layout: LayoutExpr;
  private readonly most: number;
  private readonly shortest: ReadonlyMap<string, number>;
  /** Whether a layout derives a span of the blocks. */
  private readonly known = new Map<LayoutExpr, Map<string, boolean>>();
  private readonly nodes: readonly Node[];

  constructor(
    private readonly space: CompiledSpace,
    architecture: Architecture,
    stage: number,
    private readonly random: Random,
  ) {
    const { model } = space.base;
    this.blocks = architecture.stages[stage]!.blocks;
    this.layout = model.stages[stage]!.layout;
    this.most = model.stages[stage]!.depths.max;
    this.shortest = shortestOfRules(model.rules);
    const whole = { layout: this.layout, start: 0, end: this.blocks.length };
    this.nodes = this.derives(whole) ? [whole, ...this.rulesIn(whole)] : [];
  }

  /** The stage's blocks with one node derived anew. */
  mutated(): BlockSpec[] | undefined {
    if (this.nodes.length === 0) return undefined;
    const { layout, start, end } = this.nodes[this.random.integer(this.nodes.length)]!;
    const fresh = this.drawn(layout, this.most - (this.blocks.length - (end - start)));
    return fresh && [...this.blocks.slice(0, start), ...fresh, ...this.blocks.slice(end)];
  }

  private ruleOf(name: string): LayoutExpr {
    return this.space.base.model.rules.get(name)!;
  }

  private lengthOf(layout: LayoutExpr): number {
    return shortestOf(layout, this.shortest);
  }

  private derives({ layout, start, end }: Node): boolean {
    const spans = this.known.get(layout) ?? new Map<string, boolean>();
    this.known.set(layout, spans);
    const key = `${start} ${end}`;
    const before = spans.get(key);
    if (before !== undefined) return before;
    spans.set(key, false); // a rule that derives itself alone adds nothing
    const found = this.lengthOf(layout) <= end - start && this.splits({ layout, start, end }).length > 0;
    spans.set(key, found);
    return found;
  }

  /** Lists of nodes that derive the span together, one step down. */
  private splits({ layout, start, end }: Node): Node[][] {
    switch (layout.kind) {
      case 'letter': {
        const { letter } = this.space.base.model.slots[layout.slot]!;
        return end - start === 1 && this.blocks[start]!.letter === letter ? [[]] : [];
      }
      case 'rule': {
        const node = { layout: this.ruleOf(layout.name), start, end };
        return this.derives(node) ? [[node]] : [];
      }
      case 'choice':
        return layout.options
          .map((option) => ({ layout: option.layout, start, end }))
          .filter((node) => this.derives(node))
          .map((node) => [node]);
      case 'sequence':
        return this.sequences(layout.items, start, end);
      case 'repeat': {
        const counts = Array.from({ length: Math.min(layout.max, end - start) + 1 }, (_, count) => count);
        return counts
          .filter((count) => count >= layout.min)
          .flatMap((count) => this.sequences(new Array<LayoutExpr>(count).fill(layout.item), start, end));
      }
      default:
        return layout satisfies never;
    }
  }

  /** One split per end of the first item that the others complete. */
  private sequences(items: readonly LayoutExpr[], start: number, end: number): Node[][] {
    const [first, ...rest] = items;
    if (!first) return start === end ? [[]] : [];
    const found: Node[][] = [];
    for (let middle = start; middle <= end; middle++) {
      const node = { layout: first, start, end: middle };
      if (!this.derives(node)) continue;
      const others = this.sequences(rest, middle, end)[0];
      if (others) found.push([node, ...others]);
    }
    return found;
  }

  /** The rules below a node, in one random derivation of its span. */
  private rulesIn(node: Node): Node[] {
    const splits = this.splits(node);
    const below = splits[this.random.integer(splits.length)]!;
    return [...(node.layout.kind === 'rule' ? [node] : []), ...below.flatMap((each) => this.rulesIn(each))];
  }

  /** Blocks that a layout derives, at most so many, with the probabilities of its choices. */
  private drawn(layout: LayoutExpr, most: number): BlockSpec[] | undefined {
    if (this.lengthOf(layout) > most) return undefined;
    switch (layout.kind) {
      case 'letter':
        return [this.blockOf(layout.slot)];
      case 'rule':
        return this.drawn(this.ruleOf(layout.name), most);
      case 'choice': {
        const options = layout.options.filter((option) => this.lengthOf(option.layout) <= most);
        return this.drawn(this.weighted(options).layout, most);
      }
      case 'sequence':
        return this.drawnAll(layout.items, most);
      case 'repeat': {
        const longest = Math.min(layout.max, Math.floor(most / Math.max(1, this.lengthOf(layout.item))));
        const count = layout.min + this.random.integer(longest - layout.min + 1);
        return this.drawnAll(new Array<LayoutExpr>(count).fill(layout.item), most);
      }
      default:
        return layout satisfies never;
    }
  }

  private drawnAll(items: readonly LayoutExpr[], most: number): BlockSpec[] | undefined {
    let rest = items.reduce((sum, item) => sum + this.lengthOf(item), 0);
    const blocks: BlockSpec[] = [];
    for (const item of items) {
      rest -= this.lengthOf(item);
      const own = this.drawn(item, most - blocks.length - rest);
      if (!own) return undefined;
      blocks.push(...own);
    }
    return blocks;
  }

  private blockOf(slot: number): BlockSpec {
    const { alphabet, slots } = this.space.base.model;
    const symbol = alphabet.symbols[this.weighted(slots[slot]!.alternatives).symbol]!;
    if (symbol.kind !== 'block') throw new Error(`subtree mutation: slot ${slot} must hold blocks`);
    return symbol.block;
  }

  private weighted<T extends { readonly weight: number }>(options: readonly T[]): T {
    let left = this.random.next() * options.reduce((sum, { weight }) => sum + weight, 0);
    return options.find(({ weight }) => (left -= weight) < 0) ?? options.at(-1)!;
  }
}
