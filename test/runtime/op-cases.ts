/** Ops with inputs: what every platform must compute alike, and differentiate alike. */

import { activate } from '../../src/blocks/layers/activations.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Activation, Conv2dOptions, Padding, TensorOps, Unary } from '../../src/tensor/tensor-ops.js';

export interface OpCase {
  readonly name: string;
  readonly inputs: readonly (readonly number[])[];
  /** Inputs are shifted to be positive (log, sqrt). */
  readonly positive?: boolean;
  readonly training?: boolean;
  run(ops: TensorOps<Tensor>, ...inputs: Tensor[]): Tensor;
}

const conv = (
  name: string,
  x: readonly number[],
  filter: readonly number[],
  options: Conv2dOptions,
): OpCase => ({
  name: `conv2d ${name}`,
  inputs: [x, filter],
  run: (ops, input, weights) => ops.conv2d(input!, weights!, options),
});
const depthwise = (
  name: string,
  x: readonly number[],
  filter: readonly number[],
  options: Conv2dOptions,
): OpCase => ({
  name: `depthwiseConv2d ${name}`,
  inputs: [x, filter],
  run: (ops, input, weights) => ops.depthwiseConv2d(input!, weights!, options),
});
const unary = (kind: Unary): OpCase => ({
  name: `unary ${kind}`,
  inputs: [[2, 5]],
  positive: ['log', 'sqrt', 'rsqrt', 'reciprocal'].includes(kind),
  run: (ops, x) => ops.unary(x!, kind),
});
const activation = (kind: Activation): OpCase => ({
  name: `activation ${kind}`,
  inputs: [[2, 3, 3, 4]],
  run: (ops, x) => ops.activation(x!, kind),
});
const pool = (kind: 'maxPool' | 'avgPool', window: number, stride: number, padding: Padding): OpCase => ({
  name: `${kind} ${window}/${stride} ${padding}`,
  inputs: [[2, 6, 6, 3]],
  run: (ops, x) => ops[kind](x!, { window, stride, padding }),
});

