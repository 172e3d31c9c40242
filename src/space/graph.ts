/**
 * The set as an acyclic deterministic automaton over labels: every path from the root to the end is one
 * member. Nodes are numbered so that edges go to higher numbers; the edges of a node are sorted in the order
 * of the space, and only what leads to a member is kept.
 */
import type { Step } from './atoms.js';
import { DONE, LayoutMachine, TooLargeError } from './layout-machine.js';
import type { ConditionMachine } from './machine.js';
import type { Alternative, SpaceModel } from './model.js';
import { type PlaceOf, Places } from './places.js';

export const NODE_LIMIT = 100_000;
/** States of one condition's automaton alone. */
const MACHINE_LIMIT = 30_000;

/** One condition is too much by itself, whatever the others are. */
export class TooManyStatesError extends TooLargeError {
  constructor(readonly machine: ConditionMachine) {
    super(`a condition has more than ${MACHINE_LIMIT} distinct states: ${machine.condition.text}`);
  }
}

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
interface Draft extends PlaceOf {
  readonly phase: Phase;
  readonly index: number;
  readonly configs: number;
  readonly states: readonly number[];
}
interface Edge {
  readonly label: number;
  readonly target: number;
  readonly event: number;
  readonly weight: number;
}
/** Where a label may lead: what is then to be matched, and with which probability it is read so. */
interface Choice {
  readonly label: number;
  readonly configs: number;
  readonly weight: number;
}
/** One reading of what came before: what is to be matched, and the assignments it leaves. */
interface Config {
  readonly chain: number;
  readonly masks: readonly bigint[];
}

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
  private readonly bodySteps = new Map<
    string,
    {
      readonly blocks: readonly Choice[];
      readonly end: { readonly configs: number; readonly weight: number } | undefined;
    }
  >();

  constructor(
    private readonly model: SpaceModel,
    private readonly machines: readonly ConditionMachine[],
    private readonly places: Places,
    private readonly limit: number,
    private readonly readings: boolean,
  ) {
    places.know(model.labels.labels);
    this.layouts = new LayoutMachine(model.rules);
    this.full = model.groups.map(({ size }) => (1n << BigInt(size)) - 1n);
  }

  private node(draft: Draft): number {
    const key = `${draft.phase},${draft.stage},${draft.map},${draft.width},${draft.stride},${draft.first ? 1 : 0},${draft.classes},${draft.index},${draft.configs},${draft.states.join('.')}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      if (this.drafts.length >= this.limit)
        throw new TooLargeError(`the space has more than ${this.limit} distinct states`);
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

  /**
   * Probability of an alternative once it is known which assignments are left: every one of them is as likely
   * as every other.
   */
  private share(
    masks: readonly bigint[],
    left: readonly bigint[],
    { masks: tied, weight }: Alternative,
  ): number {
    return tied.reduce((product, { group }) => (product * bits(left[group]!)) / bits(masks[group]!), weight);
  }

  /**
   * After each label of `alternatives`, which leave the chain as it is. Readings are kept apart; else those
   * of a label are one set.
   */
  private choose(configs: number, alternatives: readonly Alternative[], chain: number): Choice[] {
    const found = new Map<number, Config[]>();
    const apart: Choice[] = [];
    for (const { masks } of this.configs.sets[configs]!) {
      for (const alternative of alternatives) {
        const left = this.narrowed(masks, alternative);
        if (!left) continue;
        if (this.readings)
          apart.push({
            label: alternative.label,
            configs: this.configs.intern([{ chain, masks: left }]),
            weight: this.share(masks, left, alternative),
          });
        else found.set(alternative.label, [...(found.get(alternative.label) ?? []), { chain, masks: left }]);
      }
    }
    return this.readings
      ? apart
      : [...found].map(([label, set]) => ({ label, configs: this.configs.intern(set), weight: 1 }));
  }

  /** Assignments of choices that start afresh with the next stage. */
  private afterStage(masks: readonly bigint[]): readonly bigint[] {
    return masks.map((mask, group) =>
      this.model.groups[group]!.scope === 'stage' ? this.full[group]! : mask,
    );
  }

  /**
   * Blocks that may follow and whether the stage may end, given what is to be matched. `left`: blocks that
   * may still follow.
   */
  private body(
    configs: number,
    left: number,
  ): {
    readonly blocks: readonly Choice[];
    readonly end: { readonly configs: number; readonly weight: number } | undefined;
  } {
    const key = `${configs},${left}`;
    let found = this.bodySteps.get(key);
    if (!found)
      this.bodySteps.set(
        key,
        (found = this.readings ? this.bodyReadings(configs, left) : this.bodySets(configs, left)),
      );
    return found;
  }

  private bodySets(
    configs: number,
    left: number,
  ): {
    readonly blocks: readonly Choice[];
    readonly end: { readonly configs: number; readonly weight: number } | undefined;
  } {
    const blocks = new Map<number, Config[]>();
    const ends: Config[] = [];
    for (const { chain, masks } of this.configs.sets[configs]!) {
      const moves = this.layouts.moves(chain, left);
      if (moves.accepts) ends.push({ chain: DONE, masks: this.afterStage(masks) });
      for (const { template, next } of moves.letters) {
        for (const alternative of this.model.templates[template]!.alternatives) {
          const narrowed = this.narrowed(masks, alternative);
          if (!narrowed) continue;
          const set = blocks.get(alternative.label);
          if (set) set.push({ chain: next, masks: narrowed });
          else blocks.set(alternative.label, [{ chain: next, masks: narrowed }]);
        }
      }
    }
    return {
      blocks: [...blocks].map(([label, set]) => ({ label, configs: this.configs.intern(set), weight: 1 })),
      end: ends.length > 0 ? { configs: this.configs.intern(ends), weight: 1 } : undefined,
    };
  }

  private bodyReadings(
    configs: number,
    left: number,
  ): {
    readonly blocks: readonly Choice[];
    readonly end: { readonly configs: number; readonly weight: number } | undefined;
  } {
    const { chain, masks } = this.configs.sets[configs]![0]!;
    const { letters, accepts } = this.layouts.readings(chain, left);
    const blocks = letters.flatMap(({ template, next, weight }) =>
      this.model.templates[template]!.alternatives.flatMap((alternative): Choice[] => {
        const narrowed = this.narrowed(masks, alternative);
        return narrowed
          ? [
              {
                label: alternative.label,
                configs: this.configs.intern([{ chain: next, masks: narrowed }]),
                weight: weight * this.share(masks, narrowed, alternative),
              },
            ]
          : [];
      }),
    );
    return {
      blocks,
      end:
        accepts.ways > 0
          ? {
              configs: this.configs.intern([{ chain: DONE, masks: this.afterStage(masks) }]),
              weight: accepts.weight,
            }
          : undefined,
    };
  }

  private states(states: readonly number[], event: number, step: Step): readonly number[] | undefined {
    const next = states.map((state, index) => {
      const machine = this.machines[index]!;
      const after = machine.step(state, event, step);
      if (machine.size > MACHINE_LIMIT) throw new TooManyStatesError(machine);
      return after;
    });
    return next.some((state, index) => this.machines[index]!.isDead(state)) ? undefined : next;
  }

  /** The edge of a label from a draft, where the label can stand there and no condition forbids it. */
  private edge(
    draft: Draft,
    { label, weight }: Pick<Choice, 'label' | 'weight'>,
    change: Partial<Draft>,
    stepOf: ((cost: Step & { kind: 'part' }) => Step) | undefined,
  ): Edge | undefined {
    const placed = this.places.at(label, this.model.labels.labels[label]!, draft);
    if (!placed) return undefined;
    const states = stepOf
      ? this.states(
          draft.states,
          placed.event,
          stepOf({ kind: 'part', stage: draft.stage, cost: placed.cost }),
        )
      : draft.states;
    return states
      ? {
          label,
          event: placed.event,
          weight,
          target: this.node({ ...draft, map: placed.map, states, ...change }),
        }
      : undefined;
  }

  private edges(draft: Draft): (Edge | undefined)[] {
    const {
      model,
      model: {
        labels: { labels },
      },
    } = this;
    switch (draft.phase) {
      case 'input':
        return this.choose(draft.configs, model.inputs, DONE).map((choice) =>
          this.edge(
            draft,
            choice,
            {
              phase: 'stem',
              configs: choice.configs,
              classes: (labels[choice.label] as { classes: number }).classes,
            },
            undefined,
          ),
        );
      case 'stem':
        return this.choose(draft.configs, model.stems, DONE).map((choice) =>
          this.edge(draft, choice, { phase: 'header', stage: 1, configs: choice.configs }, (part) => part),
        );
      case 'header': {
        const stage = model.stages[draft.stage - 1]!;
        const chain = this.layouts.start(stage.layout);
        return this.choose(draft.configs, stage.headers, chain).map((choice) => {
          const { width, firstStride } = labels[choice.label] as { width: number; firstStride: 1 | 2 };
          return this.edge(
            draft,
            choice,
            { phase: 'body', configs: choice.configs, width, stride: firstStride, first: true, index: 0 },
            ({ cost }) => ({ kind: 'header', stage: draft.stage, width, cost }),
          );
        });
      }
      case 'body':
        return this.bodyEdges(draft);
      case 'head':
        return this.choose(draft.configs, model.heads, DONE).map((choice) =>
          this.edge(draft, choice, { phase: 'done', configs: 0, map: 0, classes: 0 }, (part) => part),
        );
      case 'done':
        return [];
      default:
        return draft.phase satisfies never;
    }
  }

  private bodyEdges(draft: Draft): (Edge | undefined)[] {
    const { depths } = this.model.stages[draft.stage - 1]!;
    const limited = depths.max !== Infinity;
    const { blocks, end } = this.body(draft.configs, limited ? depths.max - draft.index : Infinity);
    const result = blocks.map((choice) => {
      const { block } = this.model.labels.labels[choice.label] as { block: { letter: string } };
      return this.edge(
        draft,
        choice,
        { configs: choice.configs, first: false, stride: 1, index: limited ? draft.index + 1 : 0 },
        ({ cost }) => ({
          kind: 'block',
          stage: draft.stage,
          letter: block.letter,
          label: choice.label,
          cost,
        }),
      );
    });
    // A stage without blocks must leave the map that its header says.
    const complete =
      !draft.first || (draft.stride === 1 && this.places.maps[draft.map]!.channels === draft.width);
    if (end !== undefined && complete && (!limited || depths.has(draft.index))) {
      const last = draft.stage === this.model.stages.length;
      const after = {
        phase: last ? 'head' : 'header',
        stage: draft.stage + 1,
        configs: end.configs,
        width: 0,
        stride: 1,
        first: false,
        index: 0,
      } as const;
      result.push(
        this.edge(draft, { label: 0, weight: end.weight }, after, () => ({
          kind: 'end',
          stage: draft.stage,
        })),
      );
    }
    return result;
  }

  build(): Graph {
    const nothing = {
      phase: 'input',
      stage: 0,
      map: this.places.mapId({ height: 1, width: 1, channels: 1 }),
      width: 0,
      stride: 1,
      first: false,
      classes: 0,
      index: 0,
    } as const;
    this.node({
      ...nothing,
      configs: this.configs.intern([{ chain: DONE, masks: this.full }]),
      states: this.machines.map(({ start }) => start),
    });
    const all: Edge[][] = [];
    for (let id = 0; id < this.drafts.length; id++) {
      // drafts grow while they are read
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
      if (draft.phase === 'done')
        counts[id] = draft.states.every((state, index) => this.machines[index]!.accepts(state)) ? 1n : 0n;
      else for (const { target } of all[id]!) counts[id]! += counts[target]!;
    }
    const kept: number[] = [];
    const renamed = new Int32Array(all.length).fill(-1);
    for (const id of order) if (id === 0 || counts[id]! > 0n) renamed[id] = kept.push(id) - 1;
    const { compare } = this.model.labels;
    const sorted = kept.map((id) =>
      all[id]!.filter(({ target }) => counts[target]! > 0n).sort((a, b) => compare(a.label, b.label)),
    );
    const size = sorted.reduce((sum, edges) => sum + edges.length, 0);
    const graph = {
      firstEdge: new Int32Array(kept.length + 1),
      labels: new Int32Array(size),
      targets: new Int32Array(size),
      events: new Int32Array(size),
    };
    const weights = new Float64Array(this.readings ? size : 0);
    let at = 0;
    sorted.forEach((edges, node) => {
      graph.firstEdge[node] = at;
      for (const edge of edges) {
        graph.labels[at] = edge.label;
        if (this.readings) weights[at] = edge.weight;
        graph.targets[at] = renamed[edge.target]!;
        graph.events[at++] = edge.event;
      }
    });
    graph.firstEdge[kept.length] = at;
    const boundary = Int32Array.from(kept, (id) => {
      const draft = this.drafts[id]!;
      return draft.phase === 'header' || draft.phase === 'head' ? draft.stage : 0;
    });
    return {
      ...graph,
      nodes: kept.length,
      counts: kept.map((id) => counts[id]!),
      boundary,
      places: this.places,
      ...(this.readings ? { weights } : {}),
    };
  }
}

function bits(mask: bigint): number {
  let count = 0;
  for (let left = mask; left > 0n; left &= left - 1n) count++;
  return count;
}

/** @throws TooLargeError where the set has too many distinct states to be compiled */
export function buildGraph(
  model: SpaceModel,
  machines: readonly ConditionMachine[],
  places = new Places(),
  limit = NODE_LIMIT,
): Graph {
  return new GraphBuilder(model, machines, places, limit, false).build();
}

/**
 * The same set by its readings: a path for every way to derive a member, with probabilities. @throws
 * TooLargeError
 */
export function buildReadings(
  model: SpaceModel,
  machines: readonly ConditionMachine[],
  places: Places,
): Graph {
  return new GraphBuilder(model, machines, places, NODE_LIMIT, true).build();
}
