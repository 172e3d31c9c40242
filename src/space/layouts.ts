/** Members with given layouts, e.g. `CC-CCCT-CCTT`: counted and listed without enumerating the others. */
import type { Graph } from './graph.js';
import type { LabelTable } from './labels.js';

export interface Found {
  readonly count: bigint /** The first words, in the order of the space. */;
  readonly words: readonly (readonly number[])[];
}

/** Letters of each stage. */
export const stagesOfLayout = (layout: string): string[][] =>
  layout.split('-').map((stage) => stage.match(/[A-Z][^A-Z]*/g) ?? []);

/** @param limit how many words to list */
export function membersWithLayout(graph: Graph, labels: LabelTable, layout: string, limit: number): Found {
  // A layout as one row of letters with '' where a stage ends; other labels are free.
  const row = stagesOfLayout(layout).flatMap((stage) => [...stage, '']);
  const counts = new Map<number, bigint>();
  const follow = (edge: number, at: number): number => {
    const label = labels.labels[graph.labels[edge]!]!;
    if (label.kind === 'block') return row[at] === label.block.letter ? at + 1 : -1;
    if (label.kind === 'end') return row[at] === '' ? at + 1 : -1;
    return at;
  };
  const count = (node: number, at: number): bigint => {
    const first = graph.firstEdge[node]!;
    const end = graph.firstEdge[node + 1]!;
    if (first === end) return at === row.length && graph.counts[node]! > 0n ? 1n : 0n;
    const key = node * (row.length + 1) + at;
    let sum = counts.get(key);
    if (sum !== undefined) return sum;
    sum = 0n;
    for (let edge = first; edge < end; edge++) {
      const next = follow(edge, at);
      if (next >= 0) sum += count(graph.targets[edge]!, next);
    }
    counts.set(key, sum);
    return sum;
  };
  const words: number[][] = [];
  const list = (node: number, at: number, word: readonly number[]): void => {
    if (words.length >= limit || count(node, at) === 0n) return;
    if (graph.firstEdge[node] === graph.firstEdge[node + 1]) {
      words.push([...word]);
      return;
    }
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      const next = follow(edge, at);
      if (next >= 0) list(graph.targets[edge]!, next, [...word, graph.labels[edge]!]);
    }
  };
  const total = graph.counts[0] === 0n ? 0n : count(0, 0);
  list(0, 0, []);
  return { count: total, words };
}
