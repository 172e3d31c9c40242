/**
 * `Space` by the automaton of its members. Conditions with too many states are filtered instead of compiled;
 * counts are then estimates with intervals.
 */

import type { Architecture } from '../architecture/architecture.js';
import { layoutOf } from '../architecture/layout.js';
import type { SpaceAst } from '../language/ast.js';
import { DiagnosticCollector } from '../language/diagnostic-collector.js';
import { parseCondition } from '../language/parse.js';
import { printSpace } from '../language/print.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { DiagnosticError, UserError } from '../util/errors.js';
import { type Random, seededRandom } from '../util/random.js';
import { wilsonInterval } from '../util/statistics/wilson.js';
import { compileConditions } from './automaton/compile-conditions.js';
import type { Dfa } from './automaton/dfa.js';
import { acceptedPrefix, DfaWords, transitionOn, type WordSet } from './automaton/dfa-words.js';
import { enumerateArchitectures } from './automaton/enumerate-architectures.js';
import type { SpaceBase } from './automaton/space-base.js';
import { emptinessBudget, type WorkBudget } from './automaton/work-budget.js';
import { BudgetedWords } from './budget/budgeted-words.js';
import type { Condition } from './conditions/condition.js';
import { ConditionAutomaton, conditionTexts } from './conditions/condition-automaton.js';
import { type CostRanges, splitBudgets } from './conditions/cost-ranges.js';
import type { SymbolCost } from './conditions/predicate-automaton.js';
import { readCondition } from './conditions/read-condition.js';
import { nonMembershipReason, wordSatisfies } from './inspect/membership.js';
import { resolveMemberCosts } from './inspect/resolve-member-costs.js';
import { longestOf } from './model/layout-length.js';
import type { Count, Space } from './model/space.js';
import { TooLargeError } from './model/too-large-error.js';
import { GrammarWeights } from './weighted-space.js';

/** Sets with filters are counted member by member up to this size. */
const LISTED = 200_000;
/** Units of work, of about a microsecond, for one symbol that a filter reads, and for reading a condition. */
const FILTER_UNITS = 2;
const CONDITION_UNITS = 60;
const DRAWS = 4000;

export class CompiledSpace implements Space {
  readonly name: string;
  private knownText: string | undefined;
  /** All conjuncts, with named members replaced by their costs. */
  readonly conditions: readonly Condition[];
  /** The automaton under the structural conditions. */
  readonly dfa: Dfa;
  /** The words of `dfa` within the budgets. */
  readonly wordSet: WordSet;
  /** The budgets that `wordSet` keeps to; undefined where there is none, or where they are only filtered. */
  readonly ranges: CostRanges | undefined;
  /** The automata of all conditions, and those of them that are only filtered. */
  readonly automata: readonly ConditionAutomaton[];
  readonly filters: readonly ConditionAutomaton[];
  /** The structural conditions that `dfa` satisfies. */
  readonly structure: readonly ConditionAutomaton[];
  private listed: readonly bigint[] | undefined;

  /**
   * @param work to compile the conditions; where it is used up, the others are filtered
   * @throws TooLargeError where there are more conditions than the work suffices to read
   */
  constructor(
    readonly base: SpaceBase,
    conditions: readonly Condition[],
    work?: WorkBudget,
  ) {
    this.name = base.model.name;
    work?.spend(conditions.length * CONDITION_UNITS);
    this.conditions = resolveMemberCosts(conditions, base, work);
    const longest = base.model.stages.map(({ depths, layout }) =>
      Math.min(depths.max, longestOf(layout, base.model.rules)),
    );
    const automatonOf = new Map(
      this.conditions.map((condition) => [condition, new ConditionAutomaton(condition, longest)]),
    );
    this.automata = [...automatonOf.values()];
    const { ranges, budgets, rest } = splitBudgets(this.conditions);
    const { dfa, compiled } = compileConditions(
      base,
      rest.map((condition) => automatonOf.get(condition)!),
      work,
    );
    this.dfa = dfa;
    this.structure = compiled;
    const exact = new Set(compiled);
    let budgeted: WordSet | undefined;
    if (ranges) {
      try {
        budgeted = new BudgetedWords(dfa, ranges, work);
        for (const budget of budgets) exact.add(automatonOf.get(budget)!);
      } catch (error) {
        if (!(error instanceof TooLargeError)) throw error;
      }
    }
    this.wordSet = budgeted ?? new DfaWords(dfa);
    this.ranges = budgeted ? ranges : undefined;
    this.filters = this.automata.filter((automaton) => !exact.has(automaton));
  }

