/** Resolves the names of a `where` expression and checks it. */
import type { CompareOp, Expr, ExprOf } from '../../language/ast.js';
import { printExpr } from '../../language/print.js';
import { nameHint } from '../../util/nearest-name.js';
import { type Condition, conditionNames, type Formula, type Predicate } from './condition.js';
import { type ConditionContext, measureOf, TermReader } from './term-reader.js';

/** Stands for a formula that was reported as an error. */
const truth: Formula = { kind: 'and', items: [] };
const atomic = (predicate: Predicate): Formula => ({ kind: 'predicate', predicate });

class ConditionReader extends TermReader {
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
      case 'in':
        return this.inRange(expr);
      case 'within':
        return this.within(expr);
      case 'before':
        return atomic({
          kind: 'before',
          first: this.word(expr.first, expr.span)[0]!,
          second: this.word(expr.second, expr.span)[0]!,
          stages: this.range(expr.stages),
        });
      case 'no':
        return atomic({
          kind: 'no',
          word: this.word(expr.word, expr.span),
          stages: this.range(expr.stages),
        });
      case 'name':
      case 'call':
        return this.relation(expr);
      default: {
        const message = `expected a condition, got ${printExpr(expr)}`;
        return this.fail(expr.span, message, 'e.g. `count(T) >= 2`', truth);
      }
    }
  }

  private compare(left: Expr, op: CompareOp, right: Expr): Formula {
    const measure = measureOf(left) ?? measureOf(right);
    return atomic({
      kind: 'compare',
      op,
      left: this.number(left, measure),
      right: this.number(right, measure),
    });
  }

  private between(value: Expr, low: Expr, high: Expr): Formula {
    return { kind: 'and', items: [this.compare(value, '>=', low), this.compare(value, '<=', high)] };
  }

  /** `value in 2..4` or `value in {2, 4..8}`. */
  private inRange({ value, range, ...expr }: ExprOf<'in'>): Formula {
    if (range.kind === 'range') return this.between(value, range.from, range.to);
    if (range.kind !== 'set')
      return this.fail(range.span, 'a range such as 2..4 or a set must follow `in`', undefined, truth);
    const items = range.items.map((item) =>
      item.kind === 'range' ? this.formula({ ...expr, value, range: item }) : this.compare(value, '==', item),
    );
    return { kind: 'or', items };
  }

  /** `value within 2% of target`, or within an absolute distance. */
  private within({ value, tolerance, target, span }: ExprOf<'within'>): Formula {
    if (tolerance.kind !== 'number')
      return this.fail(tolerance.span, 'a tolerance such as 2% must follow `within`', undefined, truth);
    const scaled = (factor: number): Expr => ({
      kind: 'arithmetic',
      op: '*',
      left: target,
      right: { kind: 'number', value: factor, text: '', span },
      span,
    });
    if (tolerance.text.endsWith('%'))
      return this.between(value, scaled(1 - tolerance.value), scaled(1 + tolerance.value));
    const shifted = (op: '-' | '+'): Expr => ({
      kind: 'arithmetic',
      op,
      left: target,
      right: tolerance,
      span,
    });
    return this.between(value, shifted('-'), shifted('+'));
  }

  /** A predicate on layouts, by its name. */
  private relation(expr: ExprOf<'name'> | ExprOf<'call'>): Formula {
    const call: ExprOf<'call'> = expr.kind === 'call' ? expr : { ...expr, kind: 'call', args: [] };
    const { name, args } = call;
    switch (name) {
      case 'symmetric':
      case 'asymmetric': {
        if (!this.arity(call, 0, 0)) return truth;
        const symmetric = atomic({ kind: 'symmetric' });
        return name === 'symmetric' ? symmetric : { kind: 'not', item: symmetric };
      }
      case 'alternating':
        return this.arity(call, 0, 1) ? atomic({ kind: 'alternating', stages: this.range(args[0]) }) : truth;
      case 'equal':
      case 'mirror': {
        if (!this.arity(call, 2, 2)) return truth;
        const [a, b] = [this.stage(args[0]), this.stage(args[1])];
        if (a === b)
          return this.fail(expr.span, `${name} needs two stages, got stage ${a} twice`, undefined, truth);
        return atomic({ kind: name, first: Math.min(a, b), second: Math.max(a, b), whole: false });
      }
      case 'rising':
      case 'falling':
        return this.arity(call, 1, 2)
          ? atomic({ kind: name, letter: this.letter(args[0], call.span), stages: this.range(args[1]) })
          : truth;
      default:
        return this.noRelation(expr);
    }
  }

  private noRelation({ kind, name, span }: ExprOf<'name'> | ExprOf<'call'>): Formula {
    const names = Object.keys(conditionNames);
    if (!names.includes(name))
      return this.fail(span, `unknown condition ${JSON.stringify(name)}`, nameHint(name, names), truth);
    const hint = `compare it: ${name}${kind === 'call' ? '(…)' : ''} <= …`;
    return this.fail(span, `${name} is a number, not a condition`, hint, truth);
  }
}

/** The conjuncts of an expression, each a condition of its own. Errors go to the context's diagnostics. */
export function readCondition(expr: Expr, context: ConditionContext): Condition[] {
  if (expr.kind === 'and') return expr.items.flatMap((item) => readCondition(item, context));
  return [{ formula: new ConditionReader(context).formula(expr), text: printExpr(expr), span: expr.span }];
}
