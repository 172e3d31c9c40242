/**
 * Writes graph nodes as a TensorFlow SavedModel, the one form in which the binding takes a graph, with the
 * protobuf messages that tfjs-node-gpu carries. To run a graph, the folder exists only while it is loaded;
 * after a SIGKILL in between, the parent removes it (child/child-process.ts), or the next process that loads
 * a graph. Format:
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/saved_model.proto
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { removeStaleFoldersOnce, temporaryFolder } from '../../temporary-folder.js';
import { ATTR, DT, type NativeEngine, type OpAttr } from '../native-engine.js';
import type { GraphNode } from './graph-node.js';

/** GraphDef version that the nodes are written for (TensorFlow 2.x reads 1–2,000 and more). */
const producerVersion = 1882;

// biome-ignore lint/suspicious/noExplicitAny: generated JavaScript without types
type Messages = any;

/**
 * Loads the graph into a session and returns the session's id. Leaves nothing on disk, also after an error.
 */
export function loadGraph(engine: NativeEngine, nodes: readonly GraphNode[]): number {
  removeStaleFoldersOnce();
  const folder = temporaryFolder('graph');
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModelBytes(engine, nodes));
    return engine.binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An input or output of a signature: its name there, and the node. */
export interface Port {
  readonly name: string;
  readonly node: string;
  /** -1: any size. */
  readonly shape: readonly number[];
}

export interface Signature {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** The bytes of `saved_model.pb`, tag `serve`. @param signature named `serving_default` */
export function savedModelBytes(
  engine: NativeEngine,
  nodes: readonly GraphNode[],
  signature?: Signature,
): Uint8Array {
  const messages: Messages = createRequire(join(engine.packageFolder, 'package.json'))(
    './dist/proto/api_pb.js',
  );
  const graph = new messages.GraphDef();
  graph.setVersions(versionDef(messages));
  graph.setNodeList(nodes.map((node) => nodeDef(messages, node)));
  const info = new messages.MetaGraphDef.MetaInfoDef();
  info.addTags('serve');
  const metaGraph = new messages.MetaGraphDef();
  metaGraph.setMetaInfoDef(info);
  metaGraph.setGraphDef(graph);
  if (signature) metaGraph.getSignatureDefMap().set('serving_default', signatureDef(messages, signature));
  const savedModel = new messages.SavedModel();
  savedModel.setSavedModelSchemaVersion(1);
  savedModel.addMetaGraphs(metaGraph);
  return savedModel.serializeBinary() as Uint8Array;
}

function signatureDef(messages: Messages, { inputs, outputs }: Signature): unknown {
  const def = new messages.SignatureDef();
  def.setMethodName('tensorflow/serving/predict');
  for (const { name, node, shape } of inputs) def.getInputsMap().set(name, tensorInfo(messages, node, shape));
  for (const { name, node, shape } of outputs)
    def.getOutputsMap().set(name, tensorInfo(messages, node, shape));
  return def;
}

function tensorInfo(messages: Messages, node: string, shape: readonly number[]): unknown {
  const info = new messages.TensorInfo();
  info.setName(`${node}:0`);
  info.setDtype(DT.float);
  info.setTensorShape(shapeOf(messages, shape));
  return info;
}

function versionDef(messages: Messages): unknown {
  const versions = new messages.VersionDef();
  versions.setProducer(producerVersion);
  return versions;
}

function nodeDef(messages: Messages, node: GraphNode): unknown {
  const def = new messages.NodeDef();
  def.setName(node.name);
  def.setOp(node.op);
  def.setInputList([...node.inputs]);
  const map = def.getAttrMap();
  for (const attr of node.attrs) map.set(attr.name, attrValue(messages, attr));
  if (node.tensor) {
    const tensor = new messages.Tensor();
    tensor.setDtype(node.tensor.dtype);
    tensor.setTensorShape(shapeOf(messages, node.tensor.shape));
    tensor.setTensorContent(node.tensor.bytes);
    const value = new messages.AttrValue();
    value.setTensor(tensor);
    map.set('value', value);
  }
  return def;
}

function shapeOf(messages: Messages, dims: readonly number[]): unknown {
  const shape = new messages.TensorShape();
  shape.setDimList(
    dims.map((size) => {
      const dim = new messages.TensorShape.Dim();
      dim.setSize(size);
      return dim;
    }),
  );
  return shape;
}

function attrValue(messages: Messages, { type, value }: OpAttr): unknown {
  const result = new messages.AttrValue();
  if (Array.isArray(value) && type !== ATTR.shape) {
    const list = new messages.AttrValue.ListValue();
    if (type === ATTR.int) list.setIList(value);
    else if (type === ATTR.float) list.setFList(value);
    else if (type === ATTR.bool) list.setBList(value);
    else if (type === ATTR.type) list.setTypeList(value);
    else throw new TypeError(`saved-model: lists of attribute type ${type} are not written`);
    result.setList(list);
    return result;
  }
  switch (type) {
    case ATTR.string:
      result.setS(Buffer.from(String(value)).toString('base64'));
      break;
    case ATTR.int:
      result.setI(value);
      break;
    case ATTR.float:
      result.setF(value);
      break;
    case ATTR.bool:
      result.setB(value);
      break;
    case ATTR.type:
      result.setType(value);
      break;
    case ATTR.shape:
      result.setShape(shapeOf(messages, value as readonly number[]));
      break;
    default:
      throw new TypeError(`saved-model: attribute type ${type} is not written`);
  }
  return result;
}
