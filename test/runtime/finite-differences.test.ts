/**
 * Gradients against central differences of the very kernel, not by way of a reference: every op case with
 * TensorFlow's kernels (`plain`), with the engine's own (`native`), and compiled, where norms, activations
 * and biases fuse. The difference is taken along the gradient itself and along two random directions of unit
 * length; the weighted sum of the outputs is added up in doubles.
 *
 * float32: outputs are rounded to 6e-8 of their size and sums to some times that, over a step of 2^-6 that is
 * below 1e-4 of the slope; the step's own error falls with its square. Stated tolerance: 0.3 % of the
 * gradient's length, 2 % where there are kinks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import { runPass } from '../../src/runtime/tfjs/model/run-pass.js';
import { StateStore } from '../../src/runtime/tfjs/model/state-store.js';
import { denseLoss } from '../../src/runtime/tfjs/model/task-loss.js';
import type { NativeEngine, OpAttr, Tensor, TensorMeta } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { seededRandom } from '../../src/util/random.js';
import { type OpCase, opCases } from './op-cases.js';
import { engineFolder, noise, openPlatform, product, valuesOf } from './platforms.js';

const tolerance = 0.003;
const kinkTolerance = 0.02;
const kinks = /max|min|relu|hard|abs/i;

/** Losses, and shapes on which the kernels split their work over threads. */
const cases = (platform: Platform): readonly OpCase[] => [
  ...opCases,
  {
    name: 'softmax cross-entropy',
    inputs: [[6, 5]],
    run: (_, logits) =>
      platform.crossEntropy(logits!, platform.tf.softmax(platform.tf.tensor2d(noise('targets', 30), [6, 5]))),
  },
  {
    name: 'softmax cross-entropy of pixels, some unlabelled',
    inputs: [[2, 2, 3, 4]],
    run: (_, logits) =>
      denseLoss(platform, { classes: 4 }, { labelSmoothing: 0.1 }, logits!, {
        labels: platform.tf.tensor1d([0, 1, 2, 3, 255, 1, 2, 2, 255, 0, 3, 1], 'int32'),
      }).loss,
  },
  {
    name: 'conv2d 3×3 wide, many tiles',
    inputs: [
      [3, 15, 14, 32],
      [3, 3, 32, 48],
    ],
    run: (ops, x, filter) => ops.conv2d(x!, filter!),
  },
  {
    name: 'depthwiseConv2d many rows',
    inputs: [
      [3, 15, 14, 24],
      [5, 5, 24, 1],
    ],
    run: (ops, x, filter) => ops.depthwiseConv2d(x!, filter!),
  },
  {
    name: 'depthwiseConv2d stride 2, padded, channels beyond whole vectors',
    inputs: [
      [3, 15, 14, 83],
      [5, 5, 83, 1],
    ],
    run: (ops, x, filter) => ops.depthwiseConv2d(x!, filter!, { stride: 2, padding: 2 }),
  },
  {
    name: 'depthwiseConv2d stride 3, an oblong kernel without padding',
    inputs: [
      [2, 9, 11, 70],
      [2, 4, 70, 1],
    ],
    run: (ops, x, filter) => ops.depthwiseConv2d(x!, filter!, { stride: 3, padding: 'valid' }),
  },
  {
    name: 'batchNorm training, many rows',
    training: true,
    inputs: [[8, 12, 12, 40], [40], [40]],
    run: (ops, x, gamma, beta) => ops.batchNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  {
    name: 'layerNorm, many rows',
    inputs: [[300, 96], [96], [96]],
    run: (ops, x, gamma, beta) => ops.layerNorm(x!, { gamma: gamma!, beta: beta! }),
  },
  {
    name: 'softmax of a sum with a repeated bias, many rows',
    inputs: [
      [4, 3, 49, 49],
      [1, 3, 49, 49],
    ],
    run: (ops, x, bias) => ops.softmax(ops.binary(x!, bias!, 'add')),
  },
  {
    name: 'conv2d 3×3 wide, few tiles',
    inputs: [
      [2, 5, 7, 32],
      [3, 3, 32, 80],
    ],
    run: (ops, x, filter) => ops.conv2d(x!, filter!),
  },
  {
    name: 'conv2d 3×3 wide, few tiles, two pixels of padding',
    inputs: [
      [1, 4, 4, 20],
      [3, 3, 20, 16],
    ],
    run: (ops, x, filter) => ops.conv2d(x!, filter!, { padding: 2 }),
  },
  {
    name: 'mean and scale of channels, many rows',
    inputs: [
      [3, 9, 11, 72],
      [3, 1, 1, 72],
    ],
    run: (ops, x, gate) =>
      ops.binary(ops.binary(x!, gate!, 'mul'), ops.reduce(x!, 'mean', [1, 2], { keepDims: true }), 'add'),
  },
  {
    name: 'scale of the channels of tokens, the factors first',
    inputs: [
      [2, 1, 5],
      [2, 6, 5],
    ],
    run: (ops, gate, x) => ops.binary(gate!, x!, 'mul'),
  },
  {
    name: 'rows of a bias table',
    inputs: [[9, 3]],
    run: (ops, table) => ops.gather(table!, Int32Array.of(0, 8, 8, 1, 4, 0, 7), 0),
  },
  {
    name: 'rows of a bias table, turned',
    inputs: [[9, 3]],
    run: (ops, table) => ops.transpose(ops.gather(table!, Int32Array.of(0, 8, 8, 1, 4, 0, 7), 0), [1, 0]),
  },
  { name: 'gelu of many', inputs: [[64, 33, 7]], run: (ops, x) => ops.activation(x!, 'gelu') },
];
const names = cases({} as Platform).map(({ name }) => name);

type Evaluate = (inputs: readonly Float32Array[]) => readonly Float32Array[];

/** Value and gradients of the weighted sum by one function. */
const body =
  (platform: Platform, test: OpCase, store: StateStore) =>
  (inputs: readonly Tensor[]): Tensor[] => {
    const { tf } = platform;
    let output: Tensor | undefined;
    const { grads } = tf.engine().gradients(
      () => {
        const y = runPass(
          platform,
          store,
          { training: test.training ?? false, initial: seededRandom(1) },
          (ops) => test.run(ops, ...inputs),
        );
        output = tf.keep(y.clone());
        return tf.sum(tf.mul(y, tf.tensor(noise('weights', y.size), y.shape))) as never;
      },
      inputs as Tensor[],
      undefined,
      true,
    );
    const value = output!.clone();
    output!.dispose();
    return [
      value,
      ...grads.map((gradient, index) => (gradient as Tensor | null) ?? tf.zerosLike(inputs[index]!)),
    ];
  };

function eager(
  platform: Platform,
  test: OpCase,
  store: StateStore,
): { readonly evaluate: Evaluate; dispose(): void } {
  const { tf } = platform;
  const run = body(platform, test, store);
  return {
    evaluate: (inputs) =>
      tf.tidy(() => {
        return run(inputs.map((values, index) => tf.tensor(values.slice(), [...test.inputs[index]!]))).map(
          valuesOf,
        ) as never;
      }) as readonly Float32Array[],
    dispose() {},
  };
}

function compiled(
  platform: Platform,
  test: OpCase,
  store: StateStore,
  seen: Set<string>,
): { readonly evaluate: Evaluate; dispose(): void } {
  const { tf } = platform;
  const run = body(platform, test, store);
  tf.tidy(() => {
    run(test.inputs.map((shape) => tf.ones([...shape])));
  }); // declares the state: a trace creates nothing
  const graph = new CompiledGraph(platform.native!, {
    f: { inputs: test.inputs.map((shape) => ({ shape, dtype: 'float32' as const })), body: run },
  });
  for (const op of graph.opCounts.keys()) seen.add(op);
  return { evaluate: (inputs) => graph.run('f', inputs) as Float32Array[], dispose: () => graph.dispose() };
}

function check(test: OpCase, evaluate: Evaluate): void {
  const inputs = test.inputs.map((shape, index) =>
    noise(`${test.name}/${index}`, product(shape)).map((value) =>
      test.positive ? Math.abs(value) + 0.5 : value,
    ),
  );
  const weighted = (values: ArrayLike<number>): number => {
    const weights = noise('weights', values.length);
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]! * weights[i]!;
    return sum;
  };
  const step = 2 ** (test.name === 'softmax of wide rows' ? -10 : -6); // its input is scaled by 30
  const [, ...gradients] = evaluate(inputs);
  gradients.forEach((gradient, input) => {
    const length = Math.hypot(...gradient);
    const directions = [
      ...(length > 0 ? [gradient] : []),
      ...[0, 1].map((index) => noise(`${test.name}/direction ${index}/${input}`, gradient.length)),
    ];
    directions.forEach((direction, index) => {
      const unit = Math.hypot(...direction);
      const moved = (sign: number): Float32Array[] =>
        inputs.map((values, other) =>
          other === input ? values.map((value, i) => value + (sign * step * direction[i]!) / unit) : values,
        );
      const slope = (weighted(evaluate(moved(1))[0]!) - weighted(evaluate(moved(-1))[0]!)) / (2 * step);
      const predicted = gradient.reduce((sum, value, i) => sum + (value * direction[i]!) / unit, 0);
      expect(
        Math.abs(slope - predicted) / Math.max(length, 1e-3),
        `input ${input}, direction ${index}: the gradient says ${predicted}, the difference ${slope}`,
      ).toBeLessThan(kinks.test(test.name) ? kinkTolerance : tolerance);
    });
  });
}

