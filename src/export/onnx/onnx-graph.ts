/** A graph of ONNX nodes while it is recorded: nodes, constant tensors, and target shapes of reshapes. */

/** Integers are `int` or `ints` attributes; floats and texts are marked. */
export type AttributeValue =
  | number
  | readonly number[]
  | { readonly float: number }
  | { readonly text: string };

export interface GraphNode {
  readonly op: string;
  readonly scope: string;
  /** Names of values and constants; '' leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Target shape of a Reshape, with the batch that was recorded; it becomes its second input. */
  readonly shape?: readonly number[];
}

/** Data that the graph holds: constants of the definition, or a weight by its path with its axes permuted. */
export type GraphConstant =
  | { readonly kind: 'float' | 'int'; readonly shape: readonly number[]; readonly values: ArrayLike<number> }
  | {
      readonly kind: 'weight';
      readonly path: string;
      /** Shape of the lab's weight, its axes in the graph's order, and the shape there. */
      readonly from: readonly number[];
      readonly permutation: readonly number[];
      readonly shape: readonly number[];
    };

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<string, GraphConstant>();
  private values = 0;

  /** Adds a node. @returns the name of its output */
  node(
    op: string,
    scope: string,
    inputs: readonly string[],
    attributes: GraphNode['attributes'] = {},
    shape?: readonly number[],
  ): string {
    const output = `v${++this.values}`;
    this.nodes.push({ op, scope, inputs, output, attributes, ...(shape && { shape }) });
    return output;
  }

  /** Adds a constant once by name. @returns its name */
  constant(name: string, constant: GraphConstant): string {
    if (!this.constants.has(name)) this.constants.set(name, constant);
    return name;
  }

  floats(values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    const key =
      values.length <= 4 ? `float ${[...Array.from(values)].join(' ')} [${shape.join()}]` : undefined;
    return this.constant(key ?? `constant ${this.constants.size}`, { kind: 'float', shape, values });
  }

  ints(values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    const key = values.length <= 8 ? `int ${[...Array.from(values)].join(' ')} [${shape.join()}]` : undefined;
    return this.constant(key ?? `constant ${this.constants.size}`, { kind: 'int', shape, values });
  }
}
