/**
 * Values that a scalar may take: a constant, a set, a range, or an expression over `let` names, which ties it
 * to all other expressions over these names. Names that occur in one expression form a variable group.
 */
import type { Expr, ExprOf, ItemOf } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { limits } from '../../language/limits.js';
import { evaluateArithmetic } from '../../language/numbers.js';
import type { ParamValue } from '../../util/params.js';
import type { VariableGroup } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';

/** Distinct values in file order; where the choice is tied, its group and one mask per value. */
export interface Choice {
  readonly values: readonly ParamValue[];
  readonly tie: { readonly group: number; readonly masks: readonly bigint[] } | undefined;
}

interface Variable {
  readonly name: string;
  readonly values: readonly ParamValue[];
  group: number;
}

function eachExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const value of Object.values(expr)) {
    if (Array.isArray(value))
      value.forEach(
        (item) =>
          typeof item === 'object' && item !== null && 'kind' in item && eachExpr(item as Expr, visit),
      );
    else if (typeof value === 'object' && value !== null && 'kind' in value) eachExpr(value as Expr, visit);
  }
}

export class ChoiceResolver {
  readonly groups: VariableGroup[] = [];
  private readonly variables = new Map<string, Variable>();
  /** `let d = 2 * w`: another name for an expression. */
  private readonly aliases = new Map<string, Expr>();
  /** Variables that an alias depends on. */
  private readonly aliasNames = new Map<string, readonly string[]>();
  /** Terms of an alias with other aliases written out. */
  private readonly aliasTerms = new Map<string, number>();
  private readonly members: Variable[][] = [];

  /** @param uses every value expression of the file: names that occur in one are assigned jointly */
  constructor(
    lets: readonly ItemOf<'let'>[],
    uses: readonly Expr[],
    private readonly diagnostics: DiagnosticCollector,
  ) {
    for (const { name, value } of lets) {
      if (this.variables.has(name.name) || this.aliases.has(name.name))
        diagnostics.error(name.span, `a name may be given once, got ${JSON.stringify(name.name)} again`);
      else if (this.namesIn(value).length > 0) this.addAlias(name.name, value);
      else this.variables.set(name.name, { name: name.name, values: this.constants(value), group: -1 });
    }
    this.aliasNames.clear(); // an alias may stand before the names it uses
    for (const name of this.aliases.keys()) this.namesOfAlias(name);
    const parent = new Map([...this.variables.keys()].map((name) => [name, name]));
    const root = (name: string): string => (parent.get(name) === name ? name : root(parent.get(name)!));
    for (const use of uses) {
      const [first, ...others] = this.namesIn(use);
      if (first !== undefined) others.forEach((other) => parent.set(root(other), root(first)));
    }
    const groups = new Map<string, Variable[]>();
    for (const variable of this.variables.values())
      groups.set(root(variable.name), [...(groups.get(root(variable.name)) ?? []), variable]);
    for (const variables of groups.values()) {
      const size = variables.reduce((product, { values }) => product * values.length, 1);
      if (size > limits.choices) {
        diagnostics.error(
          lets.find(({ name }) => name.name === variables[0]!.name)!.span,
          `names used in common expressions may have at most ${limits.choices} joint values, got ${size}`,
        );
      }
      variables.forEach((variable) => {
        variable.group = this.groups.length;
      });
      this.members.push(variables);
      this.groups.push({ scope: 'network', size: Math.min(size, limits.choices) });
    }
  }

  /** @throws TooLargeError where names that are used several times grow beyond all bounds */
  private addAlias(name: string, value: Expr): void {
    let terms = 0;
    eachExpr(value, (inner) => {
      terms += (inner.kind === 'name' && this.aliasTerms.get(inner.name)) || 1;
    });
    if (terms > limits.terms)
      throw new TooLargeError(
        `\`let ${name}\` may have at most ${limits.terms} terms with names written out, got ${terms}`,
      );
    this.aliasTerms.set(name, terms);
    this.aliases.set(name, value);
  }