/** Names of the ops that the engine executes while `run` does. */
function recording(engine: NativeEngine, seen: Set<string>, run: () => void): void {
  const { backend } = engine;
  const { binding } = backend;
  const executeOp = (
    name: string,
    attrs: readonly OpAttr[],
    ids: readonly number[],
    outputs: number,
  ): TensorMeta[] => {
    seen.add(name);
    return binding.executeOp(name, attrs, ids, outputs);
  };
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
}

const everywhere = [
  'BiasAdd',
  'BiasAddGrad',
  'MatMul',
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
  'SoftmaxCrossEntropyWithLogits',
  'ReluGrad',
  'Relu6Grad',
  'SigmoidGrad',
  'TanhGrad',
  'LeakyReluGrad',
];
/**
 * What each way must have gone through above, so that a check of one kernel cannot quietly become a check of
 * another.
 */
const fused = {
  plain: [...everywhere, 'FusedBatchNormV3', 'FusedBatchNormGradV3', 'Softmax', 'Erf'],
  native: [...everywhere, ...ownKernels()],
  compiled: [...everywhere, ...ownKernels()],
} as const;

/**
 * The engine's kernels as they are registered; the optimizer's two have no gradient (training-options.test.ts
 * holds them to their rule).
 */
function ownKernels(): string[] {
  const source = readFileSync(join(import.meta.dirname, '../../engine/kernels/registration.h'), 'utf8');
  return [...source.matchAll(/defineOp\(\{"(\w+)"/g)]
    .map((match) => match[1]!)
    .filter((name) => !['StagecraftSquaredNorm', 'StagecraftAdamW'].includes(name));
}

describe.skipIf(engineFolder === undefined).each(['plain', 'native', 'compiled'] as const)(
  'gradients of %s kernels are those of finite differences',
  (kind) => {
    const seen = new Set<string>();
    let platform: Platform;
    let tests: ReadonlyMap<string, OpCase>;
    beforeAll(async () => {
      platform = await openPlatform(kind === 'plain' ? 'plain' : 'native');
      tests = new Map(cases(platform).map((test) => [test.name, test]));
    });
    it.each(names)('%s', (name) => {
      const test = tests.get(name)!;
      const store = new StateStore(platform.createVariable);
      const before = platform.tf.memory().numTensors;
      recording(platform.native!, kind === 'compiled' ? new Set() : seen, () => {
        const way =
          kind === 'compiled' ? compiled(platform, test, store, seen) : eager(platform, test, store);
        check(test, way.evaluate);
        way.dispose();
      });
      store.dispose();
      expect(platform.tf.memory().numTensors, 'tensors left behind').toBe(before);
    });
    it('and these were all of the fused ones', () => {
      const expected = platform.native!.kernels.size > 0 || kind === 'plain' ? fused[kind] : fused.plain;
      expect(expected.length).toBeGreaterThan(18);
      expect(expected.filter((op) => !seen.has(op))).toEqual([]);
    });
  },
);
