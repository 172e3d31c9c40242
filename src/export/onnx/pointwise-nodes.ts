/** ONNX forms of the pointwise functions and reductions. */
import type { Activation, Binary, Reduction, Unary } from '../../tensor/tensor-ops.js';
import type { AttributeValue } from './onnx-graph.js';

interface Make {
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>): string;
  /** Name of a constant scalar. */
  float(value: number): string;
}
type Nodes = (make: Make, x: string) => string;

const op =
  (name: string, attributes: Readonly<Record<string, AttributeValue>> = {}): Nodes =>
  (make, x) =>
    make.node(name, [x], attributes);

export const activationNodes = {
  relu: op('Relu'),
  relu6: (make, x) => make.node('Clip', [x, make.float(0), make.float(6)]),
  gelu: op('Gelu'),
  silu: (make, x) => make.node('Mul', [x, make.node('Sigmoid', [x])]),
  'hard-swish': op('HardSwish'),
  'hard-sigmoid': op('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  sigmoid: op('Sigmoid'),
  tanh: op('Tanh'),
  'leaky-relu': op('LeakyRelu', { alpha: { float: 0.01 } }),
} as const satisfies Record<Activation, Nodes>;

export const unaryNodes = {
  exp: op('Exp'),
  log: op('Log'),
  sqrt: op('Sqrt'),
  rsqrt: (make, x) => make.node('Reciprocal', [make.node('Sqrt', [x])]),
  square: (make, x) => make.node('Mul', [x, x]),
  neg: op('Neg'),
  abs: op('Abs'),
  sin: op('Sin'),
  cos: op('Cos'),
  softplus: op('Softplus'),
  reciprocal: op('Reciprocal'),
} as const satisfies Record<Unary, Nodes>;

export const binaryNodes = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  maximum: 'Max',
  minimum: 'Min',
} as const satisfies Record<Binary, string>;

export const reductionNodes = {
  sum: 'ReduceSum',
  mean: 'ReduceMean',
  max: 'ReduceMax',
  min: 'ReduceMin',
} as const satisfies Record<Reduction, string>;
