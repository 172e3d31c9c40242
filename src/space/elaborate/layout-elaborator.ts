/** Elaborates layout patterns: block letters and pattern names are resolved, rules are kept by name. */
import type { BlockSpec } from '../../architecture/architecture.js';
import type { Item, ItemOf, Pattern } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { limits } from '../../language/limits.js';
import { nameHint } from '../../util/nearest-name.js';
import type { Alphabet } from '../model/alphabet.js';
import { shortestOfRules } from '../model/layout-length.js';
import type { BlockSlot, LayoutExpr } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';
import type { ChoiceResolver } from './choices.js';
import { expandPart } from './expand-part.js';

const emptyLayout: LayoutExpr = { kind: 'sequence', items: [] };

/** The blocks of a space by letter; errors for names that are no letter and letters given twice. */
export function blocksByLetter(
  items: readonly Item[],
  diagnostics: DiagnosticCollector,
): ReadonlyMap<string, ItemOf<'block'>> {
  const blocks = new Map<string, ItemOf<'block'>>();
  for (const item of items) {
    if (item.kind !== 'block') continue;
    const { name, span } = item.letter;
    if (!/^[A-Z]'*$/.test(name))
      diagnostics.error(span, `a block is named by one letter, got ${JSON.stringify(name)}`);
    else if (blocks.has(name))
      diagnostics.error(span, `a letter may be given once, got ${JSON.stringify(name)} again`);
    else blocks.set(name, item);
  }
  return blocks;
}

export class LayoutElaborator {
  readonly slots: BlockSlot[] = [];
  readonly rules = new Map<string, LayoutExpr>();
  /** Slots of letters without arguments of their own. */
  private readonly plainSlots = new Map<string, number>();
  private readonly named = new Map<string, ItemOf<'pattern' | 'rule'>>();
  /** Patterns whose bodies are being written out. */
  private readonly inlining: string[] = [];
  /** Items of all layouts so far. */
  private written = 0;

  constructor(
    items: readonly Item[],
    private readonly blocks: ReadonlyMap<string, ItemOf<'block'>>,
    private readonly alphabet: Alphabet,
    private readonly choices: ChoiceResolver,
    private readonly diagnostics: DiagnosticCollector,
  ) {
    for (const item of items) {
      if (item.kind !== 'pattern' && item.kind !== 'rule') continue;
      const { name, span } = item.name;
      if (this.named.has(name))
        diagnostics.error(span, `a name may be given once, got ${JSON.stringify(name)} again`);
      this.named.set(name, item as ItemOf<'pattern' | 'rule'>);
    }
    const rules = items.filter(({ kind }) => kind === 'rule').length;
    if (rules > limits.names)
      throw new TooLargeError(`a space may have at most ${limits.names} rules, got ${rules}`);
  }

  /** Index of the slot of a letter, which is shared unless the letter has arguments of its own. */
  private slot({ letter, args, span }: Pattern & { kind: 'letter' }): number {
    const shared = args.length === 0 ? this.plainSlots.get(letter) : undefined;
    if (shared !== undefined) return shared;
    const block = this.blocks.get(letter);
    if (!block) {
      const hint =
        this.blocks.size > 0
          ? nameHint(letter, [...this.blocks.keys()])
          : 'define it: `block C = fused-mbconv`';
      this.diagnostics.error(span, `letter ${JSON.stringify(letter)} is not a block of this space`, hint);
    }
    const expanded = block ? expandPart('block', block.call, this.choices, this.diagnostics, args) : [];
    const alternatives = expanded.map(({ type, params, masks, weight }) => {
      const spec: BlockSpec = { letter, type, params };
      return { symbol: this.alphabet.intern({ kind: 'block', block: spec }), masks, weight };
    });
    const index = this.slots.push({ letter, alternatives, span }) - 1;
    if (args.length === 0) this.plainSlots.set(letter, index);
    return index;
  }

  /** @throws TooLargeError where patterns that contain each other grow beyond all bounds */
  private countItem(): void {
    if (++this.written > limits.layoutItems)
      throw new TooLargeError(
        `layouts may have at most ${limits.layoutItems} items with patterns written out, got more`,
      );
  }

  layout(pattern: Pattern): LayoutExpr {
    this.countItem();
    switch (pattern.kind) {
      case 'letter':
        return { kind: 'letter', slot: this.slot(pattern) };
      case 'sequence':
        return { kind: 'sequence', items: pattern.items.map((item) => this.layout(item)) };
      case 'choice':
        return this.choice(pattern);
      case 'repeat': {
        const { item, min, max } = pattern;
        return { kind: 'repeat', item: this.layout(item), min, max: max ?? Infinity };
      }
      case 'ref':
        return this.reference(pattern);
      default:
        return pattern satisfies never;
    }
  }

  private choice({ options }: Pattern & { kind: 'choice' }): LayoutExpr {
    for (const { weight, pattern } of options)
      if (weight !== undefined && !(weight > 0))
        this.diagnostics.error(pattern.span, `a weight must be positive, got ${weight}`);
    return {
      kind: 'choice',
      options: options.map(({ weight, pattern }) => ({ weight: weight ?? 1, layout: this.layout(pattern) })),
    };
  }

  private reference({ name, span }: Pattern & { kind: 'ref' }): LayoutExpr {
    const item = this.named.get(name);
    if (!item) {
      const names = [...this.named.keys(), 'width', 'depth', 'stride', 'downsample'];
      this.diagnostics.error(span, `unknown pattern ${JSON.stringify(name)}`, nameHint(name, names));
      return emptyLayout;
    }
    if (item.kind === 'rule') {
      if (!this.rules.has(name)) {
        this.rules.set(name, emptyLayout); // ends the recursion while the body is elaborated
        this.rules.set(name, this.layout(item.pattern));
      }
      return { kind: 'rule', name };
    }
    if (this.inlining.includes(name)) {
      this.diagnostics.error(
        span,
        `a pattern must not contain itself, got ${JSON.stringify(name)}`,
        `write \`rule ${name} = …\` for recursion`,
      );
      return emptyLayout;
    }
    if (this.inlining.length >= limits.names)
      throw new TooLargeError(`patterns may contain each other at most ${limits.names} deep, got more`);
    this.inlining.push(name);
    const layout = this.layout(item.pattern);
    this.inlining.pop();
    return layout;
  }

  /** The pattern of the reversed words, with named patterns written out. */
  reversed(pattern: Pattern, inside: readonly string[] = []): Pattern {
    this.countItem();
    switch (pattern.kind) {
      case 'sequence':
        return { ...pattern, items: pattern.items.map((item) => this.reversed(item, inside)).reverse() };
      case 'choice': {
        const options = pattern.options.map(({ weight, pattern: option }) => ({
          weight,
          pattern: this.reversed(option, inside),
        }));
        return { ...pattern, options };
      }
      case 'repeat':
        return { ...pattern, item: this.reversed(pattern.item, inside) };
      case 'ref': {
        const { name, span } = pattern;
        const item = this.named.get(name);
        if (item?.kind === 'rule')
          this.diagnostics.error(
            span,
            `a stage cannot mirror one that uses a rule, got ${JSON.stringify(name)}`,
          );
        return item?.kind === 'pattern' && !inside.includes(name)
          ? this.reversed(item.pattern, [...inside, name])
          : pattern;
      }
      default:
        return pattern;
    }
  }

  /** Reports rules of which every option recurses, so that they have no finite word. */
  checkRules(): void {
    for (const [name, length] of shortestOfRules(this.rules)) {
      if (length !== Infinity) continue;
      const message = `a rule must have an option without recursion, ${JSON.stringify(name)} has none`;
      this.diagnostics.error(this.named.get(name)!.name.span, message);
    }
  }
}
