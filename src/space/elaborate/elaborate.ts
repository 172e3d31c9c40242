/**
 * Elaborates a syntax tree to a model: names are resolved and choices expanded, errors reported at their
 * spans.
 */
import type { Call, Item, ItemOf, SpaceAst } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { IntParam } from '../../util/params.js';
import type { Condition } from '../conditions/condition.js';
import { readCondition } from '../conditions/read-condition.js';
import { Alphabet } from '../model/alphabet.js';
import type { Alternative, SpaceModel } from '../model/space-model.js';
import { ChoiceResolver, combinations } from './choices.js';
import { checkedChoice, expandPart } from './expand-part.js';
import { blocksByLetter, LayoutElaborator } from './layout-elaborator.js';
import { numberedStages, StageElaborator } from './stage-elaborator.js';
import { valueExprs } from './value-exprs.js';

const isKind =
  <K extends Item['kind']>(kind: K) =>
  (item: Item): item is ItemOf<K> =>
    item.kind === kind;

const classesSpec: IntParam = { kind: 'int', min: 1, max: 1_000_000, doc: 'classes' };
const highestInput = { side: 8192, channels: 1024 };

const examples = {
  input: 'e.g. `input 32x32x3`',
  classes: 'e.g. `classes 10`',
  stem: 'e.g. `stem conv(width: 32)`',
  head: 'e.g. `head pool-linear`',
} as const;

class Elaborator {
  private readonly choices: ChoiceResolver;
  private readonly alphabet: Alphabet;
  private readonly letters: readonly string[];
  private readonly layouts: LayoutElaborator;

  constructor(
    private readonly ast: SpaceAst,
    private readonly items: readonly Item[],
    private readonly diagnostics: DiagnosticCollector,
  ) {
    this.choices = new ChoiceResolver(items.filter(isKind('let')), valueExprs(items), diagnostics);
    const blocks = blocksByLetter(items, diagnostics);
    this.letters = [...blocks.keys()];
    this.alphabet = new Alphabet(this.letters);
    this.layouts = new LayoutElaborator(items, blocks, this.alphabet, this.choices, diagnostics);
  }

  /** The one statement of a kind; an error where it is missing or repeated. */
  private one<K extends keyof typeof examples>(kind: K): ItemOf<K> | undefined {
    const [first, ...repeated] = this.items.filter(isKind(kind));
    if (!first)
      return this.diagnostics.error(
        this.ast.name.span,
        `a space must have ${kind}, got none`,
        examples[kind],
      );
    for (const { span } of repeated as Item[])
      this.diagnostics.error(
        span,
        `${kind} may be given once, got it again`,
        `the first is in line ${(first as Item).span.line}`,
      );
    return first;
  }

  private inputs(): Alternative[] {
    const input = this.one('input');
    const classes = this.one('classes');
    if (!input || !classes) return [];
    const sizes = input.value.kind === 'set' ? input.value.items : [input.value];
    const counts = checkedChoice('classes', classesSpec, classes, this.choices, this.diagnostics);
    return sizes.flatMap((size): Alternative[] => {
      if (size.kind !== 'dims') {
        this.diagnostics.error(size.span, 'an input must be HEIGHTxWIDTHxCHANNELS such as 32x32x3');
        return [];
      }
      const { height, width, channels } = size;
      const { side, channels: most } = highestInput;
      if (Math.min(height, width, channels) < 1 || Math.max(height, width) > side || channels > most) {
        const rule = `an input must lie in 1x1x1..${side}x${side}x${most}`;
        this.diagnostics.error(size.span, `${rule}, got ${height}x${width}x${channels}`);
        return [];
      }
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
    const options: readonly Call[] = this.one('stem')?.options ?? [];
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
    const options: readonly Call[] = this.one('head')?.options ?? [];
    return options
      .flatMap((call) => expandPart('head', call, this.choices, this.diagnostics))
      .map(({ type, params, masks, weight }) => ({
        symbol: this.alphabet.intern({ kind: 'head', head: { type, params } }),
        masks,
        weight: weight / options.length,
      }));
  }

  /** The conditions of the `where` statements. */
  private conditions(stages: number): Condition[] {
    const { letters, diagnostics } = this;
    return this.items
      .filter(isKind('where'))
      .flatMap(({ condition }) => readCondition(condition, { stages, letters, diagnostics }));
  }

  model(): SpaceModel {
    const { diagnostics, choices, alphabet, layouts } = this;
    const inputs = this.inputs();
    const stems = this.stems();
    const stageItems = numberedStages(this.ast, this.items, diagnostics);
    const conditions = this.conditions(stageItems.length);
    const commonDownsample = this.items.filter(isKind('downsample')).at(-1)?.options;
    const context = { alphabet, choices, diagnostics, commonDownsample };
    const elaborator = new StageElaborator(stageItems, layouts, conditions, context);
    const stages = stageItems.map((item, index) => elaborator.stage(item, index));
    const heads = this.heads();
    layouts.checkRules();
    return {
      name: this.ast.name.name,
      alphabet,
      groups: choices.groups,
      slots: layouts.slots,
      rules: layouts.rules,
      inputs,
      stems,
      stages,
      heads,
      conditions: [...conditions, ...mirrorConditions(stageItems)],
    };
  }
}

/** The conditions that `mirrors` clauses imply. */
function mirrorConditions(stages: readonly ItemOf<'stage'>[]): Condition[] {
  return stages.flatMap(({ mirrors, number, span }): Condition[] => {
    if (mirrors?.kind !== 'number') return [];
    return [
      {
        formula: {
          kind: 'predicate',
          predicate: { kind: 'mirror', first: mirrors.value, second: number, whole: true },
        },
        text: `stage ${number} mirrors ${mirrors.value}`,
        span,
        implied: true,
      },
    ];
  });
}

/** The model of a parsed file; valid only where `diagnostics` holds no error. */
export function elaborate(
  ast: SpaceAst,
  items: readonly Item[],
  diagnostics: DiagnosticCollector,
): SpaceModel {
  return new Elaborator(ast, items, diagnostics).model();
}
