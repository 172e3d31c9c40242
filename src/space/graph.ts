/**
 * The set as an acyclic deterministic automaton over labels: every path from the root to the end is one member. Nodes are numbered
 * so that edges go to higher numbers; the edges of a node are sorted in the order of the space, and only what leads to a member is kept.
 */
import type { Step } from './atoms.js';
import { DONE, LayoutMachine, TooLargeError } from './layout-machine.js';
import type { ConditionMachine } from './machine.js';
import type { Alternative, SpaceModel } from './model.js';
import { Places, type PlaceOf } from './places.js';

export const NODE_LIMIT = 400_000;

/** Edges of node n are `firstEdge[n]` up to `firstEdge[n + 1]`. */
export interface Graph {
  readonly nodes: number;
  readonly firstEdge: Int32Array;
  readonly labels: Int32Array;
  readonly targets: Int32Array;
  /** (label, place) of an edge: index into `places.costs`. */
  readonly events: Int32Array;
  /** Members from here on. */
  readonly counts: readonly bigint[];
  /** Stage whose header leaves this node, from 1; 0 elsewhere. `stages + 1` is the node before the head. */
  readonly boundary: Int32Array;
  readonly places: Places;
  /** Where paths are readings and not members: the probability of each edge at its node. */
  readonly weights?: Float64Array;
}

type Phase = 'input' | 'stem' | 'header' | 'body' | 'head' | 'done';
interface Draft extends PlaceOf { readonly phase: Phase; readonly index: number; readonly configs: number; readonly states: readonly number[] }
interface Edge { readonly label: number; readonly target: number; readonly event: number }
/** One reading of what came before: what is to be matched, and the assignments it leaves. */
interface Config { readonly chain: number; readonly masks: readonly bigint[] }

class Configs {
  readonly sets: (readonly Config[])[] = [];
  private readonly ids = new Map<string, number>();
  intern(configs: readonly Config[]): number {
    const byKey = new Map(configs.map((config) => [`${config.chain}:${config.masks.join(',')}`, config]));
    const keys = [...byKey.keys()].sort();
    const key = keys.join(';');
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.sets.push(keys.map((one) => byKey.get(one)!)) - 1;
      this.ids.set(key, id);
    }
    return id;
  }
}

class GraphBuilder {
  private readonly configs = new Configs();
  private readonly layouts: LayoutMachine;
  private readonly full: readonly bigint[];
  private readonly drafts: Draft[] = [];
  private readonly ids = new Map<string, number>();
  private readonly bodySteps = new Map<string, { readonly blocks: readonly (readonly [label: number, configs: number])[]; readonly end: number | undefined }>();

  constructor(private readonly model: SpaceModel, private readonly machines: readonly ConditionMachine[], private readonly places: Places, private readonly limit: number) {
    places.know(model.labels.labels);
    this.layouts = new LayoutMachine(model.rules);
    this.full = model.groups.map(({ size }) => (1n << BigInt(size)) - 1n);
  }

