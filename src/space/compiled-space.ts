/**
 * `Space` over the automaton of its members. What could not be compiled is filtered; then counts are
 * intervals, and say so.
 */
import type { Architecture } from '../architecture/architecture.js';
import { layoutOf } from '../architecture/layout.js';
import type { SpaceAst } from '../language/ast.js';
import { DiagnosticCollector } from '../language/diagnostic-collector.js';
import { parseCondition } from '../language/parse.js';
import { printSpace } from '../language/print.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { networkCost } from '../network/network-cost.js';
import { DiagnosticError, UserError } from '../util/errors.js';
import { type Random, seededRandom } from '../util/random.js';
import { wilsonInterval } from '../util/statistics/wilson.js';
import type { StepCost } from './atoms.js';
import { Budgeted } from './budgeted.js';
import { splitBudgets, type Windows } from './budgets.js';
import { type Condition, elaborateCondition, type Formula, type NumberExpr } from './conditions.js';
import { architectures } from './enumerate.js';
import { meets, reasonOutside } from './explain.js';
import { buildGraph, type Graph, TooManyStatesError } from './graph.js';
import { longestOf, TooLargeError } from './layout-machine.js';
import { membersWithLayout } from './layouts.js';
import { ConditionMachine } from './machine.js';
import type { SpaceModel } from './model.js';
import type { Places } from './places.js';
import type { Count, Space } from './space.js';
import { edgeWith, GraphMembers, type Members, readable } from './walk.js';
import { Weights } from './weights.js';

/** Up to here a set with filters is counted by looking at every member. */
const LISTED = 200_000;
const DRAWS = 4000;
/**
 * States of one condition's automaton together with the space, before it is filtered in place of compiled.
 */
const CONDITION_LIMIT = 70_000;

/** What spaces refined from each other have in common. */
export interface Shared {
  readonly model: SpaceModel;
  readonly ast: SpaceAst;
  readonly places: Places;
  /** The set before any condition. */
  readonly base: Graph;
}

export class CompiledSpace implements Space {
  readonly name: string;
  readonly text: string;
  /** Every conjunct, with the costs of named members put in. */
  readonly conditions: readonly Condition[];
  /** The automaton under the conditions on structure. */
  readonly graph: Graph;
  /** The words of `graph` within the budgets. */
  readonly members: Members;
  /** The budgets that `members` keeps to; undefined where none was set, or where they are only filtered. */
  readonly windows: Windows | undefined;
  /**
   * Every condition as an automaton of its own, and those among them that could not be compiled and are only
   * filtered.
   */
  readonly machines: readonly ConditionMachine[];
  readonly filters: readonly ConditionMachine[];
  /** The conditions on structure that `graph` is compiled under. */
  readonly structure: readonly ConditionMachine[];
  private listed: readonly bigint[] | undefined;

  constructor(
    readonly shared: Shared,
    conditions: readonly Condition[],
  ) {
    this.name = shared.model.name;
    this.text = printSpace(shared.ast, { comments: false });
    this.conditions = conditions.map((condition) => this.resolved(condition));
    const longest = shared.model.stages.map(({ depths, layout }) =>
      Math.min(depths.max, longestOf(layout, shared.model.rules)),
    );
    const machineOf = new Map(
      this.conditions.map((condition) => [condition, new ConditionMachine(condition, longest)]),
    );
    this.machines = [...machineOf.values()];
    const { windows, budgets, rest } = splitBudgets(this.conditions);
    const { graph, compiled } = this.compile(rest.map((condition) => machineOf.get(condition)!));
    this.graph = graph;
    this.structure = compiled;
    const exact = new Set(compiled);
    let members: Members | undefined;
    if (windows) {
      try {
        members = new Budgeted(graph, windows);
        for (const budget of budgets) exact.add(machineOf.get(budget)!);
      } catch (error) {
        if (!(error instanceof TooLargeError)) throw error;
      }
    }
    this.members = members ?? new GraphMembers(graph);
    this.windows = members ? windows : undefined;
    this.filters = this.machines.filter((machine) => !exact.has(machine));
  }

  /** The automaton under all conditions, or, where that grows too large, under as many as fit. */
  private compile(machines: readonly ConditionMachine[]): {
    graph: Graph;
    compiled: readonly ConditionMachine[];
  } {
    const { model, places, base } = this.shared;
    const hopeless = new Set<ConditionMachine>();
    const attempt = (some: readonly ConditionMachine[]): Graph | undefined => {
      try {
        return some.length === 0 ? base : buildGraph(model, some, places, CONDITION_LIMIT);
      } catch (error) {
        if (error instanceof TooManyStatesError) hopeless.add(error.machine);
        if (error instanceof TooLargeError) return undefined;
        throw error;
      }
    };
    for (let known = -1; known < hopeless.size; ) {
      // without those that are too much by themselves
      known = hopeless.size;
      const compiled = machines.filter((machine) => !hopeless.has(machine));
      const all = attempt(compiled);
      if (all) return { graph: all, compiled };
    }
    let graph = base;
    let compiled: readonly ConditionMachine[] = [];
    for (const machine of machines) {
      if (hopeless.has(machine)) continue;
      const next = attempt([...compiled, machine]);
      if (next) [graph, compiled] = [next, [...compiled, machine]];
    }
    return { graph, compiled };
  }

