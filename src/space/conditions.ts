/**
 * What stands after `where`, with its names resolved. A condition is a boolean expression over atoms; an atom
 * compares numbers read from the network or states a relation of its layouts. `atoms` says how each is
 * tracked along a word.
 */
import type { CompareOp, Expr, ExprOf } from '../language/ast.js';
import type { DiagnosticCollector } from '../language/diagnostic-collector.js';
import { printExpr } from '../language/print.js';
import type { Place } from '../language/source.js';
import { nameHint } from '../util/nearest-name.js';

/** Stages from 1, both ends included. */
export interface StageRange {
  readonly from: number;
  readonly to: number;
}

export type Measure = 'params' | 'macs' | 'memory';
/** A number read from a network. `letter` undefined: any block. */
export type Feature =
  | { readonly kind: 'count' | 'share'; readonly letter: string | undefined; readonly stages: StageRange }
  | { readonly kind: 'width'; readonly stage: number }
  | {
      readonly kind: 'cost';
      readonly measure: Measure /** undefined: the whole network, stem and head included */;
      readonly stages: StageRange | undefined;
    }
  | { readonly kind: 'asymmetry' };
export type NumberExpr =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'feature'; readonly feature: Feature }
  /** The cost of the member with these layouts. */
  | { readonly kind: 'member'; readonly layout: string; readonly measure: Measure; readonly span: Place }
  | {
      readonly kind: 'arithmetic';
      readonly op: '+' | '-' | '*' | '/';
      readonly left: NumberExpr;
      readonly right: NumberExpr;
    };

export type Atom =
  | {
      readonly kind: 'compare';
      readonly op: CompareOp;
      readonly left: NumberExpr;
      readonly right: NumberExpr;
    }
  | { readonly kind: 'symmetric' }
  | { readonly kind: 'before'; readonly first: string; readonly second: string; readonly stages: StageRange }
  | { readonly kind: 'no'; readonly word: readonly string[]; readonly stages: StageRange }
  | { readonly kind: 'alternating'; readonly stages: StageRange }
  /** `whole`: the blocks with their parameters, not their letters alone. */
  | {
      readonly kind: 'equal' | 'mirror';
      readonly first: number;
      readonly second: number;
      readonly whole: boolean;
    }
  | { readonly kind: 'rising' | 'falling'; readonly letter: string; readonly stages: StageRange };
export type Formula =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Formula[] }
  | { readonly kind: 'not'; readonly item: Formula };

/** One conjunct of a `where`, as it is written; `implied` by another statement. */
export interface Condition {
  readonly formula: Formula;
  readonly text: string;
  readonly span: Place;
  readonly implied?: boolean;
}

interface Context {
  readonly stages: number;
  readonly letters: readonly string[];
  readonly diagnostics: DiagnosticCollector;
}

/** Names that stand alone, and functions with their arguments as shown in hints. */
export const known = {
  symmetric: 'symmetric',
  asymmetric: 'asymmetric',
  asymmetry: 'asymmetry',
  alternating: 'alternating or alternating(STAGES)',
  params: 'params or params(STAGES)',
  macs: 'macs or macs(STAGES)',
  memory: 'memory or memory(STAGES)',
  depth: 'depth or depth(STAGES)',
  count: 'count(LETTER) or count(LETTER, STAGES)',
  share: 'share(LETTER) or share(LETTER, STAGES)',
  width: 'width(STAGE)',
  equal: 'equal(STAGE, STAGE)',
  mirror: 'mirror(STAGE, STAGE)',
  rising: 'rising(LETTER) or rising(LETTER, STAGES)',
  falling: 'falling(LETTER) or falling(LETTER, STAGES)',
} as const;

const truth: Formula = { kind: 'and', items: [] };

class ConditionReader {
  constructor(private readonly context: Context) {}

  private fail<T>(span: Place, message: string, hint: string | undefined, value: T): T {
    this.context.diagnostics.error(span, message, hint);
    return value;
  }

