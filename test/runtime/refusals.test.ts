/**
 * Every kind of thing that a trace would freeze wrongly is refused, with the op and the place; and what only
 * looks like it is not.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import { runPass } from '../../src/runtime/tfjs/model/run-pass.js';
import { StateStore } from '../../src/runtime/tfjs/model/state-store.js';
import { attr, DT, type NativeEngine, type Tensor } from '../../src/runtime/tfjs/native-engine.js';
import { differentiable } from '../../src/runtime/tfjs/ops/differentiable.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import type { TensorOps } from '../../src/tensor/tensor-ops.js';
import { seededRandom } from '../../src/util/random.js';
import { engineFolder, openPlatform } from './platforms.js';

type Body = (inputs: Tensor[]) => readonly Tensor[];
const inputs = [
  { shape: [4], dtype: 'float32' },
  { shape: [], dtype: 'int32' },
] as const;
const float = attr.type('T', DT.float);
const whole = attr.type('Tshape', DT.int32);

describe.skipIf(engineFolder === undefined)('a trace', () => {
  let platform: Platform;
  let engine: NativeEngine;
  beforeAll(async () => {
    platform = await openPlatform('native');
    engine = platform.native!;
  });
  const compile = (body: Body, options: ConstructorParameters<typeof CompiledGraph>[2] = {}): CompiledGraph =>
    new CompiledGraph(engine, { f: { inputs, body } }, options);
  /** The body as a part of a network, two scopes deep. */
  const inside =
    (body: (ops: TensorOps<Tensor>, inputs: Tensor[]) => readonly Tensor[]): Body =>
    (tensors) => {
      let result: readonly Tensor[] = [];
      runPass(
        platform,
        new StateStore(platform.createVariable),
        { training: true, initial: seededRandom(1) },
        (ops) =>
          ops.scope('stage2', () =>
            ops.scope('block1', () => {
              result = body(ops, tensors);
            }),
          ),
      );
      return result;
    };
  const op = (name: string, attrs: Parameters<NativeEngine['op']>[1], tensors: readonly Tensor[]): Tensor =>
    engine.op(name, attrs, tensors);

  const cases: readonly (readonly [title: string, body: Body, message: RegExp])[] = [
    [
      'dataSync',
      ([x]) => [engine.tf.sum(x!).dataSync()[0]! > 0 ? x! : engine.tf.neg(x!)],
      /a value computed in the graph cannot be read back while tracing \(in dataSync\), got dataSync on the output of "Sum" at stage2\/block1$/,
    ],
    [
      'dataSync of an input',
      ([x]) => [engine.tf.mul(x!, x!.dataSync()[0]!)],
      /got dataSync on the output of "f\/input" at stage2\/block1$/,
    ],
    [
      'arraySync',
      ([x]) => [engine.tf.mul(x!, (engine.tf.neg(x!).arraySync() as number[])[0]!)],
      /got dataSync on the output of "Neg" at stage2\/block1$/,
    ],
    [
      'data without waiting',
      ([x]) => {
        void engine.tf.neg(x!).data();
        return [x!];
      },
      /got data on the output of "Neg" at stage2\/block1$/,
    ],
    [
      'a refusal that the function catches',
      ([x]) => {
        try {
          x!.dataSync();
        } catch {
          /* hidden */
        }
        return [x!];
      },
      /got dataSync on the output of "f\/input" at stage2\/block1$/,
    ],
    [
      'a gather whose kernel reads its indices',
      ([x, step]) => [engine.tf.gather(x!, engine.tf.reshape(step!, [1]) as never)],
      /read back while tracing \(in GatherV2\)|\(in gather\)/i,
    ],
    [
      'randomUniform',
      ([x]) => [engine.tf.mul(x!, engine.tf.randomUniform([4]))],
      /random numbers made in JavaScript would be frozen into the graph, got "randomUniform" at stage2\/block1$/,
    ],
    [
      'randomNormal with a seed',
      ([x]) => [engine.tf.mul(x!, engine.tf.randomNormal([4], 0, 1, 'float32', 5))],
      /frozen into the graph, got "randomNormal" at stage2\/block1$/,
    ],
    [
      'truncatedNormal',
      ([x]) => [engine.tf.mul(x!, engine.tf.truncatedNormal([4]))],
      /frozen into the graph, got "truncatedNormal" at stage2\/block1$/,
    ],
    [
      "tfjs's dropout",
      ([x]) => [engine.tf.dropout(x!, 0.5, undefined, 3)],
      /frozen into the graph, got "dropout" at stage2\/block1$/,
    ],
    [
      'Math.random',
      ([x]) => [engine.tf.mul(x!, Math.random())],
      /frozen into the graph, got "Math.random" at stage2\/block1$/,
    ],
    [
      "TensorFlow's stateful generator",
      ([x]) => [
        engine.tf.add(
          x!,
          op(
            'RandomUniform',
            [attr.type('dtype', DT.float), attr.type('T', DT.int32)],
            [engine.tf.tensor1d([4], 'int32')],
          ),
        ),
      ],
      /random numbers must come from a fed seed, that a run can be repeated, got "RandomUniform" at stage2\/block1$/,
    ],
    [
      'a stateless generator whose seed is not fed',
      ([x]) => [
        engine.tf.add(
          x!,
          op(
            'StatelessRandomUniform',
            [attr.type('dtype', DT.float), attr.type('T', DT.int32), attr.type('Tseed', DT.int32)],
            [engine.tf.tensor1d([4], 'int32'), engine.tf.tensor1d([1, 2], 'int32')],
          ),
        ),
      ],
      /a seed that is no input of the function would draw the same numbers at every run, got "StatelessRandomUniform" at stage2\/block1$/,
    ],
    [
      'a tfjs variable made inside',
      ([x]) => [engine.tf.add(x!, engine.tf.variable(engine.tf.zeros([4])))],
      /variables must exist before the function is traced, got a new one \(tf\.variable\) at stage2\/block1$/,
    ],
    [
      'an engine variable made inside',
      ([x]) => [
        engine.tf.add(x!, engine.readVariable(engine.createVariable('mean', [4], new Float32Array(4)))),
      ],
      /variables must exist before the function is traced, got a new one \("mean"\) at stage2\/block1$/,
    ],
    [
      'a resource made by hand',
      ([x]) => {
        op('VarHandleOp', [attr.type('dtype', DT.float), attr.shape('shape', [4])], []);
        return [x!];
      },
      /got a new one \("VarHandleOp"\) at stage2\/block1$/,
    ],
    [
      'tf.unique, whose shape depends on values',
      ([x]) => [engine.tf.unique(x!).values],
      /shapes must be known when the function is traced, got "UniqueV2?", whose output's shape depends on values at stage2\/block1$/,
    ],
    [
      'a shape computed in the graph',
      ([x, step]) => [
        op(
          'Fill',
          [float, attr.type('index_type', DT.int32)],
          [engine.tf.reshape(step!, [1]), engine.tf.scalar(1)],
        ),
        x!,
      ],
      /shapes must be known when the function is traced, got "Fill" with input 0, a shape or size, computed in the graph at stage2\/block1$/,
    ],
    [
      'a reshape to a shape computed in the graph',
      ([x, step]) => [op('Reshape', [float, whole], [x!, engine.tf.reshape(step!, [1])])],
      /got "Reshape" with input 1, a shape or size, computed in the graph at stage2\/block1$/,
    ],
  ];
  it.each(cases)('refuses %s, and says where', (_, body, message) => {
    const [random, tensors] = [Math.random, engine.tf.memory().numTensors];
    expect(() => compile(inside((_ops, given) => body(given)))).toThrow(message);
    expect(() => compile(inside((_ops, given) => body(given)))).toThrow(/^compile f: /);
    expect(() => compile(body)).toThrow(/^compile f: (?!.* at stage)/); // outside of any part there is no place to name
    // the watch is gone, and nothing was left behind
    expect(Math.random).toBe(random);
    expect(engine.scopePath).toBe('');
    expect(engine.tf.randomUniform([2]).dataSync()).toHaveLength(2);
    const variable = engine.createVariable('after', [1], new Float32Array(1));
    engine.destroyVariable(variable);
    expect(engine.tf.memory().numTensors).toBe(tensors + 1); // the two random numbers
  });

  it('refuses an async function, and data() inside it', () => {
    expect(() =>
      compile((async ([x]: Tensor[]) => [engine.tf.mul(x!, (await x!.data())[0]!)]) as never),
    ).toThrow(/got data on the output of "f\/input"$/);
    expect(() => compile((async ([x]: Tensor[]) => [x!]) as never)).toThrow(
      /^compile f: the function must return an array of tensors, got a promise$/,
    );
  });

  it('refuses state from outside that it would take for a constant', () => {
    const { tf } = engine;
    const state = tf.variable(tf.ones([4]), false, 'step-count');
    expect(() => compile(inside((_ops, [x]) => [tf.add(x!, state)]))).toThrow(
      /^compile f: a tfjs variable would be frozen at its present value, got "step-count" at stage2\/block1$/,
    );
    expect(() => compile(([x]) => [tf.add(x!, tf.reshape(state.clone(), [4]))])).toThrow(/got "step-count"$/);
    state.dispose();
    const variable = engine.createVariable('scale', [4], Float32Array.of(1, 2, 3, 4));
    const before = engine.readVariable(variable);
    expect(() => compile(inside((_ops, [x]) => [tf.mul(x!, before)]))).toThrow(
      /^compile f: a variable that was read before the trace would be frozen at that value, got "scale" at stage2\/block1$/,
    );
    expect(() => compile(([x]) => [tf.mul(x!, before)], { frozen: () => true })).toThrow(/got "scale"$/);
    // read inside it is followed, and in a frozen graph known
    for (const options of [{}, { frozen: () => true }]) {
      const graph = compile(([x]) => [tf.mul(x!, engine.readVariable(variable))], options);
      expect([...graph.run('f', [Float32Array.of(1, 1, 1, 1), Int32Array.of(0)])[0]!]).toEqual([1, 2, 3, 4]);
      graph.dispose();
    }
    before.dispose();
    engine.destroyVariable(variable);
  });

  it('names the block whose gradient it is', () => {
    const body = inside((_ops, [x]) => [
      engine.tf.grad((y) =>
        engine.tf.sum(
          differentiable(
            engine,
            [y as Tensor],
            (save) => {
              save([y as Tensor]);
              return engine.tf.neg(y as Tensor);
            },
            (dy, [saved]) => [engine.tf.mul(dy, saved!.dataSync()[0]!)],
          ),
        ),
      )(x!),
    ]);
    expect(() => compile(body)).toThrow(/read back while tracing .* at gradient of stage2\/block1$/);
    expect(engine.scopePath).toBe('');
  });

  it('allows what is known while tracing: constants read back, shapes from JavaScript, numbers of a clock that it cannot see', () => {
    const { tf } = engine;
    const outside = tf.tensor1d([3, 4]);
    const began = Date.now();
    const graph = compile(([x]) => [
      tf.mul(tf.slice(x!, [outside.dataSync()[0]! - 3], [2]), outside),
      tf.add(tf.sum(x!), Date.now() - began + outside.dataSync()[1]!),
    ]);
    const [product, sum] = graph.run('f', [Float32Array.of(1, 2, 0, 0), Int32Array.of(0)]);
    expect([...product!]).toEqual([3, 8]);
    const again = graph.run('f', [Float32Array.of(1, 2, 0, 0), Int32Array.of(1)])[1]!;
    expect(sum![0]).toBeGreaterThanOrEqual(7);
    expect([...again]).toEqual([...sum!]); // the clock's number is a constant: what the file's header says
    graph.dispose();
    outside.dispose();
  });
});
