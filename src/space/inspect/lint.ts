/**
 * Lint warnings for a valid space: ambiguous layouts, letters that no member has, and conditions without
 * effect. They take several more counts than opening the space, so only `stagecraft check` asks for them.
 */

import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { Diagnostic } from '../../util/errors.js';
import type { Dfa } from '../automaton/dfa.js';
import type { CompiledSpace } from '../compiled-space.js';
import { type AdditiveMeasure, additiveMeasures } from '../conditions/cost-ranges.js';
import type { LayoutExpr, SpaceModel } from '../model/space-model.js';
import { ambiguousLayout } from './ambiguous-layout.js';
import { conditionsBreakdown } from './breakdown.js';

/** A condition that leaves fewer than one member in this many gets a warning. */
const NEARLY_ALL = 1000n;

/** Letters that occur in a layout. */
function lettersIn(
  layout: LayoutExpr,
  model: Pick<SpaceModel, 'slots' | 'rules'>,
  inside: readonly string[] = [],
): string[] {
  const { slots, rules } = model;
  switch (layout.kind) {
    case 'letter':
      return [slots[layout.slot]!.letter];
    case 'sequence':
      return layout.items.flatMap((item) => lettersIn(item, model, inside));
    case 'choice':
      return layout.options.flatMap((option) => lettersIn(option.layout, model, inside));
    case 'repeat':
      return layout.max === 0 ? [] : lettersIn(layout.item, model, inside);
    case 'rule':
      return inside.includes(layout.name)
        ? []
        : lettersIn(rules.get(layout.name)!, model, [...inside, layout.name]);
    default:
      return layout satisfies never;
  }
}

/** Per state: lowest cost of a prefix that leads to it, and of a suffix from it. */
function lowestCosts(
  { states, firstTransition, targets, placements: events, placementTable: places }: Dfa,
  measure: AdditiveMeasure,
): { readonly before: Float64Array; readonly after: Float64Array } {
  const before = new Float64Array(states).fill(Infinity);
  const after = new Float64Array(states).fill(Infinity);
  before[0] = 0;
  const cost = (transition: number): number => places.costs[events[transition]!]![measure];
  for (let state = 0; state < states; state++) {
    for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++)
      before[targets[transition]!] = Math.min(
        before[targets[transition]!]!,
        before[state]! + cost(transition),
      );
  }
  for (let state = states - 1; state >= 0; state--) {
    if (firstTransition[state] === firstTransition[state + 1]) after[state] = 0;
    for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++)
      after[state] = Math.min(after[state]!, cost(transition) + after[targets[transition]!]!);
  }
  return { before, after };
}

/**
 * Letters that some member may have in each stage, by the automaton and by the lowest cost of a member with
 * such a block.
 */
function lettersUsed(space: CompiledSpace): ReadonlySet<string>[] {
  const {
    dfa,
    ranges: windows,
    base: { model },
  } = space;
  const { firstTransition, targets, symbols, placements: events, boundary, placementTable: places } = dfa;
  const used = Array.from({ length: model.stages.length + 1 }, () => new Set<string>());
  const stageOf = new Int32Array(dfa.states);
  const limits = windows
    ? additiveMeasures
        .filter((measure) => windows[measure].high !== Infinity)
        .map((measure) => ({ measure, high: windows[measure].high, ...lowestCosts(dfa, measure) }))
    : [];
  for (let state = 0; state < dfa.states; state++) {
    if (boundary[state]! > 0) stageOf[state] = boundary[state]!;
    for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++) {
      const target = targets[transition]!;
      stageOf[target] = Math.max(stageOf[target]!, stageOf[state]!);
      const symbol = model.alphabet.symbols[symbols[transition]!]!;
      if (symbol.kind !== 'block') continue;
      const fits = limits.every(
        ({ measure, high, before, after }) =>
          before[state]! + places.costs[events[transition]!]![measure] + after[target]! <= high,
      );
      if (fits) used[stageOf[state]!]!.add(symbol.block.letter);
    }
  }
  return used;
}

const percent = (part: bigint, whole: bigint): string =>
  `${(Number((part * 1_000_000n) / whole) / 10_000).toPrecision(2)} %`;

/** Lint warnings, in file order. */
export function lintSpace(space: CompiledSpace): readonly Diagnostic[] {
  const diagnostics = new DiagnosticCollector();
  const { model } = space.base;
  const used = lettersUsed(space);
  for (const stage of model.stages) {
    const word = ambiguousLayout(stage, model);
    if (word !== undefined) {
      diagnostics.warning(
        stage.layoutSpan,
        'the layout is ambiguous: ' +
          `${word || 'a stage without blocks'} has several derivations and counts once`,
        'counts and uniform draws are not affected; draws by weight add the derivations',
      );
    }
    for (const letter of new Set(lettersIn(stage.layout, model))) {
      if (used[stage.number]!.has(letter)) continue;
      const reason = [...space.base.placementTable.problems.values()].find(
        (problem) =>
          problem.stage === stage.number &&
          problem.symbol.kind === 'block' &&
          problem.symbol.block.letter === letter,
      );
      diagnostics.warning(
        stage.layoutSpan,
        `stage ${stage.number} never has ${letter}, although its layout allows it`,
        reason?.problem.message ?? 'no member that satisfies the conditions has one there',
      );
    }
  }
  for (const {
    condition: { span, text },
    beyondOthers,
    leftByOthers,
  } of conditionsBreakdown(space)) {
    if (beyondOthers === undefined || leftByOthers === undefined) continue;
    const left = leftByOthers - beyondOthers;
    if (beyondOthers === 0n)
      diagnostics.warning(
        span,
        `\`${text}\` removes nothing: all ${leftByOthers} members without it satisfy it`,
      );
    else if (left * NEARLY_ALL < leftByOthers)
      diagnostics.warning(
        span,
        `\`${text}\` removes nearly all: ${left} of ${leftByOthers} members are left ` +
          `(${percent(left, leftByOthers)})`,
      );
  }
  return diagnostics.all;
}
