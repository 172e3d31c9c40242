/**
 * Members as architectures in the order of the space; those that follow each other share the stages that they
 * have in common.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { Graph } from './graph.js';
import { type Label, type LabelTable, stageOf } from './labels.js';

/** All members of a graph. */
export function* architectures(graph: Graph, { labels }: LabelTable): Generator<Architecture> {
  const { firstEdge, targets, labels: labelOf, counts } = graph;
  if (counts[0] === 0n) return;
  const path: number[] = []; // the edges that lead here
  /** Stages that stand as they are, and where each ends in the path. */
  const stages: Architecture['stages'][number][] = [];
  const ends: number[] = [];
  let edge = firstEdge[0]!;
  for (;;) {
    path.push(edge);
    const node = targets[edge]!;
    edge = firstEdge[node]!;
    if (edge < firstEdge[node + 1]!) continue;
    const last = path.length - 1;
    for (let at = ends.length === 0 ? 2 : ends[ends.length - 1]! + 1; at < last; at++) {
      const header = labels[labelOf[path[at++]!]!] as Label & { kind: 'header' };
      const blocks = [];
      for (let label = labelOf[path[at]!]!; label !== 0; label = labelOf[path[++at]!]!)
        blocks.push((labels[label] as Label & { kind: 'block' }).block);
      stages.push(stageOf(header, blocks));
      ends.push(at);
    }
    const { input, classes } = labels[labelOf[path[0]!]!] as Label & { kind: 'input' };
    const { stem } = labels[labelOf[path[1]!]!] as Label & { kind: 'stem' };
    const { head } = labels[labelOf[path[last]!]!] as Label & { kind: 'head' };
    yield Object.freeze({ input, classes, stem, stages: Object.freeze(stages.slice()), head });
    for (;;) {
      // back to the last node with an edge that was not taken
      const taken = path.pop();
      if (taken === undefined) return;
      edge = taken + 1;
      if (edge < firstEdge[path.length > 0 ? targets[path[path.length - 1]!]! + 1 : 1]!) break;
    }
    while (ends.length > 0 && ends[ends.length - 1]! >= path.length) {
      ends.pop();
      stages.pop();
    }
  }
}
