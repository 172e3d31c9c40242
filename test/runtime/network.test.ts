/**
 * A small hybrid network through the runtime contract: eager, compiled and wasm agree in values and over a
 * training trajectory; checkpoints resume bit for bit; nothing is left behind (soak.test.ts: over many
 * steps).
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  Execution,
  Model,
  OptimizerSpec,
  Runtime,
  Training,
  TrainingOptions,
} from '../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, smallNetwork } from './platforms.js';

const batch = 6;
const imageSize = product([batch, 8, 8, 3]);
const images = (step: number): Float32Array => noise(`images ${step}`, imageSize);
const labels = (step: number): Int32Array =>
  Int32Array.from({ length: batch }, (_, index) => (index * 3 + step) % 5);
const adamw: OptimizerSpec = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const options: TrainingOptions = {
  batch,
  execution: 'eager',
  optimizer: adamw,
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0,
  seed: 3,
};
const rate = (step: number): number => 2e-3 * (1 - step / 40);

async function train(training: Training, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++)
    losses.push((await training.step(images(step), labels(step), { learningRate: rate(step) })).loss);
  return losses;
}

/** Losses, logits after it, and weights of a training run from seed 7. */
async function trajectory(
  runtime: Runtime,
  execution: Execution,
  steps: number,
  changes: Partial<TrainingOptions> = {},
): Promise<{ losses: number[]; logits: Float32Array; weights: Map<string, Float32Array> }> {
  const model = runtime.instantiate(smallNetwork, { seed: 7 });
  const training = model.training({ ...options, execution, ...changes });
  const inference = model.inference({ batch, execution });
  const losses = await train(training, 0, steps);
  const logits = await inference.logits(images(99));
  const weights = new Map([...(await model.readWeights())].map(([path, { values }]) => [path, values]));
  inference.dispose();
  training.dispose();
  model.dispose();
  return { losses, logits, weights };
}

const weightsOf = async (model: Model): Promise<[string, Float32Array][]> =>
  [...(await model.readWeights())].map(([path, { values }]) => [path, values]);

