/** The algebra of a graph: rank, unrank, enumerate, sample, and how far a word can be followed. */
import type { Random } from '../util/random.js';
import { WeightedDraw } from './draw.js';
import type { Graph } from './graph.js';

/**
 * What every way of holding a set of words answers. `words` yields one and the same array; copy what must
 * last.
 */
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
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
    if (graph.labels[edge] === label) return edge;
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
    for (;;) {
      // back to the last node with an edge that was not taken
      const taken = path.pop();
      if (taken === undefined) return;
      word.pop();
      node = path.length > 0 ? graph.targets[path.at(-1)!]! : 0;
      edge = taken + 1;
      if (edge < graph.firstEdge[node + 1]!) break;
    }
  }
}

const WORD = 1n << 32n;

/** All words of a graph. A node's table for draws is made when it is first passed. */
export class GraphMembers implements Members {
  readonly total: bigint;
  private readonly settled: (WeightedDraw | undefined)[] = [];
  /**
   * Per edge: where its members end among those of the node or, where these are more than 2^32, where its
   * share of 2^32 ends, rounded down. NaN before the node is passed.
   */
  private readonly marks: Float64Array;
  constructor(private readonly graph: Graph) {
    this.total = graph.counts[0]!;
    this.marks = new Float64Array(graph.labels.length).fill(NaN);
  }

  rank(word: readonly number[]): bigint {
    return rankOf(this.graph, word);
  }
  wordAt(rank: bigint): number[] {
    return wordAt(this.graph, rank);
  }
  words(): Iterable<readonly number[]> {
    return words(this.graph);
  }

  private mark(node: number, first: number, end: number): void {
    const { counts, targets } = this.graph;
    const total = counts[node]!;
    let sum = 0n;
    for (let edge = first; edge < end; edge++) {
      sum += counts[targets[edge]!]!;
      this.marks[edge] = Number(total <= WORD ? sum : (sum * WORD) / total);
    }
  }

  /** 32 random bits that fall on the border between two edges: drawn anew with further bits behind them. */
  private settle(node: number, bits: number, random: Random): number {
    const { firstEdge, targets, counts } = this.graph;
    const first = firstEdge[node]!;
    this.settled[node] ??= new WeightedDraw(
      Array.from({ length: firstEdge[node + 1]! - first }, (_, index) => counts[targets[first + index]!]!),
    );
    return first + this.settled[node].settle(BigInt(bits), random);
  }

  sample(random: Random): number[] {
    const { firstEdge, targets, labels } = this.graph;
    const { marks } = this;
    const word: number[] = [];
    let node = 0;
    for (;;) {
      const first = firstEdge[node]!;
      const end = firstEdge[node + 1]!;
      if (end === first) return word;
      let edge = first;
      if (end > first + 1) {
        if (Number.isNaN(marks[first]!)) this.mark(node, first, end);
        const size = marks[end - 1]!;
        const bits = random.integer(size);
        while (marks[edge]! <= bits) edge++;
        // Every value that begins with these bits lies in the edge's share, unless the border below it may be
        // among them.
        if (size === 0x100000000 && edge > first && marks[edge - 1]! === bits)
          edge = this.settle(node, bits, random);
      }
      word.push(labels[edge]!);
      node = targets[edge]!;
    }
  }
}
