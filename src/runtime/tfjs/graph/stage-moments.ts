/**
 * Where an optimizer's moments wait between the runs of a graph. A value that is read from a variable has two
 * holders, so the op that moves it must write to new memory; what comes out of a staging area has one, and is
 * moved in place (engine/kernels/adamw.h; measured: a third off the update, and two nodes less per moment).
 */
import { ATTR, attr, DT, type OpAttr } from '../native-engine.js';
import type { GraphNode, GraphTrace } from './graph-trace.js';

const update = 'StagecraftAdamW';
/** Inputs of the update before its weights. */
const scalars = 6;
let areas = 0;

/** A graph's staging area: what is in it by variable node, and how it is filled and looked at. */
export interface StagingArea {
  readonly places: ReadonlyMap<string, number>;
  /** Adds the node that replaces all values by those of the named nodes; returns its name. */
  fill(sources: readonly string[]): string;
  /** Output that holds the value at a place, which stays there. */
  look(place: number): string;
}

const sourceOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

/**
 * Moves the moments of the graph's one update from variables to a staging area, where nothing but the update
 * reads and writes them.
 * @returns undefined, and the graph unchanged, where something else does or there is no such update
 */
export function stageMoments(trace: GraphTrace): StagingArea | undefined {
  const updates = trace.nodes.filter(({ op }) => op === update);
  if (updates.length !== 1) return undefined;
  const [node] = updates as [GraphNode];
  const count = node.attrs.find(({ name }) => name === 'N')!.value as number;
  const users = new Map<string, GraphNode[]>();
  for (const user of trace.nodes)
    for (const source of new Set(user.inputs.map(sourceOf)))
      users.set(source, [...(users.get(source) ?? []), user]);
  const byName = new Map(trace.nodes.map((entry) => [entry.name, entry]));
  const first = scalars + count;
  const gone = new Set<string>();
  const assigns = new Set<string>();
  const places = new Map<string, number>();
  for (let place = 0; place < 2 * count; place++) {
    const read = byName.get(node.inputs[first + place]!);
    const variable = read?.op === 'ReadVariableOp' ? sourceOf(read.inputs[0]!) : '';
    const [reader, assign, ...others] = users.get(variable) ?? [];
    if (
      reader !== read ||
      assign?.op !== 'AssignVariableOp' ||
      assign.inputs[1] !== `${node.name}:${count + place}` ||
      others.length > 0
    )
      return undefined;
    if (!users.get(read!.name)!.every((user) => user === node || user === assign)) return undefined;
    for (const name of [variable, read!.name, assign.name]) gone.add(name);
    assigns.add(assign.name);
    places.set(variable, place);
  }

  const attrs: OpAttr[] = [
    attr.int('capacity', 0),
    attr.int('memory_limit', 0),
    { name: 'dtypes', type: ATTR.type, value: Array.from({ length: 2 * count }, () => DT.float) },
    { name: 'container', type: ATTR.string, value: '' },
    { name: 'shared_name', type: ATTR.string, value: `moments-${areas++}` },
  ];
  const output = (of: string, place: number): string => (place === 0 ? of : `${of}:${place}`);
  const taken = trace.add('Unstage', [], attrs);
  const put = trace.add(
    'Stage',
    [...places.values()].map((place) => `${node.name}:${count + place}`),
    attrs,
  );
  const rewritten = trace.nodes
    .filter(({ name }) => !gone.has(name))
    .map((entry) => {
      if (entry === node)
        return {
          ...entry,
          inputs: entry.inputs.map((input, index) =>
            index >= first && index < first + 2 * count ? output(taken, index - first) : input,
          ),
        };
      const kept = entry.inputs.filter((input) => !assigns.has(sourceOf(input)));
      return kept.length === entry.inputs.length ? entry : { ...entry, inputs: [...kept, `^${put}`] };
    });
  trace.nodes.splice(0, trace.nodes.length, ...rewritten);

  const index = trace.add('Const', [], [attr.type('dtype', DT.int32)], 'front', {
    dtype: DT.int32,
    shape: [],
    bytes: new Uint8Array(4),
  });
  const seen = trace.add('StagePeek', [index], attrs);
  return {
    places,
    fill: (sources) => trace.add('Stage', [...sources, `^${trace.add('StageClear', [], attrs)}`], attrs),
    look: (place) => output(seen, place),
  };
}