describe.skipIf(engineFolder === undefined)('TensorFlow', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });

  it('instantiate gives the same weights for the same seed, others for another', async () => {
    const [first, second, other] = [7, 7, 8].map((seed) => runtime.instantiate(smallNetwork, { seed })) as [
      Model,
      Model,
      Model,
    ];
    expect(await weightsOf(first)).toEqual(await weightsOf(second));
    expect(await weightsOf(first)).not.toEqual(await weightsOf(other));
    for (const model of [first, second, other]) model.dispose();
  });

  it('logits of eager and compiled agree, and so do passes over the device batch', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    const [eager, compiled] = (['eager', 'compiled'] as const).map((execution) =>
      model.inference({ batch, execution }),
    ) as [ReturnType<Model['inference']>, ReturnType<Model['inference']>];
    expect(relativeDifference(await compiled.logits(images(0)), await eager.logits(images(0)))).toBeLessThan(
      1e-5,
    );
    for (const inference of [eager, compiled]) for (let pass = 0; pass < 3; pass++) inference.enqueue();
    const [a, b] = [await eager.synchronise(), await compiled.synchronise()];
    expect(a).not.toBe(0);
    expect(Math.abs(a - b) / Math.abs(a)).toBeLessThan(1e-4);
    expect(await compiled.synchronise()).toBe(b); // nothing enqueued since: read again
    expect(compiled.buildMs).toBeGreaterThan(0);
    expect(compiled.firstRunMs).toBeGreaterThan(0);
    eager.dispose();
    compiled.dispose();
    model.dispose();
  });

  it.each([
    ['adamw', {}],
    [
      'sgd with Nesterov momentum',
      { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-3 } },
    ],
    ['stochastic depth', { dropPath: 0.5 }],
  ] as const)('training.step of eager and compiled agrees over 20 steps: %s', async (_, changes) => {
    const eager = await trajectory(runtime, 'eager', 20, changes);
    const compiled = await trajectory(runtime, 'compiled', 20, changes);
    expect(relativeDifference(compiled.losses, eager.losses)).toBeLessThan(2e-4);
    expect(relativeDifference(compiled.logits, eager.logits)).toBeLessThan(5e-3);
    expect(eager.losses.at(-1)!).not.toBe(eager.losses[0]);
    for (const [path, values] of eager.weights)
      expect(relativeDifference(compiled.weights.get(path)!, values), path).toBeLessThan(2e-2);
  });

  it("deviceKey names the precision that is asked for, else the device's own", () => {
    expect(runtime.deviceKey('compiled', 'bfloat16').precision).toBe('bfloat16');
    expect(runtime.deviceKey('compiled').precision).toBe('float32');
  });

  it('precisions that this device or execution lacks are refused by name', () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    expect(() => model.inference({ batch, execution: 'eager', precision: 'bfloat16' })).toThrow(
      /eager execution on this device computes in float32, got "bfloat16"/,
    );
    expect(() => model.training({ ...options, execution: 'compiled', precision: 'tf32' })).toThrow(
      /computes in float32, bfloat16, float16, got "tf32"/,
    );
    model.dispose();
  });

  it('training.step draws stochastic depth anew at every step, and differently per seed', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    const losses: number[] = [];
    for (const seed of [1, 2]) {
      const training = model.training({ ...options, execution: 'compiled', dropPath: 0.6, seed });
      for (let step = 0; step < 6; step++)
        losses.push((await training.step(images(0), labels(0), { learningRate: 0 })).loss);
      training.dispose();
    }
    expect(new Set(losses.map((loss) => loss.toFixed(5))).size).toBeGreaterThan(8);
    model.dispose();
  });

  it('training.step learns a batch by heart', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    const training = model.training({ ...options, execution: 'compiled', labelSmoothing: 0 });
    let last = { loss: NaN, correct: 0, gradientNorm: NaN };
    for (let step = 0; step < 60; step++)
      last = await training.step(images(0), labels(0), { learningRate: 5e-3 });
    expect(last.correct).toBe(batch);
    expect(last.loss).toBeLessThan(0.05);
    training.dispose();
    model.dispose();
  });

  it.each(['eager', 'compiled'] as const)(
    'readState and readWeights resume %s training bit for bit',
    async (execution) => {
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const training = model.training({ ...options, execution, dropPath: 0.3 });
      await train(training, 0, 4);
      const [weights, state] = [await model.readWeights(), await training.readState()];
      const straight = await train(training, 4, 8);
      const expected = await weightsOf(model);
      model.dispose();

      const resumed = runtime.instantiate(smallNetwork, { seed: 1 });
      const other = resumed.training({ ...options, execution, dropPath: 0.3 });
      await train(other, 0, 1); // somewhere else entirely
      resumed.writeWeights(weights);
      other.writeState(state);
      expect(state.step).toBe(4);
      expect(await train(other, 4, 8)).toEqual(straight);
      expect(await weightsOf(resumed)).toEqual(expected);
      resumed.dispose();
    },
  );

  it('weights moved by a compiled step are seen by eager and compiled inference alike', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const [eager, compiled] = (['eager', 'compiled'] as const).map((execution) =>
      model.inference({ batch, execution }),
    ) as [ReturnType<Model['inference']>, ReturnType<Model['inference']>];
    const before = await compiled.logits(images(0));
    const training = model.training({ ...options, execution: 'compiled' });
    await train(training, 0, 3);
    const after = await compiled.logits(images(0));
    expect(relativeDifference(after, before)).toBeGreaterThan(1e-2);
    expect(relativeDifference(after, await eager.logits(images(0)))).toBeLessThan(1e-5);
    model.dispose();
  });

  it('compiled passes over the device batch follow new weights, although their graph freezes them', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const [eager, compiled] = (['eager', 'compiled'] as const).map((execution) =>
      model.inference({ batch, execution }),
    ) as [ReturnType<Model['inference']>, ReturnType<Model['inference']>];
    const sums: number[] = [];
    for (let round = 0; round < 2; round++) {
      for (const inference of [eager, compiled]) inference.enqueue();
      const [expected, actual] = [await eager.synchronise(), await compiled.synchronise()];
      expect(Math.abs(actual - expected) / Math.abs(expected)).toBeLessThan(1e-4);
      sums.push(actual);
      const training = model.training({ ...options, execution: 'compiled' });
      await train(training, 0, 3); // moves running statistics too: norms folded into filters must follow
      training.dispose();
    }
    expect(sums[1]).not.toBe(sums[0]);
    model.dispose();
  });

  it('a graph is built once per shape and kept: by steps, by new images, by moved weights', async () => {
    const { native } = (runtime as TfjsRuntime).platform;
    const { backend } = native!;
    const { binding } = backend;
    let built = 0;
    backend.binding = Object.create(binding, {
      loadSavedModel: {
        value: (folder: string, tags: string) => {
          built++;
          return binding.loadSavedModel(folder, tags);
        },
      },
    }) as typeof binding;
    try {
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const training = model.training({ ...options, execution: 'compiled' });
      const [six, two] = [batch, 2].map((size) =>
        model.inference({ batch: size, execution: 'compiled' }),
      ) as [ReturnType<Model['inference']>, ReturnType<Model['inference']>];
      for (let round = 0; round < 3; round++) {
        await train(training, round, round + 1);
        await six.logits(images(round));
        await two.logits(images(round).slice(0, imageSize / 3));
      }
      expect(built).toBe(3);
      model.dispose();
    } finally {
      backend.binding = binding;
    }
  });

  it('writeWeights refuses missing, unknown and misshapen paths and writes nothing then', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const weights = new Map(await model.readWeights());
    const [path] = [...weights.keys()];
    const entry = weights.get(path!)!;
    expect(() => model.writeWeights(new Map([...weights].slice(1)))).toThrow(
      /a value for every path is needed/,
    );
    expect(() => model.writeWeights(new Map([...weights, ['no/such', entry]]))).toThrow(
      /path must exist in this network, got "no\/such"/,
    );
    expect(() => model.writeWeights(new Map([...weights, [path!, { ...entry, shape: [1] }]]))).toThrow(
      /must have shape/,
    );
    model.dispose();
  });

  it('step refuses images of another shape', () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const training = model.training(options);
    expect(() => training.step(new Float32Array(3), labels(0), { learningRate: 0 })).toThrow(
      /images must fill \[6,8,8,3\]/,
    );
    expect(() => model.training(options)).toThrow(/one training at a time/);
    model.dispose();
  });

  it('nothing is left: tensors, variables, sessions, SavedModel folders', async () => {
    const { native, tf } = (runtime as TfjsRuntime).platform;
    const folders = (): string[] =>
      readdirSync(tmpdir()).filter((name) => new RegExp(`^stagecraft-graph-.*-${process.pid}-`).test(name));
    const count = (): number[] => [
      tf.memory().numTensors,
      native!.binding.getNumOfTensors(),
      native!.variables.size,
      native!.binding.getNumOfSavedModels(),
    ];
    const start = count();
    for (const execution of ['eager', 'compiled'] as const) await trajectory(runtime, execution, 3);
    await trajectory(runtime, 'compiled', 2, { precision: 'float16' }); // casts made while tracing
    expect(count()).toEqual(start);
    expect(folders()).toEqual([]);
  });
});

