/** TensorFlow graph nodes and functions, as a trace collects them. */
import { attr, type OpAttr } from '../native-engine.js';
import type { TensorType } from './shapes/op-signature.js';

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` or, for control edges, `^node`. */
  readonly inputs: readonly string[];
  readonly attrs: readonly OpAttr[];
  /** Values of a `Const`; `bytes` are read when the graph is written. */
  readonly tensor?: { readonly dtype: number; readonly shape: readonly number[]; readonly bytes: Uint8Array };
}

export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}
export interface GraphVariable {
  readonly path: string;
  readonly shape: readonly number[];
  readonly node: string;
  readonly handle: number;
}
export interface TracedFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly specs: readonly InputSpec[];
}

/** Nodes with unique names. */
export class NodeList {
  readonly nodes: GraphNode[] = [];
  private readonly counts = new Map<string, number>();

  /** Adds a node and returns its name: `hint`, numbered where it is taken. */
  add(
    op: string,
    inputs: readonly string[],
    attrs: readonly OpAttr[],
    hint = op,
    tensor?: GraphNode['tensor'],
  ): string {
    const count = this.counts.get(hint) ?? 0;
    this.counts.set(hint, count + 1);
    const name = count === 0 ? hint : `${hint}_${count}`;
    this.nodes.push({ name, op, inputs, attrs, ...(tensor && { tensor }) });
    return name;
  }

  /** @param bytes gives the values when the graph is written */
  addConstant({ dtype, shape }: TensorType, bytes: () => Uint8Array): string {
    return this.add('Const', [], [attr.type('dtype', dtype)], 'Const', {
      dtype,
      shape,
      get bytes() {
        return bytes();
      },
    });
  }
}

/** Name of the node that an input comes from. */
export const sourceOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

/** Names of the nodes that `roots` need, themselves included. */
export function neededNodes(nodes: readonly GraphNode[], roots: readonly string[]): ReadonlySet<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const open = roots.map(sourceOf);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...byName.get(name)!.inputs.map(sourceOf));
  }
  return needed;
}