  private namesOfAlias(name: string): readonly string[] {
    const known = this.aliasNames.get(name);
    if (known) return known;
    this.aliasNames.set(name, []); // ends the recursion of one that depends on itself
    const names = this.namesIn(this.aliases.get(name)!);
    this.aliasNames.set(name, names);
    return names;
  }

  /** Variables that an expression depends on. */
  private namesIn(expr: Expr): string[] {
    const names = new Set<string>();
    eachExpr(expr, (inner) => {
      if (inner.kind !== 'name') return;
      if (this.variables.has(inner.name)) names.add(inner.name);
      if (this.aliases.has(inner.name)) for (const name of this.namesOfAlias(inner.name)) names.add(name);
    });
    return [...names];
  }

  /** The values of an expression without names. */
  private constants(expr: Expr): ParamValue[] {
    const values = this.expand(expr, new Map());
    const distinct = [...new Set(values)];
    if (distinct.length > limits.choices) {
      this.diagnostics.error(
        expr.span,
        `a choice may have at most ${limits.choices} values, got ${distinct.length}`,
      );
      return distinct.slice(0, 1);
    }
    return distinct;
  }

  private expand(expr: Expr, assigned: ReadonlyMap<string, ParamValue>): ParamValue[] {
    if (expr.kind === 'set') return expr.items.flatMap((item) => this.expand(item, assigned));
    if (expr.kind !== 'range') {
      const value = this.scalar(expr, assigned);
      return value === undefined ? [] : [value];
    }
    const [from, to, step] = [expr.from, expr.to, expr.step].map((bound) =>
      bound ? this.scalar(bound, assigned) : 1,
    );
    if (
      typeof from !== 'number' ||
      typeof to !== 'number' ||
      typeof step !== 'number' ||
      step <= 0 ||
      to < from
    ) {
      const rule = 'a range must be LOW..HIGH with numbers and a positive step';
      const got = `${String(from)}..${String(to)} step ${String(step)}`;
      this.diagnostics.error(expr.span, `${rule}, got ${got}`);
      return [];
    }
    const size = Math.floor((to - from) / step + 1e-9) + 1;
    if (size > limits.choices) {
      this.diagnostics.error(expr.span, `a range may have at most ${limits.choices} values, got ${size}`);
      return [from];
    }
    return Array.from({ length: size }, (_, index) => Math.round((from + index * step) * 1e9) / 1e9);
  }

  private scalar(expr: Expr, assigned: ReadonlyMap<string, ParamValue>, depth = 0): ParamValue | undefined {
    switch (expr.kind) {
      case 'number':
        return expr.value;
      case 'text':
        return expr.value;
      case 'name':
        return this.named(expr, assigned, depth);
      case 'arithmetic': {
        const left = this.scalar(expr.left, assigned, depth);
        const right = this.scalar(expr.right, assigned, depth);
        if (typeof left === 'number' && typeof right === 'number')
          return evaluateArithmetic(left, expr.op, right);
        return this.diagnostics.error(
          expr.span,
          `${expr.op} needs numbers, got ${JSON.stringify(left)} and ${JSON.stringify(right)}`,
        );
      }
      case 'list':
        return this.list(expr, assigned, depth);
      default:
        return this.diagnostics.error(
          expr.span,
          'expected a value, a set such as {2, 4} or a range such as 2..8',
        );
    }
  }

  /** The value of a variable or alias; any other name is a word, or a truth value. */
  private named(
    { name, span }: ExprOf<'name'>,
    assigned: ReadonlyMap<string, ParamValue>,
    depth: number,
  ): ParamValue | undefined {
    const value = assigned.get(name);
    if (value !== undefined) return value;
    const alias = this.aliases.get(name);
    if (alias && depth > 32)
      return this.diagnostics.error(span, `a name must not depend on itself, got ${JSON.stringify(name)}`);
    if (alias) return this.scalar(alias, assigned, depth + 1);
    if (name === 'true') return true;
    return name === 'false' ? false : name;
  }