  private node(draft: Draft): number {
    const key = `${draft.phase},${draft.stage},${draft.map},${draft.width},${draft.stride},${draft.first ? 1 : 0},${draft.classes},${draft.index},${draft.configs},${draft.states.join('.')}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      if (this.drafts.length >= this.limit) throw new TooLargeError(`the space has more than ${this.limit} distinct states`);
      id = this.drafts.push(draft) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  private narrowed(masks: readonly bigint[], alternative: Alternative): readonly bigint[] | undefined {
    if (alternative.masks.length === 0) return masks;
    const result = [...masks];
    for (const { group, mask } of alternative.masks) {
      result[group] = result[group]! & mask;
      if (result[group] === 0n) return undefined;
    }
    return result;
  }

  /** Config sets after each label of `alternatives`, which leave the chain as it is. */
  private choose(configs: number, alternatives: readonly Alternative[], chain: number): Map<number, number> {
    const found = new Map<number, Config[]>();
    for (const { masks } of this.configs.sets[configs]!) {
      for (const alternative of alternatives) {
        const left = this.narrowed(masks, alternative);
        if (left) found.set(alternative.label, [...(found.get(alternative.label) ?? []), { chain, masks: left }]);
      }
    }
    return new Map([...found].map(([label, set]) => [label, this.configs.intern(set)]));
  }

  /** Blocks that may follow and whether the stage may end, given what is to be matched. `left`: blocks that may still follow. */
  private body(configs: number, left: number): { readonly blocks: readonly (readonly [label: number, configs: number])[]; readonly end: number | undefined } {
    const key = `${configs},${left}`;
    let found = this.bodySteps.get(key);
    if (found) return found;
    const blocks = new Map<number, Config[]>();
    const ends: Config[] = [];
    for (const { chain, masks } of this.configs.sets[configs]!) {
      const moves = this.layouts.moves(chain, left);
      if (moves.accepts) ends.push({ chain: DONE, masks: masks.map((mask, group) => (this.model.groups[group]!.scope === 'stage' ? this.full[group]! : mask)) });
      for (const { template, next } of moves.letters) {
        for (const alternative of this.model.templates[template]!.alternatives) {
          const narrowed = this.narrowed(masks, alternative);
          if (narrowed) {
            const set = blocks.get(alternative.label);
            if (set) set.push({ chain: next, masks: narrowed });
            else blocks.set(alternative.label, [{ chain: next, masks: narrowed }]);
          }
        }
      }
    }
    found = { blocks: [...blocks].map(([label, set]) => [label, this.configs.intern(set)] as const), end: ends.length > 0 ? this.configs.intern(ends) : undefined };
    this.bodySteps.set(key, found);
    return found;
  }

  private states(states: readonly number[], event: number, step: Step): readonly number[] | undefined {
    const next = states.map((state, index) => this.machines[index]!.step(state, event, step));
    return next.some((state, index) => this.machines[index]!.isDead(state)) ? undefined : next;
  }

  /** The edge of a label from a draft, where the label can stand there and no condition forbids it. */
  private edge(draft: Draft, label: number, change: (map: number) => Partial<Draft>, stepOf: ((cost: Step & { kind: 'part' }) => Step) | undefined): Edge | undefined {
    const placed = this.places.at(label, this.model.labels.labels[label]!, draft);
    if (!placed) return undefined;
    const states = stepOf ? this.states(draft.states, placed.event, stepOf({ kind: 'part', stage: draft.stage, cost: placed.cost })) : draft.states;
    return states ? { label, event: placed.event, target: this.node({ ...draft, map: placed.map, states, ...change(placed.map) }) } : undefined;
  }

  private edges(draft: Draft): (Edge | undefined)[] {
    const { model } = this;
    const label = (id: number): (typeof model.labels.labels)[number] => model.labels.labels[id]!;
    switch (draft.phase) {
      case 'input': return [...this.choose(draft.configs, model.inputs, DONE)].map(([id, configs]) => {
        const input = label(id) as { classes: number };
        return this.edge(draft, id, () => ({ phase: 'stem', configs, classes: input.classes }), undefined);
      });
      case 'stem': return [...this.choose(draft.configs, model.stems, DONE)].map(([id, configs]) => this.edge(draft, id, () => ({ phase: 'header', stage: 1, configs }), (part) => part));
      case 'header': {
        const stage = model.stages[draft.stage - 1]!;
        const chain = this.layouts.start(stage.layout);
        return [...this.choose(draft.configs, stage.headers, chain)].map(([id, configs]) => {
          const { width, firstStride } = label(id) as { width: number; firstStride: 1 | 2 };
          return this.edge(draft, id, () => ({ phase: 'body', configs, width, stride: firstStride, first: true, index: 0 }), ({ cost }) => ({ kind: 'header', stage: draft.stage, width, cost }));
        });
      }
      case 'body': return this.bodyEdges(draft);
      case 'head': return [...this.choose(draft.configs, model.heads, DONE)].map(([id]) =>
        this.edge(draft, id, () => ({ phase: 'done', configs: 0, map: 0, classes: 0 }), (part) => part));
      case 'done': return [];
      default: return draft.phase satisfies never;
    }
  }

  private bodyEdges(draft: Draft): (Edge | undefined)[] {
    const { depths } = this.model.stages[draft.stage - 1]!;
    const limited = depths.max !== Infinity;
    const { blocks, end } = this.body(draft.configs, limited ? depths.max - draft.index : Infinity);
    const result = blocks.map(([id, configs]) => {
      const { block } = this.model.labels.labels[id] as { block: { letter: string } };
      return this.edge(draft, id, () => ({ configs, first: false, stride: 1, index: limited ? draft.index + 1 : 0 }), ({ cost }) => ({ kind: 'block', stage: draft.stage, letter: block.letter, label: id, cost }));
    });
    // A stage without blocks must leave the map that its header says.
    const complete = !draft.first || (draft.stride === 1 && this.places.maps[draft.map]!.channels === draft.width);
    if (end !== undefined && complete && (!limited || depths.has(draft.index))) {
      const last = draft.stage === this.model.stages.length;
      result.push(this.edge(draft, 0, () => ({ phase: last ? 'head' : 'header', stage: draft.stage + 1, configs: end, width: 0, stride: 1, first: false, index: 0 }), () => ({ kind: 'end', stage: draft.stage })));
    }
    return result;
  }

  build(): Graph {
    const nothing = { phase: 'input', stage: 0, map: this.places.mapId({ height: 1, width: 1, channels: 1 }), width: 0, stride: 1, first: false, classes: 0, index: 0 } as const;
    this.node({ ...nothing, configs: this.configs.intern([{ chain: DONE, masks: this.full }]), states: this.machines.map(({ start }) => start) });
    const all: Edge[][] = [];
    for (let id = 0; id < this.drafts.length; id++) { // drafts grow while they are read
      all.push(this.edges(this.drafts[id]!).filter((edge) => edge !== undefined));
    }
    return this.finish(all);
  }

  /** Nodes so that every edge goes from an earlier to a later one. */
  private order(all: readonly (readonly Edge[])[]): number[] {
    const post: number[] = [];
    const nextEdge = new Int32Array(all.length).fill(-1);
    const stack = [0];
    nextEdge[0] = 0;
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      const edge = all[id]![nextEdge[id]!++];
      if (!edge) post.push(stack.pop()!);
      else if (nextEdge[edge.target]! < 0) {
        nextEdge[edge.target] = 0;
        stack.push(edge.target);
      }
    }
    return post.reverse();
  }

  private finish(all: readonly (readonly Edge[])[]): Graph {
    const order = this.order(all);
    const counts: bigint[] = new Array<bigint>(all.length).fill(0n);
    for (const id of [...order].reverse()) {
      const draft = this.drafts[id]!;
      if (draft.phase === 'done') counts[id] = draft.states.every((state, index) => this.machines[index]!.accepts(state)) ? 1n : 0n;
      else for (const { target } of all[id]!) counts[id]! += counts[target]!;
    }
    const kept: number[] = [];
    const renamed = new Int32Array(all.length).fill(-1);
    for (const id of order) if (id === 0 || counts[id]! > 0n) renamed[id] = kept.push(id) - 1;
    const { compare } = this.model.labels;
    const sorted = kept.map((id) => all[id]!.filter(({ target }) => counts[target]! > 0n).sort((a, b) => compare(a.label, b.label)));
    const size = sorted.reduce((sum, edges) => sum + edges.length, 0);
    const graph = { firstEdge: new Int32Array(kept.length + 1), labels: new Int32Array(size), targets: new Int32Array(size), events: new Int32Array(size) };
    let at = 0;
    sorted.forEach((edges, node) => {
      graph.firstEdge[node] = at;
      for (const edge of edges) {
        graph.labels[at] = edge.label;
        graph.targets[at] = renamed[edge.target]!;
        graph.events[at++] = edge.event;
      }
    });
    graph.firstEdge[kept.length] = at;
    const boundary = Int32Array.from(kept, (id) => {
      const draft = this.drafts[id]!;
      return draft.phase === 'header' || draft.phase === 'head' ? draft.stage : 0;
    });
    return { ...graph, nodes: kept.length, counts: kept.map((id) => counts[id]!), boundary, places: this.places };
  }
}

/** @throws TooLargeError where the set has too many distinct states to be compiled */
export function buildGraph(model: SpaceModel, machines: readonly ConditionMachine[], places = new Places(), limit = NODE_LIMIT): Graph {
  return new GraphBuilder(model, machines, places, limit).build();
}
