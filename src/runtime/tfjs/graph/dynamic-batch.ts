/**
 * One graph for every batch size, from the traces of one function at two of them: what differs between the
 * two are numbers of images in shapes, which are computed from the input instead. Pure.
 */
import { attr, DT } from '../native-engine.js';
import { type GraphNode, NodeList, sourceOf } from './graph-node.js';

/** Batch sizes of the two traces; their numbers in shapes are multiples of them. */
export const tracedBatches = [2, 3] as const;

type Merged = { readonly nodes: readonly GraphNode[] } | { readonly problem: string };

interface Element {
  readonly at: number;
  /** Value per image. */
  readonly each: number;
}

const plainText = ({ name, op, inputs, attrs }: GraphNode, withAttrs = true): string =>
  JSON.stringify([name, op, inputs, withAttrs ? attrs : []]);

const intsOf = ({ bytes }: NonNullable<GraphNode['tensor']>): Int32Array =>
  new Int32Array(Uint8Array.from(bytes).buffer);

/** Elements of an int32 constant that grow with the batch; undefined where another value differs. */
function growing(first: GraphNode, second: GraphNode): Element[] | undefined {
  const [a, b] = [first.tensor!, second.tensor!];
  if (a.dtype !== DT.int32 || a.shape.length > 1 || String(a.shape) !== String(b.shape)) return undefined;
  const [small, large] = [intsOf(a), intsOf(b)];
  const elements = [...small].flatMap((value, at) =>
    value === large[at] ? [] : [{ at, each: large[at]! - value }],
  );
  const isMultiple = ({ at, each }: Element): boolean => small[at] === tracedBatches[0] * each;
  return elements.every(isMultiple) ? elements : undefined;
}

const sameBytes = (first: GraphNode, second: GraphNode): boolean =>
  String(first.tensor!.shape) === String(second.tensor!.shape) &&
  first.tensor!.dtype === second.tensor!.dtype &&
  Buffer.from(first.tensor!.bytes).equals(second.tensor!.bytes);

/** A placeholder whose first dimension is any number of images. */
function anyBatch({ attrs, ...node }: GraphNode): GraphNode {
  return {
    ...node,
    attrs: attrs.map((each) =>
      each.name === 'shape' ? attr.shape('shape', [-1, ...(each.value as readonly number[]).slice(1)]) : each,
    ),
  };
}

/** Nodes that compute the batch size, and constants that hold it, from the first placeholder. */
class BatchNodes extends NodeList {
  private batch: string | undefined;
  constructor(private readonly input: string) {
    super();
  }

  private ints(values: readonly number[], shape: readonly number[]): string {
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    return this.add('Const', [], [attr.type('dtype', DT.int32)], 'batch/const', {
      dtype: DT.int32,
      shape,
      bytes,
    });
  }

  private size(): string {
    if (this.batch !== undefined) return this.batch;
    const types = [attr.type('T', DT.float), attr.type('out_type', DT.int32)];
    const shape = this.add('Shape', [this.input], types, 'batch/shape');
    const bounds = [[0], [1], [1]].map((values) => this.ints(values, [1]));
    const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask'];
    this.batch = this.add(
      'StridedSlice',
      [shape, ...bounds],
      [
        attr.type('T', DT.int32),
        attr.type('Index', DT.int32),
        ...masks.map((name) => attr.int(name, 0)),
        attr.int('shrink_axis_mask', 1),
      ],
      'batch/size',
    );
    return this.batch;
  }

  private times(each: number): string {
    const inputs = [this.size(), this.ints([each], [])];
    return each === 1 ? this.size() : this.add('Mul', inputs, [attr.type('T', DT.int32)], 'batch/times');
  }

  /** The node in place of a constant, with its name. */
  replace(node: GraphNode, elements: readonly Element[]): GraphNode {
    const { name } = node;
    const values = intsOf(node.tensor!);
    if (node.tensor!.shape.length === 0)
      return {
        name,
        op: 'Identity',
        inputs: [this.times(elements[0]!.each)],
        attrs: [attr.type('T', DT.int32)],
      };
    const inputs = [...values].map((value, at) => {
      const element = elements.find((each) => each.at === at);
      return element ? this.times(element.each) : this.ints([value], []);
    });
    const attrs = [attr.int('N', inputs.length), attr.type('T', DT.int32), attr.int('axis', 0)];
    return { name, op: 'Pack', inputs, attrs };
  }
}

/** Whether only reshapes read a constant, as their shape: then the one that grows may be -1. */
const onlyReshapes = (nodes: readonly GraphNode[], name: string): boolean =>
  nodes.every(
    ({ op, inputs }) =>
      !inputs.some((input) => sourceOf(input) === name) ||
      (op === 'Reshape' && sourceOf(inputs[0]!) !== name),
  );

function withFreeSize(node: GraphNode, { at }: Element): GraphNode {
  const values = intsOf(node.tensor!);
  values[at] = -1;
  return { ...node, tensor: { ...node.tensor!, bytes: new Uint8Array(values.buffer) } };
}

/**
 * @param first @param second nodes of the same function, traced at `tracedBatches`
 * @returns `problem` where something other than a number of images in a shape differs
 */
export function withAnyBatch(first: readonly GraphNode[], second: readonly GraphNode[]): Merged {
  const problem = (node: GraphNode | undefined): Merged => ({
    problem: `${node?.op ?? 'the graph'} ${node?.name ?? ''} depends on the batch size`.trim(),
  });
  if (first.length !== second.length) return problem(undefined);
  const input = first.find(({ op }) => op === 'Placeholder');
  if (!input) return problem(undefined);
  const added = new BatchNodes(input.name);
  const nodes: GraphNode[] = [];
  for (const [index, node] of first.entries()) {
    const other = second[index]!;
    const isPlaceholder = node.op === 'Placeholder';
    if (plainText(node, !isPlaceholder) !== plainText(other, !isPlaceholder)) return problem(node);
    if (isPlaceholder) nodes.push(anyBatch(node));
    else if (!node.tensor || sameBytes(node, other)) nodes.push(node);
    else {
      const elements = growing(node, other);
      if (!elements) return problem(node);
      const isFree =
        elements.length === 1 && !intsOf(node.tensor).includes(-1) && onlyReshapes(first, node.name);
      nodes.push(isFree ? withFreeSize(node, elements[0]!) : added.replace(node, elements));
    }
  }
  return { nodes: [...nodes, ...added.nodes] };
}
