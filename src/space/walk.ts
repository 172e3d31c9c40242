/** The algebra of a graph: rank, unrank, enumerate, sample, and how far a word can be followed. */
import type { Random } from '../util/random.js';
import { WeightedDraw } from './draw.js';
import type { Graph } from './graph.js';

/** What every way of holding a set of words answers. `words` yields one and the same array; copy what must last. */
export interface Members {
  readonly total: bigint;
  rank(word: readonly number[]): bigint;
  wordAt(rank: bigint): number[];
  words(): Iterable<readonly number[]>;
  /** Uniform over members; there must be one. */
  sample(random: Random): number[];
}

/** The edge of `node` with `label`; -1 where there is none. */
export function edgeWith(graph: Graph, node: number, label: number): number {
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) if (graph.labels[edge] === label) return edge;
  return -1;
}

/** Labels of a word that can be read from the root; the whole word where it is a member. */
export function readable(graph: Graph, word: readonly number[]): number {
  let node = 0;
  for (let at = 0; at < word.length; at++) {
    const edge = edgeWith(graph, node, word[at]!);
    if (edge < 0) return at;
    node = graph.targets[edge]!;
  }
  return word.length;
}

/** Position of a member in the order of the space. The word must be one. */
export function rankOf(graph: Graph, word: readonly number[]): bigint {
  let node = 0;
  let rank = 0n;
  for (const label of word) {
    for (let edge = graph.firstEdge[node]!; ; edge++) {
      if (graph.labels[edge] === label) {
        node = graph.targets[edge]!;
        break;
      }
      rank += graph.counts[graph.targets[edge]!]!;
    }
  }
  return rank;
}

/** The word at a position, 0..count-1. */
export function wordAt(graph: Graph, rank: bigint): number[] {
  const word: number[] = [];
  let node = 0;
  while (graph.firstEdge[node]! < graph.firstEdge[node + 1]!) {
    let edge = graph.firstEdge[node]!;
    for (; rank >= graph.counts[graph.targets[edge]!]!; edge++) rank -= graph.counts[graph.targets[edge]!]!;
    word.push(graph.labels[edge]!);
    node = graph.targets[edge]!;
  }
  return word;
}

/** Every word in order. The array is one and the same; copy what must last. */
export function* words(graph: Graph): Generator<readonly number[]> {
  if (graph.counts[0] === 0n) return;
  const word: number[] = [];
  const path: number[] = [];
  let edge = graph.firstEdge[0]!;
  for (;;) {
    word.push(graph.labels[edge]!);
    path.push(edge);
    let node = graph.targets[edge]!;
    edge = graph.firstEdge[node]!;
    if (edge < graph.firstEdge[node + 1]!) continue;
    yield word;
    for (;;) { // back to the last node with an edge that was not taken
      const taken = path.pop();
      if (taken === undefined) return;
      word.pop();
      node = path.length > 0 ? graph.targets[path.at(-1)!]! : 0;
      edge = taken + 1;
      if (edge < graph.firstEdge[node + 1]!) break;
    }
  }
}

/** All words of a graph. A node's table for draws is made when it is first passed. */
export class GraphMembers implements Members {
  readonly total: bigint;
  private readonly draws: (WeightedDraw | undefined)[];
  constructor(private readonly graph: Graph) {
    this.total = graph.counts[0]!;
    this.draws = new Array<WeightedDraw | undefined>(graph.nodes);
  }

  rank(word: readonly number[]): bigint { return rankOf(this.graph, word); }
  wordAt(rank: bigint): number[] { return wordAt(this.graph, rank); }
  words(): Iterable<readonly number[]> { return words(this.graph); }

  sample(random: Random): number[] {
    const { firstEdge, targets, labels, counts } = this.graph;
    const word: number[] = [];
    let node = 0;
    for (;;) {
      const first = firstEdge[node]!;
      const size = firstEdge[node + 1]! - first;
      if (size === 0) return word;
      let edge = first;
      if (size > 1) {
        const draw = (this.draws[node] ??= new WeightedDraw(Array.from({ length: size }, (_, index) => counts[targets[first + index]!]!)));
        edge += draw.pick(random);
      }
      word.push(labels[edge]!);
      node = targets[edge]!;
    }
  }
}
