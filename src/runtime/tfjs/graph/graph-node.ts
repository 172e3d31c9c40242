/** TensorFlow graph nodes and functions, as a trace collects them. */
import type { OpAttr } from '../native-engine.js';

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` or, for control edges, `^node`. */
  readonly inputs: readonly string[];
  readonly attrs: readonly OpAttr[];
  /** Values of a `Const`. */
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
}
