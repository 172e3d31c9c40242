/**
 * Large constants of a graph, held by its variables: the bytes of a `Const` are copied five times and more as
 * a graph is loaded (ViT-B/16 at batch 1: a peak of 5.4 GB in place of 1.2). Set once, by a first run.
 */
import { elementCount } from '../../../tensor/infer/shape-rules.js';
import { attr, type Binding, DT } from '../native-engine.js';
import type { NodeList } from './graph-node.js';
import type { TensorType } from './shapes/op-signature.js';

/** Elements from which a constant is a variable of the graph. */
const smallestWeight = 1024;
/** Filters up to `mostPacked` elements stay constants, which these ops pack once. */
const packsFilter: ReadonlySet<string> = new Set(['Conv2D', 'DepthwiseConv2dNative']);
const mostPacked = 2 ** 18;
/** Whether an op packs that input. */
export const packs = (op: string, input: number): boolean => input === 1 && packsFilter.has(op);

/**
 * Whether a constant of a frozen graph becomes a variable of it.
 * @param packable whether its reader packs it
 */
export function isWeight({ shape, dtype }: TensorType, packable: boolean): boolean {
  if (dtype !== DT.float && dtype !== DT.bfloat16 && dtype !== DT.half) return false;
  const size = elementCount(shape);
  return size >= smallestWeight && !(packable && size <= mostPacked);
}

interface Weight {
  /** Tensor with the value, kept until it is set. */
  readonly id: number;
  readonly type: TensorType;
  /** Node of the variable, and the one that reads it. */
  readonly variable: string;
  readonly read: string;
}

export class GraphWeights {
  private readonly weights: Weight[] = [];
  /** Tensors by the node that stands for them. */
  private readonly kept = new Map<string, number>();
  private readonly ids = new Set<number>();

  /** Whether the tensor must outlive the trace. */
  keeps(id: number): boolean {
    return this.ids.has(id);
  }

  /** Keeps tensor `id`, whose values constant `node` reads when the graph is written. */
  keep(node: string, id: number): void {
    this.kept.set(node, id);
    this.ids.add(id);
  }

  /** Adds the variable that holds tensor `id`, which is to be kept; returns the node that reads it. */
  add(nodes: NodeList, id: number, type: TensorType): string {
    const dtype = attr.type('dtype', type.dtype);
    const variable = nodes.add(
      'VarHandleOp',
      [],
      [
        dtype,
        attr.shape('shape', type.shape),
        attr.string('container', ''),
        attr.string('shared_name', `weight-${this.weights.length}`),
      ],
      'weight',
    );
    const read = nodes.add('ReadVariableOp', [variable], [dtype], 'weight/read');
    this.weights.push({ id, type, variable, read });
    return read;
  }

  /** Deletes the tensors of nodes that are not in the graph. */
  keepOnly(binding: Binding, isInGraph: (node: string) => boolean): void {
    const weights = this.weights.splice(0);
    this.weights.push(...weights.filter(({ read }) => isInGraph(read)));
    for (const [node, id] of [...this.kept])
      if (!isInGraph(node)) {
        this.kept.delete(node);
        this.ids.delete(id);
        binding.deleteTensor(id);
      }
  }

  /** Adds the nodes that set the variables; returns the placeholders of their values and the assignments. */
  setters(nodes: NodeList): {
    readonly placeholders: readonly string[];
    readonly assigns: readonly string[];
  } {
    const placeholders = this.weights.map(({ type: { dtype, shape } }) =>
      nodes.add('Placeholder', [], [attr.type('dtype', dtype), attr.shape('shape', shape)], 'weight/value'),
    );
    const assigns = this.weights.map(({ variable, type: { dtype } }, index) =>
      nodes.add(
        'AssignVariableOp',
        [variable, placeholders[index]!],
        [attr.type('dtype', dtype)],
        'weight/assign',
      ),
    );
    return { placeholders, assigns };
  }

  /** Tensors with the values, in the order of `setters`. */
  values(): readonly number[] {
    return this.weights.map(({ id }) => id);
  }

  /** Deletes the tensors, once the graph is loaded and its variables are set. */
  drop(binding: Binding): void {
    this.weights.length = 0;
    for (const id of this.kept.values()) binding.deleteTensor(id);
    this.kept.clear();
    this.ids.clear();
  }
}

/** A tensor's values on the host. */
export function bytesOf(binding: Binding, id: number): Uint8Array {
  const values = binding.tensorDataSync(id);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
