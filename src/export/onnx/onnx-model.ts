/**
 * A network as an ONNX model: opset 20, float32, images and maps `[batch, channels, height, width]` with a
 * dynamic batch, weights inside the file or in one beside it.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId, canonicalText } from '../../architecture/canonical.js';
import { layoutOf } from '../../architecture/layout.js';
import type { ConditionInputs } from '../../blocks/block.js';
import { forwardNetwork } from '../../network/forward-network.js';
import type { SymbolicTensor } from '../../tensor/infer/symbolic-ops.js';
import { permuted } from '../permute.js';
import type { AttributeValue, GraphConstant, GraphNode } from './onnx-graph.js';
import { encodeModel } from './onnx-messages.js';
import { OnnxOps } from './onnx-ops.js';

/** Version of ONNX's operators in the model, and of its file format. */
export const onnxOpset = 20;
export const onnxIrVersion = 9;

export interface OnnxModel {
  readonly model: Uint8Array;
  /** Bytes of the file beside the model, where weights are external. */
  readonly data?: Uint8Array;
}

export interface OnnxOptions {
  /** Name of the file beside the model that holds the weights; absent: they are inside. */
  readonly dataFile?: string;
}

interface Recorded {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, GraphConstant>;
  readonly inputs: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly output: readonly [name: string, shape: readonly number[]];
}

/** Condition inputs of a denoising stem. */
function conditionInputs(
  ops: OnnxOps,
  { stem }: Architecture,
  batch: number,
): ConditionInputs<SymbolicTensor> {
  if (stem.type !== 'denoise') return {};
  const time = ops.input('time', [batch], 'last');
  const { condition, labels, tokens, 'token-width': width } = stem.params;
  if (condition === 'class') return { time, labels: ops.input('labels', [batch, Number(labels)], 'last') };
  if (condition === 'text')
    return { time, tokens: ops.input('tokens', [batch, Number(tokens), Number(width)], 'last') };
  return { time };
}

function record(architecture: Architecture, batch: number): Recorded {
  const ops = new OnnxOps();
  const { height, width, channels } = architecture.input;
  const images = ops.input('images', [batch, height, width, channels], 'first');
  const condition = conditionInputs(ops, architecture, batch);
  const y = forwardNetwork(ops, architecture, images, { condition });
  const [b, h, w, c] = y.shape as [number, number, number, number];
  return {
    nodes: [
      ...ops.graph.nodes,
      { op: 'Identity', scope: '', inputs: [ops.outputName(y)], output: 'output', attributes: {} },
    ],
    constants: ops.graph.constants,
    inputs: [
      ['images', [batch, channels, height, width]],
      ...Object.entries(condition).map(([name, tensor]) => [name, tensor!.shape] as const),
    ],
    output: ['output', y.shape.length === 4 ? [b, c, h, w] : y.shape],
  };
}

/**
 * Target shape of a reshape for every batch: the entry that differs between two batches becomes −1.
 * @throws Error where more than one entry depends on the batch
 */
function dynamicShape(node: GraphNode, shape: readonly number[], other: readonly number[]): number[] {
  const dynamic = shape.map((size, axis) => (size === other[axis] ? size : -1));
  if (dynamic.filter((size) => size === -1).length > 1)
    throw new Error(
      `${node.scope}: a reshape must have one axis that depends on the batch, got [${shape.join()}]`,
    );
  return dynamic;
}

const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 } as const;

function attribute(name: string, value: AttributeValue): object {
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.int };
  if ('float' in value) return { name, f: value.float, type: attributeTypes.float };
  if ('text' in value) return { name, s: new TextEncoder().encode(value.text), type: attributeTypes.text };
  return { name, ints: [...value], type: attributeTypes.ints };
}

const dataTypes = { float: 1, int: 7 } as const;
const bytesOf = (values: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Bytes of a constant in the graph's layout. */
function constantBytes(constant: GraphConstant, weights: ReadonlyMap<string, Float32Array>): Uint8Array {
  if (constant.kind === 'weight') {
    const values = weights.get(constant.path);
    if (!values) throw new Error(`onnx: weights must have ${JSON.stringify(constant.path)}, got none`);
    return bytesOf(permuted(values, constant.from, constant.permutation));
  }
  return constant.kind === 'float'
    ? bytesOf(Float32Array.from(constant.values))
    : bytesOf(BigInt64Array.from(Array.from(constant.values, BigInt)));
}

/** Tensors smaller than this stay in the model where weights are beside it. */
const insideBytes = 1024;
const alignment = 64;

class Initializers {
  readonly tensors: object[] = [];
  private readonly pieces: Uint8Array[] = [];
  private size = 0;
  constructor(private readonly dataFile: string | undefined) {}

  add(name: string, shape: readonly number[], dataType: number, bytes: Uint8Array): void {
    const head = { name, dims: [...shape], dataType };
    if (this.dataFile === undefined || bytes.length < insideBytes) {
      this.tensors.push({ ...head, rawData: bytes });
      return;
    }
    const gap = (alignment - (this.size % alignment)) % alignment;
    const place = { location: this.dataFile, offset: String(this.size + gap), length: String(bytes.length) };
    this.pieces.push(new Uint8Array(gap), bytes);
    this.size += gap + bytes.length;
    const externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
    this.tensors.push({ ...head, dataLocation: 1, externalData });
  }

  data(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

const valueInfo = ([name, shape]: readonly [string, readonly number[]]): object => ({
  name,
  type: {
    tensorType: {
      elemType: dataTypes.float,
      shape: { dim: shape.map((size, axis) => (axis === 0 ? { dimParam: 'batch' } : { dimValue: size })) },
    },
  },
});

/**
 * @param weights values by the lab's path
 * @throws Error where a weight is missing
 */
export function onnxModel(
  architecture: Architecture,
  weights: ReadonlyMap<string, Float32Array>,
  { dataFile }: OnnxOptions = {},
): OnnxModel {
  const [two, three] = [record(architecture, 2), record(architecture, 3)];
  const initializers = new Initializers(dataFile);
  const shapes = new Set<string>();
  const node = two.nodes.map((each, index) => {
    const inputs = [...each.inputs];
    if (each.shape) {
      const target = dynamicShape(each, each.shape, three.nodes[index]!.shape!);
      const name = `shape [${target.join()}]`;
      if (!shapes.has(name))
        initializers.add(name, [target.length], dataTypes.int, bytesOf(BigInt64Array.from(target, BigInt)));
      shapes.add(name);
      inputs.push(name);
    }
    return {
      opType: each.op,
      name: `${each.scope}/${each.op} ${index}`,
      input: inputs,
      output: [each.output],
      attribute: Object.entries(each.attributes).map(([name, value]) => attribute(name, value)),
    };
  });
  const used = new Set(node.flatMap(({ input }) => input));
  for (const [name, constant] of two.constants)
    if (used.has(name))
      initializers.add(
        name,
        constant.shape,
        dataTypes[constant.kind === 'int' ? 'int' : 'float'],
        constantBytes(constant, weights),
      );
  const model = encodeModel({
    irVersion: onnxIrVersion,
    producerName: 'stagecraft',
    docString: `${layoutOf(architecture)}, architecture ${architectureId(architecture)}`,
    opsetImport: [{ domain: '', version: onnxOpset }],
    metadataProps: [{ key: 'architecture', value: canonicalText(architecture) }],
    graph: {
      name: layoutOf(architecture),
      node,
      initializer: initializers.tensors,
      input: two.inputs.map(valueInfo),
      output: [valueInfo(two.output)],
    },
  });
  return dataFile === undefined ? { model } : { model, data: initializers.data() };
}
