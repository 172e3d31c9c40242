/**
 * The messages of ONNX that an exported model uses, as protobuf descriptors: names and field numbers of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 9).
 */
import protobuf from 'protobufjs';

type Field = readonly [id: number, type: string, rule?: 'repeated'];

const message = (fields: Readonly<Record<string, Field>>): protobuf.IType => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, rule]]) => [name, { id, type, ...(rule && { rule }) }]),
  ),
});

const root = protobuf.Root.fromJSON({
  nested: {
    Dimension: message({ dimValue: [1, 'int64'], dimParam: [2, 'string'] }),
    Shape: message({ dim: [1, 'Dimension', 'repeated'] }),
    TensorType: message({ elemType: [1, 'int32'], shape: [2, 'Shape'] }),
    Type: message({ tensorType: [1, 'TensorType'] }),
    ValueInfo: message({ name: [1, 'string'], type: [2, 'Type'], docString: [3, 'string'] }),
    Entry: message({ key: [1, 'string'], value: [2, 'string'] }),
    OnnxTensor: message({
      dims: [1, 'int64', 'repeated'],
      dataType: [2, 'int32'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
      externalData: [13, 'Entry', 'repeated'],
      dataLocation: [14, 'int32'],
    }),
    Attribute: message({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int64'],
      s: [4, 'bytes'],
      ints: [8, 'int64', 'repeated'],
      type: [20, 'int32'],
    }),
    Node: message({
      input: [1, 'string', 'repeated'],
      output: [2, 'string', 'repeated'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'Attribute', 'repeated'],
    }),
    Graph: message({
      node: [1, 'Node', 'repeated'],
      name: [2, 'string'],
      initializer: [5, 'OnnxTensor', 'repeated'],
      docString: [10, 'string'],
      input: [11, 'ValueInfo', 'repeated'],
      output: [12, 'ValueInfo', 'repeated'],
    }),
    OperatorSet: message({ domain: [1, 'string'], version: [2, 'int64'] }),
    Model: message({
      irVersion: [1, 'int64'],
      producerName: [2, 'string'],
      producerVersion: [3, 'string'],
      docString: [6, 'string'],
      graph: [7, 'Graph'],
      opsetImport: [8, 'OperatorSet', 'repeated'],
      metadataProps: [14, 'Entry', 'repeated'],
    }),
  },
});

/** Bytes of a `Model`. @throws Error where the value does not fit the messages */
export function encodeModel(model: object): Uint8Array {
  const type = root.lookupType('Model');
  const problem = type.verify(model as Record<string, unknown>);
  if (problem) throw new Error(`onnx model: ${problem}`);
  return type.encode(type.create(model as Record<string, unknown>)).finish();
}