  private stage(expr: Expr | undefined): number {
    if (
      expr?.kind === 'number' &&
      Number.isInteger(expr.value) &&
      expr.value >= 1 &&
      expr.value <= this.context.stages
    )
      return expr.value;
    return this.fail(
      expr!.span,
      `a stage must be an integer in 1..${this.context.stages}, got ${printExpr(expr!)}`,
      undefined,
      1,
    );
  }
  private range(expr: Expr | undefined): StageRange {
    if (!expr) return { from: 1, to: this.context.stages };
    if (expr.kind !== 'range') return { from: this.stage(expr), to: this.stage(expr) };
    const range = { from: this.stage(expr.from), to: this.stage(expr.to) };
    return range.from > range.to
      ? this.fail(expr.span, `stages must be given as LOW..HIGH, got ${printExpr(expr)}`, undefined, {
          from: range.to,
          to: range.from,
        })
      : range;
  }
  private letter(expr: Expr | undefined, span: Place): string {
    if (expr?.kind === 'letters' && this.context.letters.includes(expr.letters)) return expr.letters;
    return this.fail(
      expr?.span ?? span,
      `a block letter of this space must stand here, got ${expr ? printExpr(expr) : 'none'}`,
      nameHint(expr?.kind === 'letters' ? expr.letters : '', this.context.letters),
      this.context.letters[0] ?? 'C',
    );
  }
  private word(letters: string, span: Place): string[] {
    const word = letters.match(/[A-Z]'*/g)!;
    for (const letter of word)
      if (!this.context.letters.includes(letter))
        this.fail(
          span,
          `letter ${JSON.stringify(letter)} is no block of this space`,
          nameHint(letter, this.context.letters),
          undefined,
        );
    return [...word];
  }
  private arity(expr: ExprOf<'call'>, least: number, most: number): boolean {
    if (expr.args.length >= least && expr.args.length <= most) return true;
    return this.fail(
      expr.span,
      `${expr.name} takes ${least === most ? least : `${least} or ${most}`} argument${most === 1 ? '' : 's'}, got ${expr.args.length}`,
      `write ${known[expr.name as keyof typeof known]}`,
      false,
    );
  }

  /** The feature that a name or call reads; undefined (reported) where it reads none. */
  private feature(expr: ExprOf<'name'> | ExprOf<'call'>): Feature | undefined {
    const call: ExprOf<'call'> = expr.kind === 'call' ? expr : { ...expr, kind: 'call', args: [] };
    const { name, args } = call;
    switch (name) {
      case 'params':
      case 'macs':
      case 'memory':
        return this.arity(call, 0, 1)
          ? { kind: 'cost', measure: name, stages: args[0] ? this.range(args[0]) : undefined }
          : undefined;
      case 'depth':
        return this.arity(call, 0, 1)
          ? { kind: 'count', letter: undefined, stages: this.range(args[0]) }
          : undefined;
      case 'count':
      case 'share':
        return this.arity(call, 1, 2)
          ? { kind: name, letter: this.letter(args[0], call.span), stages: this.range(args[1]) }
          : undefined;
      case 'width':
        return this.arity(call, 1, 1) ? { kind: 'width', stage: this.stage(args[0]) } : undefined;
      case 'asymmetry':
        return this.arity(call, 0, 0) ? { kind: 'asymmetry' } : undefined;
      default:
        return this.fail(
          expr.span,
          `${JSON.stringify(name)} is no number of a network`,
          Object.hasOwn(known, name)
            ? `it is a condition by itself: ${known[name as keyof typeof known]}`
            : nameHint(name, Object.keys(known)),
          undefined,
        );
    }
  }

  /** @param measure what a layout on this side stands for */
  private number(expr: Expr, measure: Measure | undefined): NumberExpr {
    switch (expr.kind) {
      case 'number':
        return { kind: 'constant', value: expr.value };
      case 'name':
      case 'call': {
        if (
          expr.kind === 'call' &&
          (expr.name === 'params' || expr.name === 'macs' || expr.name === 'memory')
        ) {
          const [first] = expr.args;
          if (expr.args.length === 1 && (first!.kind === 'layout' || first!.kind === 'letters'))
            return {
              kind: 'member',
              layout: first!.kind === 'layout' ? first!.layout : first!.letters,
              measure: expr.name,
              span: first!.span,
            };
        }
        const feature = this.feature(expr);
        return feature ? { kind: 'feature', feature } : { kind: 'constant', value: 0 };
      }
      case 'layout':
      case 'letters': {
        if (!measure)
          return this.fail(
            expr.span,
            'a layout stands for a number only beside params, macs or memory',
            'write e.g. macs(CC-CCT)',
            { kind: 'constant', value: 0 },
          );
        return {
          kind: 'member',
          layout: expr.kind === 'layout' ? expr.layout : expr.letters,
          measure,
          span: expr.span,
        };
      }
      case 'arithmetic':
        return {
          kind: 'arithmetic',
          op: expr.op,
          left: this.number(expr.left, measure),
          right: this.number(expr.right, measure),
        };
      default:
        return this.fail(expr.span, `expected a number, got ${printExpr(expr)}`, undefined, {
          kind: 'constant',
          value: 0,
        });
    }
  }

  private compare(left: Expr, op: CompareOp, right: Expr): Formula {
    const measure = measureOf(left) ?? measureOf(right);
    return {
      kind: 'atom',
      atom: { kind: 'compare', op, left: this.number(left, measure), right: this.number(right, measure) },
    };
  }

  formula(expr: Expr): Formula {
    switch (expr.kind) {
      case 'and':
      case 'or':
        return { kind: expr.kind, items: expr.items.map((item) => this.formula(item)) };
      case 'not':
        return { kind: 'not', item: this.formula(expr.item) };
      case 'compare': {
        const items = expr.rest.map(({ op, value }, index) =>
          this.compare(index === 0 ? expr.first : expr.rest[index - 1]!.value, op, value),
        );
        return items.length === 1 ? items[0]! : { kind: 'and', items };
      }
      case 'in': {
        if (expr.range.kind === 'set')
          return {
            kind: 'or',
            items: expr.range.items.map((item) =>
              item.kind === 'range'
                ? this.formula({ ...expr, range: item })
                : this.compare(expr.value, '==', item),
            ),
          };
        if (expr.range.kind !== 'range')
          return this.fail(
            expr.range.span,
            'a range such as 2..4 or a set must follow `in`',
            undefined,
            truth,
          );
        return {
          kind: 'and',
          items: [
            this.compare(expr.value, '>=', expr.range.from),
            this.compare(expr.value, '<=', expr.range.to),
          ],
        };
      }
      case 'within': {
        const { value, tolerance, target, span } = expr;
        if (tolerance.kind !== 'number')
          return this.fail(tolerance.span, 'a tolerance such as 2% must follow `within`', undefined, truth);
        const side = (op: '-' | '+'): Expr =>
          tolerance.text.endsWith('%')
            ? {
                kind: 'arithmetic',
                op: '*',
                left: target,
                right: {
                  kind: 'number',
                  value: op === '-' ? 1 - tolerance.value : 1 + tolerance.value,
                  text: '',
                  span,
                },
                span,
              }
            : { kind: 'arithmetic', op, left: target, right: tolerance, span };
        return {
          kind: 'and',
          items: [this.compare(value, '>=', side('-')), this.compare(value, '<=', side('+'))],
        };
      }
      case 'before':
        return {
          kind: 'atom',
          atom: {
            kind: 'before',
            first: this.word(expr.first, expr.span)[0]!,
            second: this.word(expr.second, expr.span)[0]!,
            stages: this.range(expr.stages),
          },
        };
      case 'no':
        return {
          kind: 'atom',
          atom: { kind: 'no', word: this.word(expr.word, expr.span), stages: this.range(expr.stages) },
        };
      case 'name':
      case 'call':
        return this.relation(expr);
      default:
        return this.fail(
          expr.span,
          `expected a condition, got ${printExpr(expr)}`,
          'e.g. `count(T) >= 2`',
          truth,
        );
    }
  }

  private relation(expr: ExprOf<'name'> | ExprOf<'call'>): Formula {
    const call: ExprOf<'call'> = expr.kind === 'call' ? expr : { ...expr, kind: 'call', args: [] };
    const { name, args } = call;
    const atom = (found: Atom): Formula => ({ kind: 'atom', atom: found });
    switch (name) {
      case 'symmetric':
      case 'asymmetric': {
        if (!this.arity(call, 0, 0)) return truth;
        const symmetric = atom({ kind: 'symmetric' });
        return name === 'symmetric' ? symmetric : { kind: 'not', item: symmetric };
      }
      case 'alternating':
        return this.arity(call, 0, 1) ? atom({ kind: 'alternating', stages: this.range(args[0]) }) : truth;
      case 'equal':
      case 'mirror': {
        if (!this.arity(call, 2, 2)) return truth;
        const [a, b] = [this.stage(args[0]), this.stage(args[1])];
        if (a === b)
          return this.fail(expr.span, `${name} needs two stages, got stage ${a} twice`, undefined, truth);
        return atom({ kind: name, first: Math.min(a, b), second: Math.max(a, b), whole: false });
      }
      case 'rising':
      case 'falling':
        return this.arity(call, 1, 2)
          ? atom({ kind: name, letter: this.letter(args[0], call.span), stages: this.range(args[1]) })
          : truth;
      default:
        if (Object.hasOwn(known, name))
          return this.fail(
            expr.span,
            `${name} is a number, not a condition`,
            `compare it: ${name}${expr.kind === 'call' ? '(…)' : ''} <= …`,
            truth,
          );
        return this.fail(
          expr.span,
          `unknown condition ${JSON.stringify(name)}`,
          nameHint(name, Object.keys(known)),
          truth,
        );
    }
  }
}

function measureOf(expr: Expr): Measure | undefined {
  if (expr.kind === 'arithmetic') return measureOf(expr.left) ?? measureOf(expr.right);
  if (expr.kind !== 'name' && expr.kind !== 'call') return undefined;
  return expr.name === 'params' || expr.name === 'macs' || expr.name === 'memory' ? expr.name : undefined;
}

/** The conjuncts of an expression, each a condition of its own. */
export function elaborateCondition(expr: Expr, context: Context): Condition[] {
  if (expr.kind === 'and') return expr.items.flatMap((item) => elaborateCondition(item, context));
  return [{ formula: new ConditionReader(context).formula(expr), text: printExpr(expr), span: expr.span }];
}

/** The highest number of blocks that conditions allow a stage; Infinity where they say nothing. */
export function depthBounds(conditions: readonly Condition[], stage: number): number {
  let bound = Infinity;
  const visit = (formula: Formula): void => {
    if (formula.kind === 'and') formula.items.forEach(visit);
    if (formula.kind !== 'atom' || formula.atom.kind !== 'compare') return;
    const { left, right, op } = formula.atom;
    const [feature, limit, sign] =
      right.kind === 'constant'
        ? [left, right.value, op]
        : left.kind === 'constant'
          ? [right, left.value, mirrored[op]]
          : [left, NaN, op];
    if (
      feature.kind !== 'feature' ||
      feature.feature.kind !== 'count' ||
      feature.feature.letter !== undefined
    )
      return;
    const { from, to } = feature.feature.stages;
    if (stage < from || stage > to) return;
    if (sign === '<=' || sign === '==') bound = Math.min(bound, Math.floor(limit));
    if (sign === '<') bound = Math.min(bound, Math.ceil(limit) - 1);
  };
  conditions.forEach(({ formula }) => visit(formula));
  return bound;
}

/** The comparison with its sides changed. */
export const mirrored = {
  '<=': '>=',
  '>=': '<=',
  '<': '>',
  '>': '<',
  '==': '==',
  '!=': '!=',
} as const satisfies Record<CompareOp, CompareOp>;
