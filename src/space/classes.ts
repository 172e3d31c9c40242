/**
 * Functionally identical members. Two members are one function where they differ by blocks that do nothing
 * (an identity that changes no shape) or by the letter alone under which the same block is used. Classes are
 * counted exactly, by a quotient of the automaton.
 */
import type { Architecture, BlockSpec } from '../architecture/architecture.js';
import { canonicalJson } from '../util/canonical-json.js';
import { UserError } from '../util/errors.js';
import { Budgeted } from './budgeted.js';
import type { CompiledSpace } from './compiled-space.js';
import type { Graph } from './graph.js';
import type { LabelTable } from './labels.js';
import { type Projection, quotient } from './quotient.js';
import { GraphMembers, type Members } from './walk.js';

/** Key of a block as a function, without its letter. */
function functionKeys(labels: LabelTable): (id: number) => number {
  const first = new Map<string, number>();
  const keys = labels.labels.map((label, id) => {
    if (label.kind !== 'block') return id;
    const text = canonicalJson({ type: label.block.type, params: label.block.params });
    if (!first.has(text)) first.set(text, id);
    return first.get(text)!;
  });
  return (id) => keys[id]!;
}

const doesNothing = (block: BlockSpec, params: number): boolean => block.type === 'identity' && params === 0;

/** Functionally identical members fall together. */
function classProjection(graph: Graph, labels: LabelTable, keyOf: (label: number) => number): Projection {
  return (edge) => {
    const label = labels.labels[graph.labels[edge]!]!;
    if (label.kind === 'block' && doesNothing(label.block, graph.places.costs[graph.events[edge]!]!.params))
      return undefined;
    return keyOf(graph.labels[edge]!);
  };
}

/** The classes of a space's members. */
export class FunctionalClasses {
  /** The words of the classes: one for each. */
  private readonly words: Members;
  private readonly projection: Projection;
  private readonly keyOf: (label: number) => number;

  /**
   * @throws UserError where a condition is only filtered; TooLargeError where the classes have too many
   * states
   */
  constructor(private readonly space: CompiledSpace) {
    if (space.filters.length > 0)
      throw new UserError(
        `${space.name}: classes need an exact set, got a filter: ${space.filters.map(({ condition }) => condition.text).join(' and ')}`,
      );
    const {
      graph,
      shared: {
        model: { labels },
      },
    } = space;
    this.keyOf = functionKeys(labels);
    this.projection = classProjection(graph, labels, this.keyOf);
    const classes = quotient(graph, this.projection, labels.compare);
    this.words = space.windows ? new Budgeted(classes, space.windows) : new GraphMembers(classes);
  }

  get count(): bigint {
    return this.words.total;
  }

  /** Every class by its members, in the order of the space; those with `least` members or more. */
  *list(least = 1): Generator<readonly Architecture[]> {
    for (const word of this.words.words()) {
      const members = this.membersOf(word);
      if (members.length >= least) yield members;
    }
  }

  /**
   * Members that are the same function as this one, itself among them. @throws UserError where it is no
   * member
   */
  sameAs(architecture: Architecture): readonly Architecture[] {
    const {
      graph,
      shared: {
        model: { labels },
      },
    } = this.space;
    const answer = this.space.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.space.name}: the architecture must be a member, got one that is not: ${answer.reason}`,
      );
    const keys: number[] = [];
    let node = 0;
    for (const label of labels.wordOf(architecture)) {
      let edge = graph.firstEdge[node]!;
      while (graph.labels[edge] !== label) edge++;
      const key = this.projection(edge);
      if (key !== undefined) keys.push(key);
      node = graph.targets[edge]!;
    }
    return this.membersOf(keys);
  }

  /** Members whose projected word is this one. */
  private membersOf(word: readonly number[]): Architecture[] {
    const {
      graph,
      shared: {
        model: { labels },
      },
    } = this.space;
    const wanted = word.map(this.keyOf);
    const found: Architecture[] = [];
    const dead = new Set<number>(); // (node, place in the word) from which no member comes
    const follow = (node: number, at: number, path: number[]): boolean => {
      const [first, end] = [graph.firstEdge[node]!, graph.firstEdge[node + 1]!];
      if (first === end) {
        if (at === wanted.length) found.push(labels.architectureOf(path));
        return at === wanted.length;
      }
      const key = node * (wanted.length + 1) + at;
      if (dead.has(key)) return false;
      let any = false;
      for (let edge = first; edge < end; edge++) {
        const projected = this.projection(edge);
        if (projected !== undefined && projected !== wanted[at]) continue;
        path.push(graph.labels[edge]!);
        if (follow(graph.targets[edge]!, projected === undefined ? at : at + 1, path)) any = true;
        path.pop();
      }
      if (!any) dead.add(key);
      return any;
    };
    follow(0, 0, []);
    return found;
  }
}
