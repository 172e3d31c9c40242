/**
 * Every block on the runtime at hand (TensorFlow, else wasm): weights as inferred, compiled equal to eager,
 * true gradients.
 */

import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/blocks/block.js';
import { blocks } from '../../src/blocks/block-table.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { oneBlock } from '../../src/network/block-networks.js';
import { forwardNetwork } from '../../src/network/forward-network.js';
import { networkCost } from '../../src/network/network-cost.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Model, WeightSet } from '../../src/runtime/runtime.js';
import { infer } from '../../src/tensor/infer/infer.js';
import { seededRandom } from '../../src/util/random.js';
import { layerNetworks } from '../fixtures/part-networks.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const BATCH = 4;
const random = seededRandom('blocks on the runtime');
const normals = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
const norm = (values: Iterable<number>): number =>
  Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));

function moved(weights: WeightSet, direction: ReadonlyMap<string, Float32Array>, by: number): WeightSet {
  return new Map(
    [...weights].map(([path, weight]) => {
      const step = direction.get(path);
      return [
        path,
        step ? { ...weight, values: weight.values.map((value, index) => value + by * step[index]!) } : weight,
      ];
    }),
  );
}

/**
 * Gradient by one step of plain descent; its rate is large, so that small gradients survive the subtraction.
 */
async function gradientOf(
  model: Model,
  images: Float32Array,
  labels: Int32Array,
): Promise<{
  gradient: Map<string, Float32Array>;
  loss: (weights: WeightSet) => Promise<number>;
  reported: number;
}> {
  const training = model.training({
    batch: BATCH,
    execution: 'eager',
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
    labelSmoothing: 0,
    clipNorm: 0,
    dropPath: 0,
    seed: 1,
  });
  const before = await model.readWeights();
  const rate = 16;
  const { gradientNorm } = await training.step(images, labels, { learningRate: rate });
  const after = await model.readWeights();
  const gradient = new Map(
    [...before]
      .filter(([, weight]) => weight.trainable)
      .map(([path, { values }]) => [
        path,
        values.map((value, index) => (value - after.get(path)!.values[index]!) / rate),
      ]),
  );
  return {
    gradient,
    reported: gradientNorm,
    async loss(weights) {
      model.writeWeights(weights);
      return (await training.step(images, labels, { learningRate: 0 })).loss;
    },
  };
}

describe(`layers and heads on ${runtime.id}`, () => {
  it.skipIf(!runtime.supports.compiled).each(Object.entries(layerNetworks))(
    '%s: compiled passes equal eager ones',
    async (_, make) => {
      const architecture = make();
      const { height, width, channels } = architecture.input;
      const model = runtime.instantiate(architecture, { seed: 3 });
      expect(model.parameterCount).toBe(networkCost(architecture).total.params);
      const images = normals(2 * height * width * channels);
      const [eager, compiled] = (['eager', 'compiled'] as const).map((execution) =>
        model.inference({ batch: 2, execution }),
      ) as [ReturnType<Model['inference']>, ReturnType<Model['inference']>];
      const [expected, got] = [await eager.logits(images), await compiled.logits(images)];
      expect(norm(expected)).toBeGreaterThan(1e-4);
      expect(Math.max(...got.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(1e-4);
      for (const inference of [eager, compiled]) inference.dispose();
      model.dispose();
    },
  );
});

describe.each(Object.entries(blocks) as [string, Block][])(`block %s on ${runtime.id}`, (_, block) => {
  const architecture = oneBlock(block);
  const pixels = architecture.input.height * architecture.input.width * 3;

  it('has the weights that were inferred, and compiled passes equal eager ones', async () => {
    expect(architectureProblem(architecture)).toBeUndefined();
    const model = runtime.instantiate(architecture, { seed: 3 });
    const inferred = infer([1, 14, 14, 3], (ops, x) => forwardNetwork(ops, architecture, x));
    const weights = await model.readWeights();
    const trainable = [...weights]
      .filter(([, weight]) => weight.trainable)
      .map(([path, { shape }]) => `${path} ${shape}`);
    expect(trainable.sort()).toEqual(
      [...inferred.weights].map(([path, { shape }]) => `${path} ${shape}`).sort(),
    );
    const states = [...weights]
      .filter(([, weight]) => !weight.trainable)
      .map(([path, { shape }]) => `${path} ${shape}`);
    expect(states.sort()).toEqual([...inferred.states].map(([path, shape]) => `${path} ${shape}`).sort());
    expect(model.parameterCount).toBe(networkCost(architecture).total.params);

    const images = normals(BATCH * pixels);
    const eager = model.inference({ batch: BATCH, execution: 'eager' });
    const logits = await eager.logits(images);
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(norm(logits)).toBeGreaterThan(1e-3);
    if (runtime.supports.compiled) {
      const compiled = model.inference({ batch: BATCH, execution: 'compiled' });
      const same = await compiled.logits(images);
      expect(Math.max(...same.map((value, index) => Math.abs(value - logits[index]!)))).toBeLessThan(1e-4);
      compiled.dispose();
    }
    eager.dispose();
    model.dispose();
  });

  it('has the gradient of finite differences, along a random direction and along itself', async () => {
    const inferred = infer([1, 14, 14, 3], (ops, x) => forwardNetwork(ops, architecture, x));
    const model = runtime.instantiate(architecture, { seed: 4 });
    const weights = await model.readWeights();
    const images = normals(BATCH * pixels);
    const labels = Int32Array.from({ length: BATCH }, (_, index) => index % 5);
    const { gradient, loss, reported } = await gradientOf(model, images, labels);
    const length = norm([...gradient.values()].flatMap((values) => [...values]));
    expect(Math.abs(length / reported - 1)).toBeLessThan(1e-2);
    const still = [...gradient]
      .filter(([, values]) => values.every((value) => value === 0))
      .map(([path]) => path);
    expect(
      still.filter((path) => !allowedStill(path)),
      'weights that receive no gradient',
    ).toEqual([]);

    const slope = async (direction: ReadonlyMap<string, Float32Array>, by: number): Promise<number> =>
      ((await loss(moved(weights, direction, by))) - (await loss(moved(weights, direction, -by)))) / (2 * by);
    const itself = new Map(
      [...gradient].map(([path, values]) => [path, values.map((value) => value / length)]),
    );
    expect(Math.abs((await slope(itself, 0.01 / Math.max(1, length))) / length - 1)).toBeLessThan(0.05);
    // where a channel is chosen (argMax) the loss jumps while its gradient is 0 by definition;
    // every-runtime.test.ts looks at that block in several directions
    const jumps = inferred.operations.some(({ kind }) => kind === 'argMax');
    const anywhere = new Map([...gradient].map(([path, values]) => [path, normals(values.length)]));
    const expected = [...gradient].reduce(
      (sum, [path, values]) =>
        sum + values.reduce((inner, value, index) => inner + value * anywhere.get(path)![index]!, 0),
      0,
    );
    if (!jumps)
      expect(Math.abs((await slope(anywhere, 1e-4)) - expected)).toBeLessThan(
        0.05 * Math.abs(expected) + 0.02 * length,
      );
    model.dispose();
  });
});

/** A bias that a batch norm follows changes nothing, by definition. */
const allowedStill = (path: string): boolean => /bias$/.test(path);
