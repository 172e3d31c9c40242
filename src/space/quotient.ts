/**
 * Sets seen through a projection: some labels count as nothing, others fall together. The projected words are
 * made deterministic again, so that each counts once. Used for classes of functionally identical members and
 * for the distinct layouts of a stage.
 */
import type { Graph } from './graph.js';
import { TooLargeError } from './layout-machine.js';

const SET_LIMIT = 300_000;

/** What an edge counts as: a key, or undefined for nothing. Edges with equal keys are one. */
export type Projection = (edge: number) => number | undefined;

/** The graph of projected words; an edge keeps label, event and order of the first edge with its key. */
export function quotient(
  graph: Graph,
  projection: Projection,
  compare: (a: number, b: number) => number,
): Graph {
  const { firstEdge, targets } = graph;
  const ids = new Map<string, number>();
  const sets: (readonly number[])[] = [];
  const edges: { key: number; edge: number; target: number }[][] = [];
  const close = (nodes: readonly number[]): number[] => {
    const seen = new Set(nodes);
    const open = [...nodes];
    while (open.length > 0) {
      const node = open.pop()!;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        if (projection(edge) === undefined && !seen.has(targets[edge]!)) {
          seen.add(targets[edge]!);
          open.push(targets[edge]!);
        }
      }
    }
    return [...seen].sort((a, b) => a - b);
  };
  const intern = (nodes: readonly number[]): number => {
    const closed = close(nodes);
    const key = closed.join(',');
    let id = ids.get(key);
    if (id === undefined) {
      if (sets.length >= SET_LIMIT)
        throw new TooLargeError(`the classes have more than ${SET_LIMIT} distinct states`);
      id = sets.push(closed) - 1;
      ids.set(key, id);
    }
    return id;
  };
  intern([0]);
  for (let id = 0; id < sets.length; id++) {
    const byKey = new Map<number, { edge: number; nodes: number[] }>();
    for (const node of sets[id]!) {
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const key = projection(edge);
        if (key === undefined) continue;
        const known = byKey.get(key);
        if (known) known.nodes.push(targets[edge]!);
        else byKey.set(key, { edge, nodes: [targets[edge]!] });
      }
    }
    edges[id] = [...byKey]
      .map(([key, { edge, nodes }]) => ({ key, edge, target: intern(nodes) }))
      .sort((a, b) => compare(graph.labels[a.edge]!, graph.labels[b.edge]!));
  }
  // Words of one length class at a time are not given, so nodes are put in order by depth-first search.
  const post: number[] = [];
  const state = new Int32Array(sets.length).fill(-1);
  const stack = [0];
  state[0] = 0;
  while (stack.length > 0) {
    const id = stack.at(-1)!;
    const next = edges[id]![state[id]!++];
    if (!next) post.push(stack.pop()!);
    else if (state[next.target]! < 0) {
      state[next.target] = 0;
      stack.push(next.target);
    }
  }
  const order = post.reverse();
  const renamed = new Int32Array(sets.length);
  order.forEach((id, position) => {
    renamed[id] = position;
  });
  const size = edges.reduce((sum, list) => sum + list.length, 0);
  const result = {
    firstEdge: new Int32Array(order.length + 1),
    labels: new Int32Array(size),
    targets: new Int32Array(size),
    events: new Int32Array(size),
  };
  let at = 0;
  order.forEach((id, position) => {
    result.firstEdge[position] = at;
    for (const { edge, target } of edges[id]!) {
      result.labels[at] = graph.labels[edge]!;
      result.events[at] = graph.events[edge]!;
      result.targets[at++] = renamed[target]!;
    }
  });
  result.firstEdge[order.length] = at;
  const counts = new Array<bigint>(order.length).fill(0n);
  for (let node = order.length - 1; node >= 0; node--) {
    if (result.firstEdge[node] === result.firstEdge[node + 1])
      counts[node] = graph.counts[0] === 0n ? 0n : 1n;
    else
      for (let edge = result.firstEdge[node]!; edge < result.firstEdge[node + 1]!; edge++)
        counts[node]! += counts[result.targets[edge]!]!;
  }
  const boundary = Int32Array.from(order, (id) => graph.boundary[sets[id]![0]!]!);
  return { ...result, nodes: order.length, counts, boundary, places: graph.places };
}
