/** ONNX models of the plainest work, for the device's highest rates. */
import { encodeModel } from '../../export/onnx/onnx-messages.js';
import { onnxIrVersion, onnxOpset } from '../../export/onnx/onnx-model.js';

interface CeilingModel {
  readonly model: Uint8Array;
  /** Multiply-accumulates, or bytes read and written, of one run. */
  readonly amount: number;
}

const float = 1;
const valueInfo = (name: string, shape: readonly number[]): object => ({
  name,
  type: { tensorType: { elemType: float, shape: { dim: shape.map((size) => ({ dimValue: size })) } } },
});

/** `count` operations in a row from `images`, then one entry of the result as `output`. */
function chain(shape: readonly number[], count: number, op: 'MatMul' | 'Neg'): Uint8Array {
  const nodes = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? 'images' : `y${index - 1}`;
    return {
      opType: op,
      name: `${op} ${index}`,
      input: op === 'MatMul' ? [from, 'images'] : [from],
      output: [`y${index}`],
      attribute: [],
    };
  });
  const first = { name: 'first', dims: [], dataType: 7, rawData: new Uint8Array(8) };
  // one row depends on the whole chain, and little leaves the device
  const row = {
    opType: 'Gather',
    name: 'row',
    input: [`y${count - 1}`, 'first'],
    output: ['output'],
    attribute: [],
  };
  return encodeModel({
    irVersion: onnxIrVersion,
    producerName: 'stagecraft',
    opsetImport: [{ domain: '', version: onnxOpset }],
    graph: {
      name: op,
      node: [...nodes, row],
      initializer: [first],
      input: [valueInfo('images', shape)],
      output: [valueInfo('output', shape.slice(1))],
    },
  });
}

/** Products of square matrices. */
export const productModel = (size: number, products: number): CeilingModel => ({
  model: chain([size, size], products, 'MatMul'),
  amount: products * size ** 3,
});

/** Element-wise copies of `elements` float32 values. */
export const copyModel = (elements: number, copies: number): CeilingModel => ({
  model: chain([elements / 64, 64], copies, 'Neg'),
  amount: 8 * elements * copies,
});
