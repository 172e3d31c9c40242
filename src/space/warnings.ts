/**
 * What is legal and probably meant otherwise. Costs a few counts more than opening a space, so it is asked
 * for (`stagecraft check`).
 */

import { DiagnosticCollector } from '../language/diagnostic-collector.js';
import type { Diagnostic } from '../util/errors.js';
import { ambiguousLayout } from './ambiguity.js';
import { conditionsBreakdown } from './breakdown.js';
import { type Additive, additive } from './budgets.js';
import type { CompiledSpace } from './compiled-space.js';
import type { Graph } from './graph.js';
import type { Layout, SpaceModel } from './model.js';

/** A condition that leaves fewer than one in so many is said to leave nearly nothing. */
const NEARLY_ALL = 1000n;

/** Letters that a layout mentions. */
function lettersIn(
  layout: Layout,
  model: Pick<SpaceModel, 'templates' | 'rules'>,
  inside: readonly string[] = [],
): string[] {
  const { templates, rules } = model;
  switch (layout.kind) {
    case 'letter':
      return [templates[layout.template]!.letter];
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

/** Lowest cost of what leads to a node and of what follows it. */
function lowestCosts(
  { nodes, firstEdge, targets, events, places }: Graph,
  measure: Additive,
): { readonly before: Float64Array; readonly after: Float64Array } {
  const before = new Float64Array(nodes).fill(Infinity);
  const after = new Float64Array(nodes).fill(Infinity);
  before[0] = 0;
  const cost = (edge: number): number => places.costs[events[edge]!]![measure];
  for (let node = 0; node < nodes; node++) {
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
      before[targets[edge]!] = Math.min(before[targets[edge]!]!, before[node]! + cost(edge));
  }
  for (let node = nodes - 1; node >= 0; node--) {
    if (firstEdge[node] === firstEdge[node + 1]) after[node] = 0;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
      after[node] = Math.min(after[node]!, cost(edge) + after[targets[edge]!]!);
  }
  return { before, after };
}

/**
 * Letters that some member has in each stage: by the automaton, and by the lowest cost of a member that has
 * them.
 */
function lettersUsed(space: CompiledSpace): ReadonlySet<string>[] {
  const {
    graph,
    windows,
    shared: { model },
  } = space;
  const { firstEdge, targets, labels, events, boundary, places } = graph;
  const used = Array.from({ length: model.stages.length + 1 }, () => new Set<string>());
  const stageOf = new Int32Array(graph.nodes);
  const limits = windows
    ? additive
        .filter((measure) => windows[measure].high !== Infinity)
        .map((measure) => ({ measure, high: windows[measure].high, ...lowestCosts(graph, measure) }))
    : [];
  for (let node = 0; node < graph.nodes; node++) {
    if (boundary[node]! > 0) stageOf[node] = boundary[node]!;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
      const target = targets[edge]!;
      stageOf[target] = Math.max(stageOf[target]!, stageOf[node]!);
      const label = model.labels.labels[labels[edge]!]!;
      if (label.kind !== 'block') continue;
      const fits = limits.every(
        ({ measure, high, before, after }) =>
          before[node]! + places.costs[events[edge]!]![measure] + after[target]! <= high,
      );
      if (fits) used[stageOf[node]!]!.add(label.block.letter);
    }
  }
  return used;
}

const percent = (part: bigint, whole: bigint): string =>
  `${(Number((part * 1_000_000n) / whole) / 10_000).toPrecision(2)} %`;

/** Warnings about an open space, in file order. */
export function spaceWarnings(space: CompiledSpace): readonly Diagnostic[] {
  const diagnostics = new DiagnosticCollector();
  const { model } = space.shared;
  const used = lettersUsed(space);
  for (const stage of model.stages) {
    const word = ambiguousLayout(stage, model);
    if (word !== undefined) {
      diagnostics.warning(
        stage.layoutSpan,
        `the layout is ambiguous: ${word === '' ? 'a stage without blocks' : word} can be read in several ways, and counts once`,
        'counts and uniform draws are right either way; draws by weight add the readings up',
      );
    }
    for (const letter of new Set(lettersIn(stage.layout, model))) {
      if (used[stage.number]!.has(letter)) continue;
      const reason = [...space.shared.places.problems.values()].find(
        (problem) =>
          problem.stage === stage.number &&
          problem.label.kind === 'block' &&
          problem.label.block.letter === letter,
      );
      diagnostics.warning(
        stage.layoutSpan,
        `stage ${stage.number} can never hold ${letter}, though its layout offers it`,
        reason?.problem.message ?? 'no member that meets the conditions has one there',
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
        `\`${text}\` removes nothing: all ${leftByOthers} members without it meet it`,
      );
    else if (left * NEARLY_ALL < leftByOthers)
      diagnostics.warning(
        span,
        `\`${text}\` removes nearly all: ${left} of ${leftByOthers} members are left (${percent(left, leftByOthers)})`,
      );
  }
  return diagnostics.all;
}
