/** Any tfjs function as a graph: values and state. What a trace refuses: refusals.test.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { forwardNetwork } from '../../src/network/forward-network.js';
import { launchMs } from '../../src/runtime/tfjs/ceilings.js';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import { runPass } from '../../src/runtime/tfjs/model/run-pass.js';
import { StateStore } from '../../src/runtime/tfjs/model/state-store.js';
import { DT, type NativeEngine, type Tensor } from '../../src/runtime/tfjs/native-engine.js';
import { statelessUniform } from '../../src/runtime/tfjs/ops/native/native-pointwise.js';
import { seededRandom } from '../../src/util/random.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, smallNetwork } from './platforms.js';

const vector = { shape: [3], dtype: 'float32' } as const;

describe.skipIf(engineFolder === undefined)('CompiledGraph', () => {
  let engine: NativeEngine;
  beforeAll(async () => {
    engine = (await openPlatform('native')).native!;
  });
  const compile = (
    body: (inputs: Tensor[]) => readonly Tensor[],
    inputs: readonly { readonly shape: readonly number[]; readonly dtype: 'float32' | 'int32' }[] = [vector],
  ): CompiledGraph => new CompiledGraph(engine, { f: { inputs, body } });

  it('runs a function on new inputs, with tensors from outside as constants', () => {
    const { tf } = engine;
    const outside = tf.tensor1d([10, 20, 30]);
    const graph = compile(([x]) => [tf.add(tf.mul(x!, 2), outside), tf.sum(x!)]);
    expect(graph.run('f', [Float32Array.of(1, 2, 3)]).map((values) => [...values])).toEqual([
      [12, 24, 36],
      [6],
    ]);
    expect(graph.run('f', [Float32Array.of(0, 0, 1)]).map((values) => [...values])).toEqual([
      [10, 20, 32],
      [1],
    ]);
    graph.dispose();
    outside.dispose();
  });

  it('a padded depthwise convolution with a bias stands in a graph with chains of sums, where TensorFlow would abort', async () => {
    const { tf } = engine;
    const ops = (await openPlatform('native')).ops({ training: false } as never);
    const shapes = [[2, 8, 8, 4], [3, 3, 4, 1], [4], [2, 4, 4, 4]];
    const body = ([x, filter, bias, other]: Tensor[]): Tensor[] => {
      const y = ops.binary(ops.depthwiseConv2d(x!, filter!, { stride: 2, padding: 1 }), bias!, 'add');
      return [tf.add(tf.add(tf.add(y, other!), tf.relu(other!)), tf.square(other!))];
    };
    const values = shapes.map((shape) => noise(`depthwise ${shape.join()}`, product(shape)));
    const graph = compile(
      body,
      shapes.map((shape) => ({ shape, dtype: 'float32' as const })),
    );
    const expected = tf.tidy(() =>
      body(values.map((value, index) => tf.tensor(value.slice(), shapes[index]!)))[0]!.dataSync(),
    );
    expect(relativeDifference(graph.run('f', values)[0] as Float32Array, expected)).toBeLessThan(1e-5);
    graph.dispose();
  });

  it('traces gradients like any other op', () => {
    const { tf } = engine;
    const graph = compile(([x]) => [tf.grad((y) => tf.sum(tf.mul(tf.square(y as Tensor), y as Tensor)))(x!)]);
    expect([...graph.run('f', [Float32Array.of(1, 2, 3)])[0]!]).toEqual([3, 12, 27]);
    graph.dispose();
  });

  it("keeps state in the graph, in program order, and leaves the engine's variables alone until asked", () => {
    const { tf } = engine;
    const variable = engine.createVariable('counter', [3], Float32Array.of(1, 1, 1));
    const graph = compile(([x]) => {
      const before = engine.readVariable(variable);
      engine.assignVariable(variable, tf.add(before, x!));
      const after = engine.readVariable(variable);
      engine.assignVariable(variable, tf.mul(after, 2));
      return [before, after];
    });
    const read = (): number[] => {
      const tensor = engine.readVariable(variable);
      const values = [...tensor.dataSync()];
      tensor.dispose();
      return values;
    };
    expect(read()).toEqual([1, 1, 1]); // tracing did not move it
    expect(graph.run('f', [Float32Array.of(1, 2, 3)]).map((values) => [...values])).toEqual([
      [1, 1, 1],
      [2, 3, 4],
    ]);
    expect(graph.run('f', [Float32Array.of(0, 0, 0)]).map((values) => [...values])).toEqual([
      [4, 6, 8],
      [4, 6, 8],
    ]);
    expect(read()).toEqual([1, 1, 1]);
    graph.readVariables();
    expect(read()).toEqual([8, 12, 16]);
    graph.dispose();
    engine.destroyVariable(variable);
  });

  it('draws random numbers in the graph as a function of the fed step', () => {
    const graph = compile(
      ([step]) => [statelessUniform(engine, [4], 7, step!)],
      [{ shape: [], dtype: 'int32' }],
    );
    const draw = (step: number): number[] => [...graph.run('f', [Int32Array.of(step)])[0]!];
    expect(draw(0)).not.toEqual(draw(1));
    expect(draw(1)).toEqual(draw(1));
    graph.dispose();
  });

  it("a network's graph uses TensorFlow's fused kernels, in float32 and in bfloat16", async () => {
    const platform = await openPlatform('native');
    for (const precision of ['float32', 'bfloat16'] as const) {
      const store = new StateStore(platform.createVariable);
      const pass = (x: Tensor): Tensor =>
        runPass(platform, store, { training: true, initial: seededRandom(1) }, (ops) =>
          forwardNetwork(ops, smallNetwork, x),
        );
      engine.tf.tidy(() => {
        pass(engine.tf.zeros([2, 8, 8, 3]));
      }); // declares the weights: a trace creates nothing
      const graph = new CompiledGraph(
        engine,
        {
          f: {
            inputs: [{ shape: [2, 8, 8, 3], dtype: 'float32' }],
            body: ([x]) => [pass(x!)],
          },
        },
        { precision },
      );
      expect(
        graph.opCounts.get(engine.kernels.has('batch-norm') ? 'StagecraftNorm' : 'FusedBatchNormV3'),
      ).toBeGreaterThan(5);
      expect(graph.opCounts.get('MatMul')).toBeGreaterThan(5);
      expect(graph.opCounts.get('BiasAdd')).toBeGreaterThan(3);
      expect((graph.opCounts.get('Cast') ?? 0) > 20).toBe(precision === 'bfloat16');
      graph.dispose();
      store.dispose();
    }
  });

  it('feeds large float32 inputs as the int32 values of their bits, which stay on the host, unchanged', () => {
    const size = 2048;
    const values = noise('bits', size);
    values.set([-0, 1e-40, Infinity, -Infinity, NaN]);
    const given = values.slice();
    const fed: number[] = [];
    const { binding } = engine;
    const watched = Object.create(binding, {
      createTensor: {
        value: (shape: readonly number[], dtype: number, data: unknown): number => {
          fed.push(dtype);
          return binding.createTensor(shape, dtype, data);
        },
      },
    }) as typeof binding;
    const graph = compile(
      ([x, small]) => [engine.tf.concat([x!, small!])],
      [{ shape: [size], dtype: 'float32' }, vector],
    );
    engine.backend.binding = watched;
    try {
      const [result] = graph.run('f', [values, Float32Array.of(1, 2, 3)]);
      expect(Buffer.from(result!.buffer, result!.byteOffset, 4 * size)).toEqual(Buffer.from(given.buffer));
    } finally {
      engine.backend.binding = binding;
    }
    expect(fed).toEqual([DT.int32, DT.float]);
    expect(graph.opCounts.get('Bitcast')).toBe(1);
    graph.dispose();
  });

  it('launches are the ops that compute; the cost of one is the slope of a chain of them', async () => {
    const { tf } = engine;
    const graph = compile(([x]) => [tf.reshape(tf.square(tf.add(x!, 1)), [1, 3])]);
    expect(graph.launches).toBe(2);
    graph.dispose();
    const each = launchMs(await openPlatform('native'));
    expect(each).toBeGreaterThan(1e-5);
    expect(each).toBeLessThan(1);
  });

  it('refuses inputs of another shape or number, saying both', () => {
    const graph = compile(([x]) => [engine.tf.neg(x!)]);
    expect(() => graph.run('f', [new Float32Array(4)])).toThrow(
      /input 0 was traced with shape \[3\] \(3 values\), got 4 values/,
    );
    expect(() => graph.run('f', [])).toThrow(/takes 1 inputs, got 0/);
    graph.dispose();
    expect(() => graph.run('f', [new Float32Array(3)])).toThrow(/after dispose/);
  });
});
