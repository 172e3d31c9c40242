/** Where the size of a space comes from: what each part offers, and what each condition removes. */
import { CompiledSpace } from './compiled-space.js';
import type { Condition } from './conditions.js';
import type { Graph } from './graph.js';
import type { Label, LabelTable } from './labels.js';
import { TooLargeError } from './layout-machine.js';
import type { Count } from './space.js';

export interface PartBreakdown {
  /** `input`, `stem`, `stage 1`…, `head`. */
  readonly part: string;
  /** Distinct strings of letters; undefined for what is no stage. */
  readonly layouts: bigint | undefined;
  /** Distinct ways to fill it: width, layer before it, blocks with their parameters. */
  readonly choices: bigint;
}
export interface ConditionBreakdown {
  readonly condition: Condition;
  /** Members that it removes where no other condition is set. */
  readonly alone: bigint | undefined;
  /**
   * Members that it removes from those that all other conditions leave; undefined where a filter makes counts
   * inexact.
   */
  readonly beyondOthers: bigint | undefined;
  readonly leftByOthers: bigint | undefined;
}
export interface Breakdown {
  readonly parts: readonly PartBreakdown[];
  /** Members before any condition. */
  readonly unconditioned: bigint;
  readonly conditions: readonly ConditionBreakdown[];
}

const WORD_SETS = 100_000;

/**
 * Distinct words from any of `starts` to the first node where `ends` holds; edges with equal keys are one,
 * `undefined` is none.
 */
function distinctWords(
  graph: Graph,
  starts: readonly number[],
  ends: (node: number) => boolean,
  keyOf: (edge: number) => number | string | undefined,
): bigint {
  const { firstEdge, targets } = graph;
  const counts = new Map<string, bigint>();
  const closed = (nodes: readonly number[]): number[] => {
    const seen = new Set(nodes);
    for (const node of seen) {
      if (ends(node)) continue;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
        if (keyOf(edge) === undefined) seen.add(targets[edge]!);
    }
    return [...seen].sort((a, b) => a - b);
  };
  const count = (nodes: readonly number[]): bigint => {
    const set = closed(nodes);
    const key = set.join();
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (counts.size >= WORD_SETS) throw new TooLargeError('a stage has too many distinct states');
    let sum = 0n;
    const byKey = new Map<number | string, number[]>();
    for (const node of set) {
      if (ends(node)) continue;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const one = keyOf(edge);
        if (one !== undefined) byKey.set(one, [...(byKey.get(one) ?? []), targets[edge]!]);
      }
    }
    if (set.some(ends)) sum = 1n;
    for (const next of byKey.values()) sum += count([...new Set(next)]);
    counts.set(key, sum);
    return sum;
  };
  return starts.length === 0 ? 0n : count(starts);
}

const letterOf = (label: Label): string | undefined =>
  label.kind === 'block' ? label.block.letter : label.kind === 'end' ? '-' : undefined;

function partsOf(graph: Graph, labels: LabelTable, stages: number): PartBreakdown[] {
  const label = (edge: number): Label => labels.labels[graph.labels[edge]!]!;
  const distinct = (kind: Label['kind']): bigint =>
    BigInt(new Set([...graph.labels].filter((id) => labels.labels[id]!.kind === kind)).size);
  const boundaries = Array.from({ length: stages + 2 }, (): number[] => []);
  for (let node = 0; node < graph.nodes; node++) boundaries[graph.boundary[node]!]?.push(node);
  const rows: PartBreakdown[] = [
    { part: 'input', layouts: undefined, choices: distinct('input') },
    { part: 'stem', layouts: undefined, choices: distinct('stem') },
  ];
  for (let stage = 1; stage <= stages; stage++) {
    const ends = (node: number): boolean => graph.boundary[node] === stage + 1;
    rows.push({
      part: `stage ${stage}`,
      layouts: distinctWords(graph, boundaries[stage]!, ends, (edge) => letterOf(label(edge))),
      choices: distinctWords(graph, boundaries[stage]!, ends, (edge) => graph.labels[edge]!),
    });
  }
  return [...rows, { part: 'head', layouts: undefined, choices: distinct('head') }];
}

const exactly = (count: Count): bigint | undefined => (count.exact ? count.count : undefined);

/**
 * What each condition removes, alone and from what the others leave. Conditions that a `mirrors` clause
 * implies are not listed.
 */
export function conditionsBreakdown(space: CompiledSpace): ConditionBreakdown[] {
  const { shared, conditions } = space;
  const whole = exactly(space.count());
  const listed = conditions.filter((condition) => !condition.implied);
  const implied = conditions.filter((condition) => condition.implied);
  const count = (some: readonly Condition[]): bigint | undefined =>
    exactly(new CompiledSpace(shared, some).count());
  const free = implied.length === 0 ? shared.base.counts[0]! : count(implied);
  const less = (from: bigint | undefined, what: bigint | undefined): bigint | undefined =>
    from === undefined || what === undefined ? undefined : from - what;
  return listed.map((condition) => {
    const others = conditions.filter((other) => other !== condition);
    const leftByOthers = listed.length === 1 ? free : count(others);
    return {
      condition,
      alone: less(free, listed.length === 1 ? whole : count([...implied, condition])),
      beyondOthers: less(leftByOthers, whole),
      leftByOthers,
    };
  });
}

/** @throws TooLargeError where a stage has too many distinct states to be told apart */
export function breakdown(space: CompiledSpace): Breakdown {
  const { base, model } = space.shared;
  return {
    parts: partsOf(base, model.labels, model.stages.length),
    unconditioned: base.counts[0]!,
    conditions: conditionsBreakdown(space),
  };
}