  get text(): string {
    return (this.knownText ??= printSpace(this.base.ast, { comments: false }));
  }

  /** Whether a word of `dfa` satisfies the filtered conditions. */
  passes(word: readonly number[]): boolean {
    return this.filters.every((automaton) => wordSatisfies(automaton, word, this.base));
  }

  /** Whether the set is known to have no member; false where the work does not suffice to tell. */
  isKnownEmpty(work = emptinessBudget()): boolean {
    if (this.wordSet.isKnownEmpty(work)) return true;
    if (this.filters.length === 0) return false;
    try {
      for (const word of this.wordSet.words(work)) {
        work.spend(word.length * this.filters.length * FILTER_UNITS);
        if (this.passes(word)) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof TooLargeError) return false;
      throw error;
    }
  }

  count(): Count {
    const whole = this.wordSet.total;
    if (this.filters.length === 0) return { exact: true, count: whole };
    if (whole <= BigInt(LISTED)) return { exact: true, count: BigInt(this.list().length) };
    const random = seededRandom(`count ${this.text}`);
    let hits = 0;
    for (let draw = 0; draw < DRAWS; draw++) hits += Number(this.passes(this.wordSet.sample(random)));
    const { low, high } = wilsonInterval(hits / DRAWS, DRAWS);
    const part = (fraction: number): bigint => (whole * BigInt(Math.round(fraction * 2 ** 40))) >> 40n;
    return {
      exact: false,
      estimate: part(hits / DRAWS),
      low: part(low),
      high: part(high),
      because: `not compiled: ${conditionTexts(this.filters)}`,
    };
  }

  /** Ranks in `wordSet` of the members that pass the filters. */
  private list(): readonly bigint[] {
    if (this.listed) return this.listed;
    if (this.wordSet.total > BigInt(LISTED))
      throw new UserError(
        `${this.name}: ranks need a compiled set, got a filter on ${this.wordSet.total} members: ` +
          conditionTexts(this.filters),
        { fix: 'use sample or enumerate' },
      );
    const found: bigint[] = [];
    let rank = 0n;
    for (const word of this.wordSet.words()) {
      if (this.passes(word)) found.push(rank);
      rank++;
    }
    return (this.listed = found);
  }

  private architecture(word: readonly number[]): Architecture {
    return this.base.model.alphabet.architectureOf(word);
  }

  /**
   * Parameters, MACs and peak activation bytes of a member, from the costs of its placements.
   * @throws UserError for other architectures
   */
  costOf(architecture: Architecture): SymbolCost {
    const { unconditioned: base, model, placementTable: places } = this.base;
    const word = model.alphabet.wordOf(architecture);
    let [state, params, macs, activationBytes] = [0, 0, 0, 0];
    for (const symbol of word) {
      const transition = transitionOn(base, state, symbol);
      if (transition < 0)
        throw new UserError(`${this.name}: the architecture must be a member, got ${layoutOf(architecture)}`);
      const cost = places.costs[base.placements[transition]!]!;
      params += cost.params;
      macs += cost.macs;
      if (cost.activationBytes > activationBytes) activationBytes = cost.activationBytes;
      state = base.targets[transition]!;
    }
    return { params, macs, activationBytes };
  }

  contains(
    architecture: Architecture,
  ): { readonly member: true } | { readonly member: false; readonly reason: string } {
    const word = this.base.model.alphabet.wordOf(architecture);
    if (
      acceptedPrefix(this.base.unconditioned, word) === word.length &&
      this.automata.every((automaton) => wordSatisfies(automaton, word, this.base))
    )
      return { member: true };
    return { member: false, reason: nonMembershipReason(architecture, word, this.base, this.automata) };
  }

