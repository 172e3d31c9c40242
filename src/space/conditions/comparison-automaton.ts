/** The automaton of a comparison between two numbers of a network. */
import type { CompareOp } from '../../language/ast.js';
import { evaluateArithmetic } from '../../language/numbers.js';
import type { NumberExpr, Predicate } from './condition.js';
import { type FeatureRegisters, registersOf } from './feature-registers.js';
import type { PredicateAutomaton, State } from './predicate-automaton.js';

function holds(left: number, op: CompareOp, right: number): boolean {
  switch (op) {
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    default:
      return op satisfies never;
  }
}

/** The result of `value op bound` where `value` can only grow; undefined while it is open. */
function decidedByGrowth(value: number, op: CompareOp, bound: number): boolean | undefined {
  switch (op) {
    case '>=':
      return value >= bound ? true : undefined;
    case '>':
    case '!=':
      return value > bound ? true : undefined;
    case '<=':
    case '==':
      return value > bound ? false : undefined;
    case '<':
      return value >= bound ? false : undefined;
    default:
      return op satisfies never;
  }
}

/** The registers of all features of a comparison, one after the other in one state. */
class RegisterFile {
  private readonly parts: { readonly registers: FeatureRegisters; readonly offset: number }[] = [];
  readonly start: (number | string)[] = [];

  /** The value of an expression as a function of the state. */
  compile(expr: NumberExpr): (state: State) => number {
    switch (expr.kind) {
      case 'constant':
        return () => expr.value;
      case 'feature': {
        const registers = registersOf(expr.feature);
        const offset = this.start.length;
        this.parts.push({ registers, offset });
        this.start.push(...registers.start);
        return (state) => registers.value(state.slice(offset, offset + registers.start.length));
      }
      case 'arithmetic': {
        const [left, right] = [this.compile(expr.left), this.compile(expr.right)];
        return (state) => evaluateArithmetic(left(state), expr.op, right(state));
      }
      default:
        throw new Error(`comparison: the cost of member ${expr.layout} must be resolved first`);
    }
  }

  get lastStage(): number {
    return Math.max(0, ...this.parts.map(({ registers }) => registers.lastStage));
  }
  get firstIsMonotone(): boolean {
    return this.parts[0]?.registers.monotone === true;
  }
  next: PredicateAutomaton['next'] = (state, input) =>
    this.parts.flatMap(({ registers, offset }) =>
      registers.next(state.slice(offset, offset + registers.start.length), input),
    );
}

export function comparisonAutomaton({
  left,
  op,
  right,
}: Predicate & { kind: 'compare' }): PredicateAutomaton {
  const registers = new RegisterFile();
  const [leftValue, rightValue] = [registers.compile(left), registers.compile(right)];
  const { lastStage, firstIsMonotone } = registers;
  const bound =
    left.kind === 'feature' && right.kind === 'constant' && firstIsMonotone ? right.value : undefined;
  const accepts = (state: State): boolean => holds(leftValue(state), op, rightValue(state));
  return {
    start: registers.start,
    next: registers.next,
    accepts,
    decided(state, stage) {
      if (stage >= lastStage) return accepts(state);
      return bound === undefined ? undefined : decidedByGrowth(leftValue(state), op, bound);
    },
  };
}
