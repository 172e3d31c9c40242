/**
 * Every op on every platform against the reference (portable ops on tfjs's JavaScript backend): values and
 * gradients; and the reference's gradients against central differences. Tolerances are relative to the
 * largest magnitude.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import { runPass } from '../../src/runtime/tfjs/model/run-pass.js';
import { StateStore } from '../../src/runtime/tfjs/model/state-store.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { seededRandom } from '../../src/util/random.js';
import { type OpCase, opCases } from './op-cases.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, valuesOf } from './platforms.js';

/** float32 sums in another order. */
const tolerance = 2e-5;

interface Evaluation {
  readonly value: Float32Array;
  readonly shape: readonly number[];
  readonly gradients: readonly Float32Array[];
  readonly state: ReadonlyMap<string, Float32Array>;
}

function inputValues(test: OpCase): Float32Array[] {
  return test.inputs.map((shape, index) =>
    noise(`${test.name}/${index}`, product(shape)).map((value) =>
      test.positive ? Math.abs(value) + 0.5 : value,
    ),
  );
}

/** Value of the op and gradients of a fixed weighted sum of it. */
function evaluate(platform: Platform, test: OpCase, values: readonly Float32Array[]): Evaluation {
  const { tf } = platform;
  const store = new StateStore(platform.createVariable);
  let result: Evaluation | undefined;
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const inputs = values.map((data, index) => tf.tensor(data.slice(), [...test.inputs[index]!], 'float32'));
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
      inputs,
      undefined,
      true,
    );
    result = {
      value: valuesOf(output!),
      shape: output!.shape,
      gradients: grads.map((gradient, index) =>
        (gradient as Tensor | null) ? valuesOf(gradient as Tensor) : new Float32Array(values[index]!.length),
      ),
      state: new Map(store.all().map((variable) => [variable.path, variable.values()])),
    };
    output!.dispose();
  });
  store.dispose();
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return result!;
}

const weightedSum = ({ value }: Evaluation): number => {
  const weights = noise('weights', value.length);
  return value.reduce((sum, item, index) => sum + item * weights[index]!, 0);
};

const references = new Map<string, Evaluation>();
beforeAll(async () => {
  const reference = await openPlatform('cpu');
  for (const test of opCases) references.set(test.name, evaluate(reference, test, inputValues(test)));
});

describe('reference gradients agree with central differences', () => {
  let reference: Platform;
  beforeAll(async () => {
    reference = await openPlatform('cpu');
  });
  it.each(opCases.map((test) => [test.name, test] as const))('%s', (name, test) => {
    const values = inputValues(test);
    const { gradients } = references.get(name)!;
    const step = 2 ** -8;
    values.forEach((data, input) => {
      const direction = noise(`${name}/direction/${input}`, data.length);
      const moved = (sign: number): Float32Array[] =>
        values.map((other, index) =>
          index === input ? other.map((value, i) => value + sign * step * direction[i]!) : other,
        );
      const difference =
        (weightedSum(evaluate(reference, test, moved(1))) -
          weightedSum(evaluate(reference, test, moved(-1)))) /
        (2 * step);
      const predicted = gradients[input]!.reduce((sum, value, index) => sum + value * direction[index]!, 0);
      const scale = Math.max(1, Math.abs(predicted), Math.hypot(...gradients[input]!));
      expect(
        Math.abs(difference - predicted) / scale,
        `input ${input}: predicted ${predicted}, got ${difference}`,
      ).toBeLessThan(test.name.match(/max|min|relu|hard/i) ? 0.05 : 0.005);
    });
  });
});

describe.each([
  ['native', engineFolder === undefined],
  ['plain', engineFolder === undefined],
  ['wasm', false],
] as const)('%s agrees with the reference', (kind, absent) => {
  let platform: Platform;
  beforeAll(async () => {
    if (!absent) platform = await openPlatform(kind);
  });
  it.skipIf(absent).each(opCases.map((test) => [test.name, test] as const))('%s', (name, test) => {
    const expected = references.get(name)!;
    const actual = evaluate(platform, test, inputValues(test));
    expect(actual.shape).toEqual(expected.shape);
    expect(relativeDifference(actual.value, expected.value), 'value').toBeLessThan(tolerance);
    actual.gradients.forEach((gradient, index) =>
      expect(
        relativeDifference(gradient, expected.gradients[index]!),
        `gradient of input ${index}`,
      ).toBeLessThan(tolerance * 5),
    );
    for (const [path, values] of expected.state)
      expect(relativeDifference(actual.state.get(path)!, values), path).toBeLessThan(tolerance);
  });
});

describe.each(['native', 'plain'] as const)('compiled on %s agrees with the reference', (kind) => {
  let platform: Platform;
  beforeAll(async () => {
    if (engineFolder) platform = await openPlatform(kind);
  });
  it.skipIf(engineFolder === undefined).each(opCases.map((test) => [test.name, test] as const))(
    '%s',
    (name, test) => {
      const { tf } = platform;
      const expected = references.get(name)!;
      const store = new StateStore(platform.createVariable);
      const pass = (inputs: readonly Tensor[]): Tensor =>
        runPass(platform, store, { training: test.training ?? false, initial: seededRandom(1) }, (ops) =>
          test.run(ops, ...inputs),
        );
      tf.tidy(() => {
        pass(test.inputs.map((shape) => tf.ones([...shape])));
      }); // declares the state: a trace creates nothing
      const graph = new CompiledGraph(platform.native!, {
        f: {
          inputs: test.inputs.map((shape) => ({ shape, dtype: 'float32' as const })),
          body: (inputs) => {
            let output: Tensor | undefined;
            const { grads } = tf.engine().gradients(
              () => {
                const y = pass(inputs);
                output = tf.keep(y.clone());
                return tf.sum(tf.mul(y, tf.tensor(noise('weights', y.size), y.shape))) as never;
              },
              inputs as Tensor[],
              undefined,
              true,
            );
            return [
              output!,
              ...grads.map((gradient, index) => (gradient as Tensor | null) ?? tf.zerosLike(inputs[index]!)),
            ];
          },
        },
      });
      const [value, ...gradients] = graph.run('f', inputValues(test));
      expect(relativeDifference(value!, expected.value), 'value').toBeLessThan(tolerance);
      gradients.forEach((gradient, index) =>
        expect(
          relativeDifference(gradient, expected.gradients[index]!),
          `gradient of input ${index}`,
        ).toBeLessThan(tolerance * 5),
      );
      graph.dispose();
      store.dispose();
    },
  );
});
