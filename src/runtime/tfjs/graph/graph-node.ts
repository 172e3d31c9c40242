/** TensorFlow graph nodes and functions, as a trace collects them. */
import { attr, DT, type OpAttr } from '../native-engine.js';
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
  /** TensorFlow's type that each input is fed as; float32 values may be fed as their bits, as int32. */
  readonly fed: readonly number[];
}

/** An input of a graph: what is fed, as which type, and the node and type of its value. */
export interface GraphInput {
  readonly placeholder: string;
  readonly fed: number;
  readonly node: string;
  readonly dtype: number;
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

  /**
   * Adds a placeholder and what casts it back where it is fed as bits.
   * @param asBits whether float32 values are fed as the int32 values of their bits
   */
  addInput(hint: string, { shape, dtype: type }: InputSpec, asBits: boolean): GraphInput {
    const dtype = type === 'float32' ? DT.float : DT.int32;
    const fed = asBits ? DT.int32 : dtype;
    const attrs = [attr.type('dtype', fed), attr.shape('shape', shape)];
    const placeholder = this.add('Placeholder', [], attrs, hint);
    const cast = [attr.type('T', fed), attr.type('type', dtype)];
    return {
      placeholder,
      node: fed === dtype ? placeholder : this.add('Bitcast', [placeholder], cast),
      dtype,
      fed,
    };
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
