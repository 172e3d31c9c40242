/** Replaces members that a condition names by their costs: `macs within 2% of C-CCTT`. */
import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { renderDiagnostics } from '../../language/render-diagnostic.js';
import { networkCost } from '../../network/network-cost.js';
import { DiagnosticError } from '../../util/errors.js';
import type { SpaceBase } from '../automaton/space-base.js';
import type { WorkBudget } from '../automaton/work-budget.js';
import type { Condition, Formula, NumberExpr } from '../conditions/condition.js';
import { type MembersFound, membersWithLayout } from './members-with-layout.js';

/** Units of work, of about a microsecond, for each transition that is read to find a layout's members. */
const TRANSITION_UNITS = 1;

type MembersOf = (layout: string) => MembersFound;

function memberCost(
  { layout, measure, span }: NumberExpr & { kind: 'member' },
  { model: { alphabet } }: SpaceBase,
  membersOf: MembersOf,
): NumberExpr {
  const { count, words } = membersOf(layout);
  if (count !== 1n) {
    const diagnostics = new DiagnosticCollector();
    if (count === 0n) diagnostics.error(span, `no member has the layouts ${layout}`);
    else diagnostics.error(span, `${measure} needs one member, got ${count} with the layouts ${layout}`);
    throw new DiagnosticError(diagnostics.all, renderDiagnostics(diagnostics.all, ''));
  }
  const { total } = networkCost(alphabet.architectureOf(words[0]!));
  return { kind: 'constant', value: measure === 'memory' ? total.activationBytes : total[measure] };
}

/** The members of each layout, which are looked up once. */
function membersByLayout({ unconditioned, model }: SpaceBase, work?: WorkBudget): MembersOf {
  const known = new Map<string, MembersFound>();
  return (layout) => {
    let found = known.get(layout);
    if (!found) {
      work?.spend(unconditioned.symbols.length * TRANSITION_UNITS);
      known.set(layout, (found = membersWithLayout(unconditioned, model.alphabet, layout, 1)));
    }
    return found;
  };
}

/**
 * @param work what looking members up counts in
 * @throws DiagnosticError where the layouts name no member, or several
 * @throws TooLargeError where the work does not suffice
 */
export function resolveMemberCosts(
  conditions: readonly Condition[],
  base: SpaceBase,
  work?: WorkBudget,
): readonly Condition[] {
  const membersOf = membersByLayout(base, work);
  return conditions.map((condition) => resolved(condition, base, membersOf));
}

function resolved(condition: Condition, base: SpaceBase, membersOf: MembersOf): Condition {
  const inNumber = (expr: NumberExpr): NumberExpr => {
    switch (expr.kind) {
      case 'member':
        return memberCost(expr, base, membersOf);
      case 'arithmetic':
        return { ...expr, left: inNumber(expr.left), right: inNumber(expr.right) };
      default:
        return expr;
    }
  };
  const inFormula = (formula: Formula): Formula => {
    switch (formula.kind) {
      case 'not':
        return { kind: 'not', item: inFormula(formula.item) };
      case 'and':
      case 'or':
        return { kind: formula.kind, items: formula.items.map(inFormula) };
      default: {
        const { predicate } = formula;
        if (predicate.kind !== 'compare') return formula;
        const { left, right } = predicate;
        return {
          kind: 'predicate',
          predicate: { ...predicate, left: inNumber(left), right: inNumber(right) },
        };
      }
    }
  };
  return { ...condition, formula: inFormula(condition.formula) };
}