  /** `[1, 2, 4]` as the text `1-2-4`. */
  private list(
    { items: exprs }: ExprOf<'list'>,
    assigned: ReadonlyMap<string, ParamValue>,
    depth: number,
  ): ParamValue | undefined {
    const items = exprs.map((item) => {
      if (item.kind !== 'set' && item.kind !== 'list') return this.scalar(item, assigned, depth);
      const hint = 'write a set of lists: {[1, 2], [1, 4]}';
      return this.diagnostics.error(item.span, `a list holds integers, got a ${item.kind}`, hint);
    });
    if (items.includes(undefined)) return undefined;
    const wrong = items.findIndex((item) => typeof item !== 'number' || !Number.isInteger(item) || item < 0);
    if (wrong < 0) return items.join('-');
    return this.diagnostics.error(
      exprs[wrong]!.span,
      `a list holds integers of 0 or more, got ${JSON.stringify(items[wrong])}`,
    );
  }

  /**
   * The values of an expression. A `per stage` set is a variable group of its own, restored in every stage.
   */
  resolve(expr: Expr): Choice {
    const names = this.namesIn(expr);
    if (names.length === 0) {
      const values = this.constants(expr);
      if (expr.kind !== 'set' || expr.per !== 'stage' || values.length < 2) return { values, tie: undefined };
      this.groups.push({ scope: 'stage', size: values.length });
      this.members.push([]);
      return {
        values,
        tie: { group: this.groups.length - 1, masks: values.map((_, index) => 1n << BigInt(index)) },
      };
    }
    if (expr.kind === 'set' || expr.kind === 'range') {
      this.diagnostics.error(
        expr.span,
        'a set may not hold names, got one',
        'give the set a name with `let` and compute from that',
      );
      return { values: [], tie: undefined };
    }
    const group = this.variables.get(names[0]!)!.group;
    const masks = new Map<ParamValue, bigint>();
    this.assignments(group).forEach((assigned, index) => {
      const value = this.scalar(expr, assigned);
      if (value !== undefined) masks.set(value, (masks.get(value) ?? 0n) | (1n << BigInt(index)));
    });
    return { values: [...masks.keys()], tie: { group, masks: [...masks.values()] } };
  }

  private readonly cached = new Map<number, ReadonlyMap<string, ParamValue>[]>();
  private assignments(group: number): readonly ReadonlyMap<string, ParamValue>[] {
    let all = this.cached.get(group);
    if (!all) {
      all = [new Map<string, ParamValue>()];
      for (const { name, values } of this.members[group]!)
        all = all
          .slice(0, Math.ceil(limits.choices / Math.max(1, values.length))) // enough for all that are kept
          .flatMap((before) => values.map((value) => new Map([...before, [name, value]])))
          .slice(0, limits.choices);
      this.cached.set(group, all);
    }
    return all;
  }
}

export interface Combination {
  readonly values: Readonly<Record<string, ParamValue>>;
  readonly masks: readonly { readonly group: number; readonly mask: bigint }[];
  readonly weight: number;
}

/**
 * All combinations of several choices with their joint masks, without those that no assignment allows.
 * `weight` is the probability over the choices that are not tied; all values are equally likely.
 */
export function combinations(choices: readonly (readonly [name: string, choice: Choice])[]): Combination[] {
  let all: Combination[] = [{ values: {}, masks: [], weight: 1 }];
  for (const [name, choice] of choices) {
    const longer: Combination[] = [];
    for (const before of all) {
      longer.push(...extended(before, name, choice));
      if (longer.length > limits.choices) return longer.slice(0, limits.choices + 1);
    }
    all = longer;
  }
  return all;
}

/** A combination with each value of one more choice that its masks allow. */
function extended(before: Combination, name: string, { values, tie }: Choice): Combination[] {
  return values.flatMap((value, index) => {
    const all = { ...before.values, [name]: value };
    if (!tie) return [{ values: all, masks: before.masks, weight: before.weight / values.length }];
    const known = before.masks.find(({ group }) => group === tie.group);
    const mask = (known?.mask ?? -1n) & tie.masks[index]!;
    if (mask === 0n) return [];
    const masks = [...before.masks.filter((other) => other !== known), { group: tie.group, mask }];
    return [{ values: all, masks, weight: before.weight }];
  });
}
