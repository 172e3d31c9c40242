/** Syntax tree to model: names resolved, choices expanded, every mistake reported at its place. */

import type { BlockSpec, PartSpec } from '../../architecture/architecture.js';
import type { Argument, Call, Expr, Item, ItemOf, Pattern, SpaceAst, StageItem } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { limits } from '../../language/limits.js';
import { printExpr } from '../../language/print.js';
import { nameHint } from '../../util/nearest-name.js';
import type { Condition } from '../conditions/condition.js';
import { depthBound } from '../conditions/depth-bound.js';
import { readCondition } from '../conditions/read-condition.js';
import { Alphabet } from '../model/alphabet.js';
import { longestOf, shortestOfRules } from '../model/layout-length.js';
import type { Alternative, BlockSlot, LayoutExpr, SpaceModel, StageModel } from '../model/space-model.js';
import { ChoiceResolver, combinations } from './choices.js';
import { checkedChoice, expandPart } from './expand-part.js';

const isKind =
  <K extends Item['kind']>(kind: K) =>
  (item: Item): item is ItemOf<K> =>
    item.kind === kind;

/** Every expression that stands for a value: where names may be tied to each other. */
function valueExprs(items: readonly Item[]): Expr[] {
  const ofArgs = (args: readonly Argument[]): Expr[] => args.map(({ value }) => value);
  const ofCalls = (calls: readonly Call[]): Expr[] => calls.flatMap(({ args }) => ofArgs(args));
  const ofPattern = (pattern: Pattern): Expr[] => {
    switch (pattern.kind) {
      case 'letter':
        return ofArgs(pattern.args);
      case 'sequence':
        return pattern.items.flatMap(ofPattern);
      case 'choice':
        return pattern.options.flatMap((option) => ofPattern(option.pattern));
      case 'repeat':
        return ofPattern(pattern.item);
      default:
        return [];
    }
  };
  return items.flatMap((item): Expr[] => {
    switch (item.kind) {
      case 'input':
      case 'classes':
      case 'let':
        return [item.value];
      case 'block':
        return ofArgs(item.call.args);
      case 'stem':
      case 'head':
      case 'downsample':
        return ofCalls(item.options);
      case 'pattern':
      case 'rule':
        return ofPattern(item.pattern);
      case 'stage':
        return [
          ...(item.width ? [item.width] : []),
          ...(item.stride ? [item.stride] : []),
          ...ofCalls(item.downsample ?? []),
          ...(item.pattern ? ofPattern(item.pattern) : []),
        ];
      default:
        return [];
    }
  });
}

class Elaborator {
  readonly choices: ChoiceResolver;
  readonly alphabet: Alphabet;
  readonly slots: BlockSlot[] = [];
  readonly rules = new Map<string, LayoutExpr>();
  private readonly blocks = new Map<string, ItemOf<'block'>>();
  private readonly plain = new Map<string, number>();
  private readonly named = new Map<string, ItemOf<'pattern' | 'rule'>>();
  private readonly inlining: string[] = [];