export const opCases: readonly OpCase[] = [
  conv('3×3 same', [2, 6, 6, 3], [3, 3, 3, 4], {}),
  conv('1×1', [2, 6, 6, 3], [1, 1, 3, 4], {}),
  conv('1×1 stride 2', [2, 6, 6, 3], [1, 1, 3, 4], { stride: 2 }),
  conv('3×3 stride 2 same', [2, 6, 6, 3], [3, 3, 3, 4], { stride: 2 }),
  conv('3×3 stride 2 same, odd size', [2, 7, 7, 3], [3, 3, 3, 4], { stride: 2 }),
  conv('3×3 valid stride 2, rest unseen', [1, 6, 6, 2], [3, 3, 2, 2], { stride: 2, padding: 'valid' }),
  conv('3×3 padding 1 stride 2', [2, 6, 6, 3], [3, 3, 3, 4], { stride: 2, padding: 1 }),
  conv('5×5 padding 2', [2, 6, 6, 2], [5, 5, 2, 3], { padding: 2 }),
  conv('4×4 stride 4', [2, 8, 8, 3], [4, 4, 3, 4], { stride: 4, padding: 'valid' }),
  conv('3×3 dilation 2', [2, 7, 7, 2], [3, 3, 2, 3], { dilation: 2 }),
  conv('3×3 groups 2', [2, 6, 6, 4], [3, 3, 2, 6], { groups: 2 }),
  conv('3×3 groups 2 stride 2', [2, 6, 6, 4], [3, 3, 2, 6], { groups: 2, stride: 2 }),
  conv('1×1 groups 4', [2, 4, 4, 8], [1, 1, 2, 8], { groups: 4 }),
  conv('3×3 wide', [2, 6, 6, 16], [3, 3, 16, 32], {}),
  conv('3×3 wide, odd size', [1, 5, 7, 20], [3, 3, 20, 16], {}),
  conv('3×3 wide valid', [1, 6, 5, 16], [3, 3, 16, 16], { padding: 'valid' }),
  conv('3×3 wide padding 2', [1, 3, 4, 16], [3, 3, 16, 16], { padding: 2 }),
  conv('3×3 wide, many panels', [1, 3, 3, 16], [3, 3, 16, 80], {}),
  depthwise('3×3', [2, 6, 6, 4], [3, 3, 4, 1], {}),
  depthwise('5×5 stride 2', [2, 6, 6, 4], [5, 5, 4, 1], { stride: 2 }),
  depthwise('3×3 stride 2 odd', [2, 7, 7, 3], [3, 3, 3, 1], { stride: 2 }),
  depthwise('7×7 padding 3', [1, 8, 8, 3], [7, 7, 3, 1], { padding: 3 }),
  depthwise('3×3 multiplier 2', [2, 5, 5, 3], [3, 3, 3, 2], {}),
  depthwise('3×3 dilation 2', [2, 7, 7, 3], [3, 3, 3, 1], { dilation: 2 }),
  {
    name: 'conv2dTranspose stride 2',
    inputs: [
      [2, 3, 3, 4],
      [2, 2, 3, 4],
    ],
    run: (ops, x, filter) => ops.conv2dTranspose(x!, filter!, { stride: 2 }),
  },
  {
    name: 'matmul linear',
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'matmul 2-d transposed a',
    inputs: [
      [4, 3],
      [4, 5],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!, { transposeA: true }),
  },
  {
    name: 'matmul 2-d transposed b',
    inputs: [
      [3, 4],
      [5, 4],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!, { transposeB: true }),
  },
  {
    name: 'matmul 2-d transposed both',
    inputs: [
      [4, 3],
      [5, 4],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!, { transposeA: true, transposeB: true }),
  },
  {
    name: 'matmul batched',
    inputs: [
      [2, 3, 4, 5],
      [2, 3, 5, 4],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'matmul batched transposed b',
    inputs: [
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!, { transposeB: true }),
  },
  {
    name: 'matmul broadcast',
    inputs: [
      [3, 4, 5],
      [2, 1, 5, 4],
    ],
    run: (ops, a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'batchNorm training',
    inputs: [[4, 3, 3, 5], [5], [5]],
    training: true,
    run: (ops, x, gamma, beta) => ops.batchNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  {
    name: 'batchNorm training of tokens',
    inputs: [[4, 6, 5], [5], [5]],
    training: true,
    run: (ops, x, gamma, beta) => ops.batchNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  {
    name: 'layerNorm',
    inputs: [[2, 4, 6], [6], [6]],
    run: (ops, x, gamma, beta) => ops.layerNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  {
    name: 'layerNorm of a map',
    inputs: [[2, 3, 3, 6], [6], [6]],
    run: (ops, x, gamma, beta) => ops.layerNorm(x!, { gamma: gamma!, beta: beta! }, { epsilon: 1e-5 }),
  },
  ...(['relu', 'gelu', 'silu', 'tanh'] as const).map(
    (kind): OpCase => ({
      name: `batchNorm training, then ${kind}`,
      inputs: [[4, 3, 3, 5], [5], [5]],
      training: true,
      run: (ops, x, gamma, beta) => ops.activation(ops.batchNorm(x!, { gamma: gamma!, beta: beta! }), kind),
    }),
  ),
  ...[true, false].map(
    (training): OpCase => ({
      name: `convolution, batchNorm ${training ? 'training' : 'at rest'}, gelu`,
      training,
      inputs: [[2, 4, 4, 16], [3, 3, 16, 16], [16], [16]],
      run: (ops, x, filter, gamma, beta) =>
        ops.activation(ops.batchNorm(ops.conv2d(x!, filter!), { gamma: gamma!, beta: beta! }), 'gelu'),
    }),
  ),
  ...[1, 6].map(
    (factor): OpCase => ({
      name: `gelu-tanh of values times ${factor}`,
      inputs: [[2, 3, 3, 4]],
      run: (ops, x) => activate(ops, ops.scale(x!, factor), 'gelu-tanh'),
    }),
  ),
  {
    name: 'batchNorm training, then gelu-tanh',
    inputs: [[4, 3, 3, 5], [5], [5]],
    training: true,
    run: (ops, x, gamma, beta) =>
      activate(ops, ops.batchNorm(x!, { gamma: gamma!, beta: beta! }), 'gelu-tanh'),
  },
  {
    name: 'softmax of a sum with a repeated bias',
    inputs: [
      [3, 2, 4, 5],
      [1, 2, 4, 5],
    ],
    run: (ops, x, bias) => ops.softmax(ops.binary(x!, bias!, 'add')),
  },
  {
    name: 'softmax of a sum that is used elsewhere too',
    inputs: [
      [3, 2, 4, 5],
      [1, 1, 4, 5],
    ],
    run: (ops, x, bias) => {
      const sum = ops.binary(x!, bias!, 'add');
      return ops.binary(ops.softmax(sum), sum, 'mul');
    },
  },
  { name: 'softmax of wide rows', inputs: [[2, 3, 70]], run: (ops, x) => ops.softmax(ops.scale(x!, 30)) },
  {
    name: 'layerNorm of wide rows',
    inputs: [[3, 70], [70], [70]],
    run: (ops, x, gamma, beta) => ops.layerNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  { name: 'softmax', inputs: [[2, 3, 4]], run: (ops, x) => ops.softmax(x!) },
  ...(
    ['relu', 'relu6', 'gelu', 'silu', 'hard-swish', 'hard-sigmoid', 'sigmoid', 'tanh', 'leaky-relu'] as const
  ).map(activation),
  ...(
    ['exp', 'log', 'sqrt', 'rsqrt', 'square', 'neg', 'abs', 'sin', 'cos', 'softplus', 'reciprocal'] as const
  ).map(unary),
  ...(['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const).flatMap((kind): OpCase[] => [
    {
      name: `binary ${kind}`,
      inputs: [
        [2, 3, 4],
        [2, 3, 4],
      ],
      positive: kind === 'div',
      run: (ops, a, b) => ops.binary(a!, b!, kind),
    },
    {
      name: `binary ${kind} with a vector`,
      inputs: [[2, 3, 4], [4]],
      positive: kind === 'div',
      run: (ops, a, b) => ops.binary(a!, b!, kind),
    },
    {
      name: `binary ${kind} broadcast`,
      inputs: [
        [2, 1, 4],
        [3, 1],
      ],
      positive: kind === 'div',
      run: (ops, a, b) => ops.binary(a!, b!, kind),
    },
  ]),
  { name: 'scale', inputs: [[2, 3]], run: (ops, x) => ops.scale(x!, 2.5, -1) },
  ...(['sum', 'mean', 'max', 'min'] as const).map(
    (kind): OpCase => ({
      name: `reduce ${kind}`,
      inputs: [[2, 3, 4, 5]],
      run: (ops, x) => ops.reduce(x!, kind, [1, 2]),
    }),
  ),
  {
    name: 'reduce mean keepDims',
    inputs: [[2, 3, 4]],
    run: (ops, x) => ops.reduce(x!, 'mean', [-1], { keepDims: true }),
  },
  pool('maxPool', 2, 2, 'same'),
  pool('maxPool', 3, 2, 1),
  pool('maxPool', 3, 1, 'same'),
  pool('avgPool', 2, 2, 'valid'),
  pool('avgPool', 3, 1, 'same'),
  pool('avgPool', 3, 2, 1),
  ...(['nearest', 'bilinear'] as const).flatMap((kind): OpCase[] =>
    [
      [7, 5],
      [2, 3],
      [8, 8],
    ].map(([h, w]) => ({
      name: `resize ${kind} ${h}×${w}`,
      inputs: [[2, 4, 4, 3]],
      run: (ops, x) => ops.resize(x!, h!, w!, kind),
    })),
  ),
  { name: 'reshape', inputs: [[2, 3, 4]], run: (ops, x) => ops.reshape(x!, [4, -1]) },
  { name: 'transpose', inputs: [[2, 3, 4]], run: (ops, x) => ops.transpose(x!, [2, 0, 1]) },
  {
    name: 'concat',
    inputs: [
      [2, 3, 2],
      [2, 3, 4],
    ],
    run: (ops, a, b) => ops.concat([a!, b!], 2),
  },
  { name: 'slice', inputs: [[2, 5, 4]], run: (ops, x) => ops.slice(x!, [0, 1, 2], [-1, 3, -1]) },
  {
    name: 'pad',
    inputs: [[2, 3]],
    run: (ops, x) =>
      ops.pad(
        x!,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  },
  {
    name: 'gather with repeats',
    inputs: [[4, 3]],
    run: (ops, x) => ops.gather(x!, Int32Array.of(1, 3, 3, 0, 1), 0),
  },
  {
    name: 'gather a permutation of axis 1',
    inputs: [[2, 4, 3]],
    run: (ops, x) => ops.gather(x!, Int32Array.of(2, 0, 3, 1), 1),
  },
  {
    name: 'gather with repeats on axis 1',
    inputs: [[2, 4, 3]],
    run: (ops, x) => ops.gather(x!, Int32Array.of(2, 0, 0), 1),
  },
  {
    name: 'constant',
    inputs: [[2, 3]],
    run: (ops, x) => ops.binary(x!, ops.constant(Float32Array.of(1, -2, 3), [3]), 'mul'),
  },
  { name: 'dropout outside training', inputs: [[2, 3]], run: (ops, x) => ops.dropout(x!, 0.5) },
];
