/** Replaces members that a condition names by their costs: `macs within 2% of C-CCTT`. */
import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { renderDiagnostics } from '../../language/render-diagnostic.js';
import { networkCost } from '../../network/network-cost.js';
import { DiagnosticError } from '../../util/errors.js';
import type { SpaceBase } from '../automaton/space-base.js';
import type { Condition, Formula, NumberExpr } from '../conditions/condition.js';
import { membersWithLayout } from './members-with-layout.js';

function memberCost(
  { layout, measure, span }: NumberExpr & { kind: 'member' },
  { unconditioned, model: { alphabet } }: SpaceBase,
): NumberExpr {
  const { count, words } = membersWithLayout(unconditioned, alphabet, layout, 1);
  if (count !== 1n) {
    const diagnostics = new DiagnosticCollector();
    if (count === 0n) diagnostics.error(span, `no member has the layouts ${layout}`);
    else diagnostics.error(span, `${measure} needs one member, got ${count} with the layouts ${layout}`);
    throw new DiagnosticError(diagnostics.all, renderDiagnostics(diagnostics.all, ''));
  }
  const { total } = networkCost(alphabet.architectureOf(words[0]!));
  return { kind: 'constant', value: measure === 'memory' ? total.activationBytes : total[measure] };
}

/** @throws DiagnosticError where the layouts name no member, or several */
export function resolveMemberCosts(condition: Condition, base: SpaceBase): Condition {
  const inNumber = (expr: NumberExpr): NumberExpr => {
    switch (expr.kind) {
      case 'member':
        return memberCost(expr, base);
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