  /** Costs of members that conditions name, put in. */
  private resolved(condition: Condition): Condition {
    const number = (expr: NumberExpr): NumberExpr => {
      if (expr.kind === 'arithmetic') return { ...expr, left: number(expr.left), right: number(expr.right) };
      if (expr.kind !== 'member') return expr;
      const found = membersWithLayout(this.shared.base, this.shared.model.labels, expr.layout, 1);
      const diagnostics = new DiagnosticCollector();
      if (found.count === 0n) diagnostics.error(expr.span, `no member has the layouts ${expr.layout}`);
      else if (found.count > 1n)
        diagnostics.error(
          expr.span,
          `${found.count} members have the layouts ${expr.layout}, so that its ${expr.measure} is not one number`,
        );
      if (diagnostics.hasErrors)
        throw new DiagnosticError(diagnostics.all, renderDiagnostics(diagnostics.all, ''));
      const { total } = networkCost(this.shared.model.labels.architectureOf(found.words[0]!));
      return {
        kind: 'constant',
        value: expr.measure === 'memory' ? total.activationBytes : total[expr.measure],
      };
    };
    const formula = (inner: Formula): Formula => {
      if (inner.kind === 'not') return { kind: 'not', item: formula(inner.item) };
      if (inner.kind !== 'atom') return { kind: inner.kind, items: inner.items.map(formula) };
      return inner.atom.kind === 'compare'
        ? {
            kind: 'atom',
            atom: { ...inner.atom, left: number(inner.atom.left), right: number(inner.atom.right) },
          }
        : inner;
    };
    return { ...condition, formula: formula(condition.formula) };
  }

  /** Whether a word of `graph` meets what is only filtered. */
  passes(word: readonly number[]): boolean {
    return this.filters.every((machine) => this.meets(machine, word));
  }

  private meets(machine: ConditionMachine, word: readonly number[]): boolean {
    return meets(machine, word, this.shared);
  }

  count(): Count {
    const whole = this.members.total;
    if (this.filters.length === 0) return { exact: true, count: whole };
    if (whole <= BigInt(LISTED)) return { exact: true, count: BigInt(this.list().length) };
    const random = seededRandom(`count ${this.text}`);
    let hits = 0;
    for (let draw = 0; draw < DRAWS; draw++) hits += Number(this.passes(this.members.sample(random)));
    const { low, high } = wilsonInterval(hits / DRAWS, DRAWS);
    const part = (fraction: number): bigint => (whole * BigInt(Math.round(fraction * 2 ** 40))) >> 40n;
    return {
      exact: false,
      estimate: part(hits / DRAWS),
      low: part(low),
      high: part(high),
      because: `not compiled: ${this.filters.map(({ condition }) => condition.text).join(' and ')}`,
    };
  }

  /** Ranks in the graph of the members that pass the filters. */
  private list(): readonly bigint[] {
    if (this.listed) return this.listed;
    if (this.members.total > BigInt(LISTED))
      throw new UserError(
        `${this.name}: positions need an exact set, got a filter on ${this.members.total} members: ${this.filters.map(({ condition }) => condition.text).join(' and ')}`,
        { fix: 'use sample or enumerate' },
      );
    const found: bigint[] = [];
    let rank = 0n;
    for (const word of this.members.words()) {
      if (this.passes(word)) found.push(rank);
      rank++;
    }
    return (this.listed = found);
  }

  private architecture(word: readonly number[]): Architecture {
    return this.shared.model.labels.architectureOf(word);
  }

  /**
   * Parameters, MACs and live activation bytes of a member, from the costs that the space has worked out.
   * @throws UserError outside the space
   */
  costOf(architecture: Architecture): StepCost {
    const { base, model, places } = this.shared;
    const word = model.labels.wordOf(architecture);
    let [node, params, macs, activationBytes] = [0, 0, 0, 0];
    for (const label of word) {
      const edge = edgeWith(base, node, label);
      if (edge < 0)
        throw new UserError(`${this.name}: the architecture must be a member, got ${layoutOf(architecture)}`);
      const cost = places.costs[base.events[edge]!]!;
      params += cost.params;
      macs += cost.macs;
      if (cost.activationBytes > activationBytes) activationBytes = cost.activationBytes;
      node = base.targets[edge]!;
    }
    return { params, macs, activationBytes };
  }

