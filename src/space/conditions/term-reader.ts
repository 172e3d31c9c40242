/** The terms of a condition: stages, letters, features and numbers. */
import type { Expr, ExprOf } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { foreignNameHint } from '../../language/foreign-syntax.js';
import { printExpr } from '../../language/print.js';
import type { SourceSpan } from '../../language/source-span.js';
import { nameHint } from '../../util/nearest-name.js';
import { conditionNames, type Feature, type Measure, type NumberExpr, type StageRange } from './condition.js';

/** Stages and letters of the space that the condition belongs to. */
export interface ConditionContext {
  readonly stages: number;
  readonly letters: readonly string[];
  readonly diagnostics: DiagnosticCollector;
}

/** Reads the terms of conditions: stages, letters, features and numbers. */
export class TermReader {
  constructor(protected readonly context: ConditionContext) {}

  protected fail<T>(span: SourceSpan, message: string, hint: string | undefined, value: T): T {
    this.context.diagnostics.error(span, message, hint);
    return value;
  }

  protected stage(expr: Expr | undefined): number {
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
  protected range(expr: Expr | undefined): StageRange {
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
  protected letter(expr: Expr | undefined, span: SourceSpan): string {
    if (expr?.kind === 'letters' && this.context.letters.includes(expr.letters)) return expr.letters;
    return this.fail(
      expr?.span ?? span,
      `expected a block letter of this space, got ${expr ? printExpr(expr) : 'none'}`,
      nameHint(expr?.kind === 'letters' ? expr.letters : '', this.context.letters),
      this.context.letters[0] ?? 'C',
    );
  }
  protected word(letters: string, span: SourceSpan): string[] {
    const word = letters.match(/[A-Z]'*/g)!;
    for (const letter of word)
      if (!this.context.letters.includes(letter))
        this.fail(
          span,
          `letter ${JSON.stringify(letter)} is not a block of this space`,
          nameHint(letter, this.context.letters),
          undefined,
        );
    return [...word];
  }
  protected arity(expr: ExprOf<'call'>, least: number, most: number): boolean {
    if (expr.args.length >= least && expr.args.length <= most) return true;
    const numbers = least === most ? String(least) : `${least} or ${most}`;
    const message = `${expr.name} takes ${numbers} argument${most === 1 ? '' : 's'}, got ${expr.args.length}`;
    const hint = `write ${conditionNames[expr.name as keyof typeof conditionNames]}`;
    return this.fail(expr.span, message, hint, false);
  }

  /** The feature that a name or call reads; undefined after an error. */
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
      case 'first':
      case 'onset':
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
          `${JSON.stringify(name)} is not a number of a network`,
          Object.hasOwn(conditionNames, name)
            ? `it is a condition of its own: ${conditionNames[name as keyof typeof conditionNames]}`
            : (foreignNameHint(name) ?? nameHint(name, Object.keys(conditionNames))),
          undefined,
        );
    }
  }

  /** @param measure the cost that a layout stands for, from the other side of the comparison */
  protected number(expr: Expr, measure: Measure | undefined): NumberExpr {
    switch (expr.kind) {
      case 'number':
        return this.constant(expr, measure);
      case 'name':
      case 'call':
        return this.featureOrMember(expr);
      case 'layout':
      case 'letters': {
        if (measure) return member(expr, measure);
        const hint = 'write e.g. macs(CC-CCT)';
        return this.fail(expr.span, 'a layout must be compared with params, macs or memory', hint, zero);
      }
      case 'arithmetic':
        return {
          kind: 'arithmetic',
          op: expr.op,
          left: this.number(expr.left, measure),
          right: this.number(expr.right, measure),
        };
      default:
        return this.fail(expr.span, `expected a number, got ${printExpr(expr)}`, undefined, zero);
    }
  }

  /** A number; an error where it counts bytes and the other side counts parameters or MACs. */
  private constant({ value, text, span }: ExprOf<'number'>, measure: Measure | undefined): NumberExpr {
    const constant: NumberExpr = { kind: 'constant', value };
    if (!text.endsWith('B') || measure === undefined || measure === 'memory') return constant;
    const hint = /[KMG]i?B$/.test(text) ? `write ${text.replace(/i?B$/, '')}` : 'write a billion as 1G';
    return this.fail(span, `${measure} is a count, got the bytes ${text}`, hint, constant);
  }

  /** A feature, or the cost of a named member: `macs(CC-CCT)`. */
  private featureOrMember(expr: ExprOf<'name'> | ExprOf<'call'>): NumberExpr {
    const [first, ...others] = expr.kind === 'call' ? expr.args : [];
    const named = others.length === 0 && (first?.kind === 'layout' || first?.kind === 'letters');
    if (named && isMeasure(expr.name)) return member(first, expr.name);
    const feature = this.feature(expr);
    return feature ? { kind: 'feature', feature } : zero;
  }
}

/** Stands for a number that was reported as an error. */
const zero: NumberExpr = { kind: 'constant', value: 0 };

const isMeasure = (name: string): name is Measure =>
  name === 'params' || name === 'macs' || name === 'memory';

const member = (expr: ExprOf<'layout'> | ExprOf<'letters'>, measure: Measure): NumberExpr => ({
  kind: 'member',
  layout: expr.kind === 'layout' ? expr.layout : expr.letters,
  measure,
  span: expr.span,
});

/** The measure that a side of a comparison reads. */
export function measureOf(expr: Expr): Measure | undefined {
  if (expr.kind === 'arithmetic') return measureOf(expr.left) ?? measureOf(expr.right);
  if (expr.kind !== 'name' && expr.kind !== 'call') return undefined;
  return isMeasure(expr.name) ? expr.name : undefined;
}