describe('wasm', () => {
  let runtime: Runtime;
  let expected: Awaited<ReturnType<typeof trajectory>> | undefined;
  beforeAll(async () => {
    if (engineFolder)
      expected = await trajectory(new TfjsRuntime(await openPlatform('native'), 2, 'test'), 'eager', 8);
    runtime = new TfjsRuntime(await openPlatform('wasm'), 1, 'test');
  });
  afterAll(async () => {
    if (engineFolder) await openPlatform('native');
  });

  it('learns a batch by heart', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    const training = model.training({ ...options, labelSmoothing: 0, dropPath: 0.1 });
    let last = { loss: NaN, correct: 0, gradientNorm: NaN };
    for (let step = 0; step < 50; step++)
      last = await training.step(images(0), labels(0), { learningRate: 5e-3 });
    expect(last.correct).toBe(batch);
    training.dispose();
    model.dispose();
  });

  it('refuses what it cannot: compiled execution', () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    expect(runtime.supports.compiled).toBe(false);
    expect(() => model.inference({ batch, execution: 'compiled' })).toThrow(
      /the wasm runtime has no compiled execution/,
    );
    model.dispose();
  });

  it.skipIf(engineFolder === undefined)(
    'starts from the same weights as TensorFlow and trains alike over 8 steps',
    async () => {
      const actual = await trajectory(runtime, 'eager', 8);
      expect(relativeDifference(actual.losses, expected!.losses)).toBeLessThan(1e-4);
      expect(relativeDifference(actual.logits, expected!.logits)).toBeLessThan(1e-3);
    },
  );
});