  rank(architecture: Architecture): bigint {
    const answer = this.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.name}: the architecture must be a member, got ${layoutOf(architecture)}: ${answer.reason}`,
      );
    const rank = this.wordSet.rank(this.base.model.alphabet.wordOf(architecture));
    return this.filters.length === 0 ? rank : BigInt(this.list().indexOf(rank));
  }

  unrank(rank: bigint): Architecture {
    const size = this.filters.length === 0 ? this.wordSet.total : BigInt(this.list().length);
    if (rank < 0n || rank >= size)
      throw new RangeError(`${this.name}: rank must lie in 0..${size - 1n}, got ${rank}`);
    return this.architecture(
      this.wordSet.wordAt(this.filters.length === 0 ? rank : this.list()[Number(rank)]!),
    );
  }

  /** The member of rank 0. */
  first(): Architecture | undefined {
    for (const member of this.enumerate()) return member;
    return undefined;
  }

  /** The member after this one in the order of the space. @throws UserError where it is not a member */
  next(architecture: Architecture): Architecture | undefined {
    const answer = this.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.name}: the architecture must be a member, got ${layoutOf(architecture)}: ${answer.reason}`,
      );
    for (
      let rank = this.wordSet.rank(this.base.model.alphabet.wordOf(architecture)) + 1n;
      rank < this.wordSet.total;
      rank++
    ) {
      const word = this.wordSet.wordAt(rank);
      if (this.passes(word)) return this.architecture(word);
    }
    return undefined;
  }

  *enumerate(): Generator<Architecture> {
    if (this.filters.length === 0 && this.ranges === undefined)
      return yield* enumerateArchitectures(this.dfa, this.base.model.alphabet);
    for (const word of this.wordSet.words())
      if (this.filters.length === 0 || this.passes(word)) yield this.architecture(word);
  }

  sample(random: Random): Architecture {
    if (this.wordSet.total === 0n)
      throw new UserError(`${this.name}: a draw needs a member, the space has none`);
    if (this.filters.length === 0) return this.architecture(this.wordSet.sample(random));
    if (this.wordSet.total <= BigInt(LISTED)) {
      const ranks = this.list();
      if (ranks.length === 0) throw new UserError(`${this.name}: a draw needs a member, the space has none`);
      return this.architecture(this.wordSet.wordAt(ranks[random.integer(ranks.length)]!));
    }
    for (let tries = 0; tries < 1_000_000; tries++) {
      const word = this.wordSet.sample(random);
      if (this.passes(word)) return this.architecture(word);
    }
    throw new UserError(
      `${this.name}: no member in a million draws satisfies ${conditionTexts(this.filters)}`,
    );
  }

  private weights: GrammarWeights | undefined;

  /** Draws and probabilities by the weights of the grammar instead of uniform ones. */
  byWeight(): GrammarWeights {
    return (this.weights ??= new GrammarWeights(this));
  }

  sampleDistinct(size: number, random: Random): Architecture[] {
    const count = this.count();
    const most = count.exact ? count.count : count.high;
    if (!Number.isInteger(size) || size < 0 || BigInt(size) > most)
      throw new UserError(`${this.name}: at most ${most} distinct members can be drawn, got ${size}`);
    if (count.exact && BigInt(size) * 2n > most) {
      // more than half of the set: shuffle all ranks
      return random
        .shuffled(Array.from({ length: Number(most) }, (_, index) => BigInt(index)))
        .slice(0, size)
        .map((rank) => this.unrank(rank));
    }
    const drawn = new Map<string, Architecture>();
    for (let tries = 0; drawn.size < size && tries < 1000 + 100 * size; tries++) {
      const architecture = this.sample(random);
      drawn.set(this.base.model.alphabet.wordOf(architecture).join(','), architecture);
    }
    if (drawn.size < size)
      throw new UserError(`${this.name}: ${size} distinct members were asked for, got ${drawn.size}`);
    return [...drawn.values()];
  }

  where(expression: string): CompiledSpace {
    const { ast: condition, diagnostics: syntax } = parseCondition(expression);
    const diagnostics = new DiagnosticCollector();
    const letters = this.base.ast.items.flatMap((item) => (item.kind === 'block' ? [item.letter.name] : []));
    const added = condition
      ? readCondition(condition, { stages: this.base.model.stages.length, letters, diagnostics })
      : [];
    const all = [...syntax, ...diagnostics.all];
    if (!condition || all.length > 0) throw new DiagnosticError(all, renderDiagnostics(all, expression));
    const ast: SpaceAst = {
      ...this.base.ast,
      items: [...this.base.ast.items, { kind: 'where', condition, span: condition.span }],
    };
    return new CompiledSpace({ ...this.base, ast }, [...this.conditions, ...added]);
  }
}
