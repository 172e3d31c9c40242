/** Output shapes of ops that work element by element. */
import { DT } from '../../native-engine.js';
import { broadcastShape, type OpSignature, type ShapeFunction, type TensorType } from './op-signature.js';

const likeFirst: ShapeFunction = (call) => [call.of(call.shape(0))];
const broadcast = (call: OpSignature, dtype = call.dtype(0)): readonly TensorType[] => [
  call.of(broadcastShape(call.shape(0), call.shape(1)), dtype),
];

const tableOf = (names: string, shapes: ShapeFunction): Readonly<Record<string, ShapeFunction>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, shapes]));

export const pointwiseShapes: Readonly<Record<string, ShapeFunction>> = {
  ...tableOf(
    'Abs Neg Exp Expm1 Log Log1p Sqrt Rsqrt Square Sin Cos Tanh ' +
      'Sigmoid Erf Floor Ceil Round Sign Relu Relu6 Elu ' +
      'Selu LeakyRelu Softplus Reciprocal ' +
      'Softmax LogSoftmax Identity ZerosLike OnesLike Cumsum ReverseV2 ' +
      'LogicalNot AddN BiasAdd ReluGrad Relu6Grad SigmoidGrad TanhGrad EluGrad LeakyReluGrad',
    likeFirst,
  ),
  ...tableOf(
    'Add AddV2 Sub Mul Div RealDiv DivNoNan Maximum Minimum Pow FloorDiv FloorMod ' +
      'SquaredDifference LogicalAnd LogicalOr',
    (call) => broadcast(call),
  ),
  ...tableOf('Equal NotEqual Greater GreaterEqual Less LessEqual', (call) => broadcast(call, DT.bool)),
  ...tableOf('IsFinite IsNan IsInf', (call) => [call.of(call.shape(0), DT.bool)]),
  Cast: (call) => [call.of(call.shape(0), call.int('DstT', DT.float))],
  Select: (call) => [call.of(call.shape(1), call.dtype(1))],
  SelectV2: (call) => [
    call.of(broadcastShape(call.shape(0), broadcastShape(call.shape(1), call.shape(2))), call.dtype(1)),
  ],
  SoftmaxCrossEntropyWithLogits: (call) => [call.of([call.shape(0)[0]!]), call.of(call.shape(0))],
  StatelessRandomUniform: (call) => [call.of(call.values(0), call.int('dtype', DT.float))],
};