  contains(
    architecture: Architecture,
  ): { readonly member: true } | { readonly member: false; readonly reason: string } {
    const word = this.shared.model.labels.wordOf(architecture);
    if (
      readable(this.shared.base, word) === word.length &&
      this.machines.every((machine) => this.meets(machine, word))
    )
      return { member: true };
    return { member: false, reason: reasonOutside(architecture, word, this.shared, this.machines) };
  }

  rank(architecture: Architecture): bigint {
    const answer = this.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.name}: the architecture must be a member, got ${layoutOf(architecture)}: ${answer.reason}`,
      );
    const rank = this.members.rank(this.shared.model.labels.wordOf(architecture));
    return this.filters.length === 0 ? rank : BigInt(this.list().indexOf(rank));
  }

  unrank(rank: bigint): Architecture {
    const size = this.filters.length === 0 ? this.members.total : BigInt(this.list().length);
    if (rank < 0n || rank >= size)
      throw new RangeError(`${this.name}: rank must lie in 0..${size - 1n}, got ${rank}`);
    return this.architecture(
      this.members.wordAt(this.filters.length === 0 ? rank : this.list()[Number(rank)]!),
    );
  }

  /** The member at the lowest position. */
  first(): Architecture | undefined {
    for (const member of this.enumerate()) return member;
    return undefined;
  }

  /** The member after this one in the order of the space. @throws UserError where it is no member */
  next(architecture: Architecture): Architecture | undefined {
    const answer = this.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.name}: the architecture must be a member, got ${layoutOf(architecture)}: ${answer.reason}`,
      );
    for (
      let rank = this.members.rank(this.shared.model.labels.wordOf(architecture)) + 1n;
      rank < this.members.total;
      rank++
    ) {
      const word = this.members.wordAt(rank);
      if (this.passes(word)) return this.architecture(word);
    }
    return undefined;
  }

  *enumerate(): Generator<Architecture> {
    if (this.filters.length === 0 && this.windows === undefined)
      return yield* architectures(this.graph, this.shared.model.labels);
    for (const word of this.members.words())
      if (this.filters.length === 0 || this.passes(word)) yield this.architecture(word);
  }

  sample(random: Random): Architecture {
    if (this.members.total === 0n)
      throw new UserError(`${this.name}: a draw needs a member, the space has none`);
    if (this.filters.length === 0) return this.architecture(this.members.sample(random));
    if (this.members.total <= BigInt(LISTED)) {
      const ranks = this.list();
      if (ranks.length === 0) throw new UserError(`${this.name}: a draw needs a member, the space has none`);
      return this.architecture(this.members.wordAt(ranks[random.integer(ranks.length)]!));
    }
    for (let tries = 0; tries < 1_000_000; tries++) {
      const word = this.members.sample(random);
      if (this.passes(word)) return this.architecture(word);
    }
    throw new UserError(
      `${this.name}: no member was found in a million draws under ${this.filters.map(({ condition }) => condition.text).join(' and ')}`,
    );
  }

  private weights: Weights | undefined;

  /** Draws and probabilities by the weights of the grammar, as an alternative to uniform ones. */
  byWeight(): Weights {
    return (this.weights ??= new Weights(this));
  }

  sampleDistinct(size: number, random: Random): Architecture[] {
    const count = this.count();
    const most = count.exact ? count.count : count.high;
    if (!Number.isInteger(size) || size < 0 || BigInt(size) > most)
      throw new UserError(`${this.name}: at most ${most} distinct members can be drawn, got ${size}`);
    if (count.exact && BigInt(size) * 2n > most) {
      // most of a small set: draw an order of all
      return random
        .shuffled(Array.from({ length: Number(most) }, (_, index) => BigInt(index)))
        .slice(0, size)
        .map((rank) => this.unrank(rank));
    }
    const drawn = new Map<string, Architecture>();
    for (let tries = 0; drawn.size < size && tries < 1000 + 100 * size; tries++) {
      const architecture = this.sample(random);
      drawn.set(this.shared.model.labels.wordOf(architecture).join(','), architecture);
    }
    if (drawn.size < size)
      throw new UserError(`${this.name}: ${size} distinct members were asked for, got ${drawn.size}`);
    return [...drawn.values()];
  }

  where(expression: string): CompiledSpace {
    const { ast: condition, diagnostics: syntax } = parseCondition(expression);
    const diagnostics = new DiagnosticCollector();
    const letters = this.shared.ast.items.flatMap((item) =>
      item.kind === 'block' ? [item.letter.name] : [],
    );
    const added = condition
      ? elaborateCondition(condition, { stages: this.shared.model.stages.length, letters, diagnostics })
      : [];
    const all = [...syntax, ...diagnostics.all];
    if (!condition || all.length > 0) throw new DiagnosticError(all, renderDiagnostics(all, expression));
    const ast: SpaceAst = {
      ...this.shared.ast,
      items: [...this.shared.ast.items, { kind: 'where', condition, span: condition.span }],
    };
    return new CompiledSpace({ ...this.shared, ast }, [...this.conditions, ...added]);
  }
}