  constructor(
    private readonly ast: SpaceAst,
    private readonly items: readonly Item[],
    private readonly diagnostics: DiagnosticCollector,
  ) {
    this.choices = new ChoiceResolver(items.filter(isKind('let')), valueExprs(items), diagnostics);
    for (const item of items.filter(isKind('block'))) {
      const { name, span } = item.letter;
      if (!/^[A-Z]'*$/.test(name))
        diagnostics.error(span, `a block is named by one letter, got ${JSON.stringify(name)}`);
      else if (this.blocks.has(name))
        diagnostics.error(span, `a letter may be given once, got ${JSON.stringify(name)} again`);
      else this.blocks.set(name, item);
    }
    this.alphabet = new Alphabet([...this.blocks.keys()]);
    for (const item of items) {
      if (item.kind !== 'pattern' && item.kind !== 'rule') continue;
      if (this.named.has(item.name.name))
        diagnostics.error(
          item.name.span,
          `a name may be given once, got ${JSON.stringify(item.name.name)} again`,
        );
      this.named.set(item.name.name, item as ItemOf<'pattern' | 'rule'>);
    }
  }

  /** The one statement of a kind. */
  private one<K extends 'input' | 'classes' | 'stem' | 'head'>(kind: K): ItemOf<K> | undefined {
    const found = this.items.filter(isKind(kind));
    if (found.length === 0)
      return this.diagnostics.error(
        this.ast.name.span,
        `a space must say its ${kind}, got none`,
        {
          input: 'e.g. `input 32x32x3`',
          classes: 'e.g. `classes 10`',
          stem: 'e.g. `stem conv(width: 32)`',
          head: 'e.g. `head pool-linear`',
        }[kind],
      );
    for (const again of found.slice(1) as Item[])
      this.diagnostics.error(
        again.span,
        `${kind} may stand once, got it again`,
        `the first stands in line ${(found[0] as Item).span.line}`,
      );
    return found[0];
  }

  private inputs(): Alternative[] {
    const input = this.one('input');
    const classes = this.one('classes');
    if (!input || !classes) return [];
    const sizes = input.value.kind === 'set' ? input.value.items : [input.value];
    const counts = checkedChoice(
      'classes',
      { kind: 'int', min: 1, max: 1_000_000, doc: 'classes' },
      classes,
      this.choices,
      this.diagnostics,
    );
    return sizes.flatMap((size) => {
      if (size.kind !== 'dims')
        return (
          this.diagnostics.error(size.span, 'an input must be HEIGHTxWIDTHxCHANNELS such as 32x32x3') ?? []
        );
      const { height, width, channels } = size;
      if (Math.min(height, width, channels) < 1 || Math.max(height, width) > 8192 || channels > 1024)
        return (
          this.diagnostics.error(
            size.span,
            `an input must lie in 1x1x1..8192x8192x1024, got ${height}x${width}x${channels}`,
          ) ?? []
        );
      return combinations([['classes', counts]]).map(({ values, masks, weight }) => ({
        symbol: this.alphabet.intern({
          kind: 'input',
          input: { height, width, channels },
          classes: values['classes'] as number,
        }),
        masks,
        weight: weight / sizes.length,
      }));
    });
  }

  private stems(): Alternative[] {
    const options = this.one('stem')?.options ?? [];
    return options
      .flatMap((call) => expandPart('stem', call, this.choices, this.diagnostics))
      .map(({ type, params, extra, masks, weight }) => ({
        symbol: this.alphabet.intern({
          kind: 'stem',
          stem: { type, params, width: extra['width'] as number },
        }),
        masks,
        weight: weight / options.length,
      }));
  }

  private heads(): Alternative[] {
    const options = this.one('head')?.options ?? [];
    return options
      .flatMap((call) => expandPart('head', call, this.choices, this.diagnostics))
      .map(({ type, params, masks, weight }) => ({
        symbol: this.alphabet.intern({ kind: 'head', head: { type, params } }),
        masks,
        weight: weight / options.length,
      }));
  }

  /** Index of the slot of a letter, with its own arguments where it has some. */
  private slot(pattern: Pattern & { kind: 'letter' }): number {
    const { letter, args, span } = pattern;
    const known = args.length === 0 ? this.plain.get(letter) : undefined;
    if (known !== undefined) return known;
    const block = this.blocks.get(letter);
    if (!block)
      this.diagnostics.error(
        span,
        `letter ${JSON.stringify(letter)} is not a block of this space`,
        this.blocks.size > 0
          ? nameHint(letter, [...this.blocks.keys()])
          : 'say what it is: `block C = fused-mbconv`',
      );
    const expanded = block ? expandPart('block', block.call, this.choices, this.diagnostics, args) : [];
    const alternatives = expanded.map(({ type, params, masks, weight }) => {
      const placed: BlockSpec = { letter, type, params };
      return { symbol: this.alphabet.intern({ kind: 'block', block: placed }), masks, weight };
    });
    const index = this.slots.push({ letter, alternatives, span }) - 1;
    if (args.length === 0) this.plain.set(letter, index);
    return index;
  }

  private layout(pattern: Pattern): LayoutExpr {
    switch (pattern.kind) {
      case 'letter':
        return { kind: 'letter', slot: this.slot(pattern) };
      case 'sequence':
        return { kind: 'sequence', items: pattern.items.map((item) => this.layout(item)) };
      case 'choice': {
        const given = pattern.options.map(({ weight }) => weight);
        for (const [index, weight] of given.entries())
          if (weight !== undefined && !(weight > 0))
            this.diagnostics.error(
              pattern.options[index]!.pattern.span,
              `a weight must be positive, got ${weight}`,
            );
        return {
          kind: 'choice',
          options: pattern.options.map((option) => ({
            weight: option.weight ?? 1,
            layout: this.layout(option.pattern),
          })),
        };
      }
      case 'repeat':
        return {
          kind: 'repeat',
          item: this.layout(pattern.item),
          min: pattern.min,
          max: pattern.max ?? Infinity,
        };
      case 'ref':
        return this.reference(pattern);
      default:
        return pattern satisfies never;
    }
  }

  private reference({ name, span }: Pattern & { kind: 'ref' }): LayoutExpr {
    const item = this.named.get(name);
    if (!item) {
      this.diagnostics.error(
        span,
        `unknown pattern ${JSON.stringify(name)}`,
        nameHint(name, [...this.named.keys(), 'width', 'depth', 'stride', 'downsample']),
      );
      return { kind: 'sequence', items: [] };
    }
    if (item.kind === 'rule') {
      if (!this.rules.has(name)) {
        this.rules.set(name, { kind: 'sequence', items: [] }); // stands while its own body is read
        this.rules.set(name, this.layout(item.pattern));
      }
      return { kind: 'rule', name };
    }
    if (this.inlining.includes(name)) {
      this.diagnostics.error(
        span,
        `a pattern must not contain itself, got ${JSON.stringify(name)}`,
        `write \`rule ${name} = …\` where recursion is meant`,
      );
      return { kind: 'sequence', items: [] };
    }
    this.inlining.push(name);
    const layout = this.layout(item.pattern);
    this.inlining.pop();
    return layout;
  }

  private headers(stage: StageItem, index: number): Alternative[] {
    if (!stage.width) {
      this.diagnostics.error(
        stage.numberSpan,
        `stage ${stage.number} must say its width, got none`,
        'e.g. `stage 1 width 64 C{2}`',
      );
      return [];
    }
    const width = checkedChoice(
      'width',
      { kind: 'int', min: 1, max: 65536, doc: 'channels' },
      { value: stage.width },
      this.choices,
      this.diagnostics,
    );
    const common = this.items.filter(isKind('downsample')).at(-1);
    const calls = stage.downsample ?? (index === 0 ? undefined : common?.options);
    const parts: { part: PartSpec | null; masks: Alternative['masks']; weight: number }[] =
      calls === undefined
        ? index === 0
          ? [{ part: null, masks: [], weight: 1 }]
          : expandPart(
              'downsample',
              { name: { name: 'conv', span: stage.numberSpan }, args: [], span: stage.numberSpan },
              this.choices,
              this.diagnostics,
            ).map(({ type, params, masks, weight }) => ({ part: { type, params }, masks, weight }))
        : calls
            .flatMap((call) => expandPart('downsample', call, this.choices, this.diagnostics))
            .map(({ type, params, masks, weight }) => ({
              part: type === 'none' ? null : { type, params },
              masks,
              weight: weight / calls.length,
            }));
    const reducesItself = calls !== undefined;
    const strides = stage.stride
      ? checkedChoice(
          'stride',
          { kind: 'int', min: 1, max: 2, doc: 'stride of the first block' },
          { value: stage.stride },
          this.choices,
          this.diagnostics,
        )
      : undefined;
    if (stage.stride && parts.every(({ part }) => part !== null))
      this.diagnostics.error(
        stage.stride.span,
        'stride is that of the first block, where no layer stands before the stage',
        'add `downsample none`, or give the layer its stride: `downsample conv(stride: 2)`',
      );
    return parts.flatMap(({ part, masks, weight }) => {
      const stride =
        part !== null
          ? { values: [1], tie: undefined }
          : (strides ?? { values: [reducesItself ? 2 : 1], tie: undefined });
      return combinations([
        ['width', width],
        ['stride', stride],
      ]).flatMap((combined) => {
        const merged = mergeMasks(masks, combined.masks);
        if (!merged) return [];
        return [
          {
            symbol: this.alphabet.intern({
              kind: 'header',
              width: combined.values['width'] as number,
              downsample: part,
              firstStride: combined.values['stride'] as 1 | 2,
            }),
            masks: merged,
            weight: weight * combined.weight,
          },
        ];
      });
    });
  }

  /** The layout that a mirroring stage may have: its source's, reversed. */
  private mirrorSource(stage: StageItem, all: readonly StageItem[]): StageItem | undefined {
    if (!stage.mirrors) return undefined;
    const number = stage.mirrors.kind === 'number' ? stage.mirrors.value : NaN;
    const source = all.find((other) => other.number === number && other.number < stage.number);
    if (!source)
      return this.diagnostics.error(
        stage.mirrors.span,
        `a stage mirrors an earlier one, 1..${stage.number - 1}, got ${printExpr(stage.mirrors)}`,
      );
    if (source.mirrors)
      return this.diagnostics.error(
        stage.mirrors.span,
        `a stage mirrors one with a layout of its own, stage ${number} mirrors another`,
      );
    if (stage.pattern)
      return this.diagnostics.error(
        stage.pattern.span,
        `stage ${stage.number} mirrors stage ${number} and so has no layout of its own`,
      );
    return source;
  }

  /** The pattern of the words read backwards; named patterns are written out. */
  private reversed(pattern: Pattern, inside: readonly string[] = []): Pattern {
    switch (pattern.kind) {
      case 'sequence':
        return { ...pattern, items: pattern.items.map((item) => this.reversed(item, inside)).reverse() };
      case 'choice':
        return {
          ...pattern,
          options: pattern.options.map(({ weight, pattern: option }) => ({
            weight,
            pattern: this.reversed(option, inside),
          })),
        };
      case 'repeat':
        return { ...pattern, item: this.reversed(pattern.item, inside) };
      case 'ref': {
        const item = this.named.get(pattern.name);
        if (item?.kind === 'rule')
          this.diagnostics.error(
            pattern.span,
            `a stage cannot mirror one that uses a rule, got ${JSON.stringify(pattern.name)}`,
          );
        return item?.kind === 'pattern' && !inside.includes(pattern.name)
          ? this.reversed(item.pattern, [...inside, pattern.name])
          : pattern;
      }
      default:
        return pattern;
    }
  }

  private stage(
    written: StageItem,
    index: number,
    conditions: readonly Condition[],
    all: readonly StageItem[],
  ): StageModel {
    const source = this.mirrorSource(written, all);
    const stage: StageItem = source?.pattern
      ? { ...written, pattern: this.reversed(source.pattern), depth: written.depth ?? source.depth }
      : written;
    const headers = this.headers(stage, index);
    if (!stage.pattern)
      this.diagnostics.error(
        stage.numberSpan,
        `stage ${stage.number} must have a layout, got none`,
        'e.g. `stage 1 width 64 C{2}`',
      );
    const layout: LayoutExpr = stage.pattern ? this.layout(stage.pattern) : { kind: 'sequence', items: [] };
    const allowed = stage.depth
      ? checkedChoice(
          'depth',
          { kind: 'int', min: 0, max: limits.repetition, doc: 'blocks' },
          {
            value:
              stage.depth.kind === 'range'
                ? { ...stage.depth, kind: 'set', items: [stage.depth], per: undefined }
                : stage.depth,
          },
          this.choices,
          this.diagnostics,
        )
      : undefined;
    if (allowed?.tie)
      this.diagnostics.error(
        stage.depth!.span,
        'a depth may not depend on names, got one',
        'write a set or a range',
      );
    const numbers = allowed ? new Set(allowed.values as number[]) : undefined;
    // A condition bounds only what is open without it; where the layout is finite it stays a condition like
    // any other.
    const open = !numbers && longestOf(layout, this.rules) === Infinity;
    const max = numbers ? Math.max(0, ...numbers) : open ? depthBound(conditions, stage.number) : Infinity;
    this.checkLength(stage, layout, max);
    return {
      number: stage.number,
      headers,
      layout,
      span: stage.span,
      layoutSpan: written.pattern?.span ?? written.numberSpan,
      depths: {
        min: numbers ? Math.min(...numbers) : 0,
        max,
        has: (depth) => depth <= max && (numbers?.has(depth) ?? true),
      },
    };
  }

  private checkLength(stage: StageItem, layout: LayoutExpr, max: number): void {
    const longest = Math.min(max, longestOf(layout, this.rules));
    const span = stage.pattern?.span ?? stage.numberSpan;
    if (longest === Infinity)
      this.diagnostics.error(
        span,
        'an open repetition or a recursive rule must have a length limit, got none',
        `say how many blocks the stage may have: \`stage ${stage.number} depth 1..8 …\`, or \`where depth(${stage.number}) <= 8\``,
      );
    else if (longest > limits.repetition)
      this.diagnostics.error(
        span,
        `a stage may have at most ${limits.repetition} blocks, got up to ${longest}`,
      );
  }

  private stageItems(): StageItem[] {
    const found = this.items.filter((item): item is StageItem => item.kind === 'stage');
    if (found.length === 0)
      this.diagnostics.error(
        this.ast.name.span,
        'a space must have a stage, got none',
        'e.g. `stage 1 width 64 C{2}`',
      );
    if (found.length > limits.stages)
      this.diagnostics.error(
        found[limits.stages]!.span,
        `a space may have at most ${limits.stages} stages, got ${found.length}`,
      );
    found.forEach((stage, index) => {
      if (stage.number !== index + 1 && found.length <= limits.stages)
        this.diagnostics.error(
          stage.numberSpan,
          `stages are numbered from 1 in order, expected ${index + 1}, got ${stage.number}`,
        );
    });
    return found.slice(0, limits.stages);
  }

  model(): SpaceModel {
    const inputs = this.inputs();
    const stems = this.stems();
    const stageItems = this.stageItems();
    const letters = [...this.blocks.keys()];
    const conditions = this.items
      .filter(isKind('where'))
      .flatMap(({ condition }) =>
        readCondition(condition, { stages: stageItems.length, letters, diagnostics: this.diagnostics }),
      );
    const stages = stageItems.map((stage, index) => this.stage(stage, index, conditions, stageItems));
    for (const item of stageItems) {
      if (item.mirrors?.kind !== 'number') continue;
      const predicate = {
        kind: 'mirror',
        first: item.mirrors.value,
        second: item.number,
        whole: true,
      } as const;
      conditions.push({
        formula: { kind: 'predicate', predicate },
        text: `stage ${item.number} mirrors ${item.mirrors.value}`,
        span: item.span,
        implied: true,
      });
    }
    const heads = this.heads();
    for (const [name, length] of shortestOfRules(this.rules)) {
      if (length === Infinity)
        this.diagnostics.error(
          this.named.get(name)!.name.span,
          `a rule must have an option without recursion, ${JSON.stringify(name)} has none`,
        );
    }
    return {
      name: this.ast.name.name,
      alphabet: this.alphabet,
      groups: this.choices.groups,
      slots: this.slots,
      rules: this.rules,
      inputs,
      stems,
      stages,
      heads,
      conditions,
    };
  }
}

function mergeMasks(a: Alternative['masks'], b: Alternative['masks']): Alternative['masks'] | undefined {
  const merged = new Map(a.map(({ group, mask }) => [group, mask]));
  for (const { group, mask } of b) merged.set(group, (merged.get(group) ?? -1n) & mask);
  return [...merged.values()].includes(0n)
    ? undefined
    : [...merged].map(([group, mask]) => ({ group, mask }));
}

/** The model of a parsed file; to be trusted only where `diagnostics` holds no error. */
export function elaborate(
  ast: SpaceAst,
  items: readonly Item[],
  diagnostics: DiagnosticCollector,
): SpaceModel {
  return new Elaborator(ast, items, diagnostics).model();
}
