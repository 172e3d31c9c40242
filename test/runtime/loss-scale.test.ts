/**
 * Float16 training: the scale's rule, what a skipped step may move (nothing), checkpoints, and that scaling
 * saves small gradients.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Model, OptimizerSpec, Runtime, Training, TrainingOptions } from '../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, smallNetwork } from './platforms.js';

const batch = 4;
const images = (step: number): Float32Array => noise(`images ${step}`, product([batch, 8, 8, 3]));
const labels = (step: number): Int32Array =>
  Int32Array.from({ length: batch }, (_, index) => (index + step) % 5);
/** A batch whose forward pass is finite in float32 and not in float16. */
const tooLarge = (): Float32Array => new Float32Array(product([batch, 8, 8, 3])).fill(3e38);
const adamw: OptimizerSpec = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.05 };
const options: TrainingOptions = {
  batch,
  execution: 'compiled',
  precision: 'float16',
  optimizer: adamw,
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0,
  seed: 3,
};
const rate = { learningRate: 1e-2, averageDecay: 0.9 };

/** Everything that a step may move, the scale apart. */
async function stateOf(model: Model, training: Training): Promise<[string, Float32Array][]> {
  const { slots } = await training.readState();
  return [...(await model.readWeights()), ...slots]
    .filter(([path]) => !path.startsWith('loss-scale/'))
    .map(([path, { values }]) => [path, values]);
}
const scaleOf = async (training: Training): Promise<number[]> => {
  const { slots } = await training.readState();
  return ['scale', 'good-steps', 'steps-taken'].map((name) => slots.get(`loss-scale/${name}`)!.values[0]!);
};

describe.skipIf(engineFolder === undefined)('float16 training', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });
  const begin = (changes: Partial<TrainingOptions> = {}): { model: Model; training: Training } => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    return { model, training: model.training({ ...options, ...changes }) };
  };

  it('doubles the scale after so many good steps in a row, halves it at a bad one, and starts counting anew', async () => {
    const { model, training } = begin({ lossScale: { initial: 1024, growthSteps: 2 } });
    const scales: (number | undefined)[] = [];
    for (const bad of [false, false, false, true, false, false]) {
      const { lossScale, skipped } = await training.step(
        bad ? tooLarge() : images(scales.length),
        labels(0),
        rate,
      );
      expect(skipped).toBe(bad);
      scales.push(lossScale);
    }
    expect(scales).toEqual([1024, 2048, 2048, 1024, 1024, 2048]);
    expect(await scaleOf(training)).toEqual([2048, 0, 5]);
    model.dispose();
  });

  it('finds a scale that fits: from one at which every gradient overflows down to one at which none does', async () => {
    const { model, training } = begin({ lossScale: { initial: 2 ** 24 } });
    const skipped: boolean[] = [];
    for (let step = 0; step < 16; step++)
      skipped.push((await training.step(images(step), labels(step), rate)).skipped!);
    expect(skipped[0]).toBe(true);
    expect(skipped.at(-1)).toBe(false);
    expect((await scaleOf(training))[0]).toBe(2 ** (24 - skipped.filter(Boolean).length));
    model.dispose();
  });

  it.each([
    ['AdamW with averages and noise', { averages: true, noisyGradients: true }],
    ['SGD', { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-3 }, averages: true }],
    ['LAMB', { optimizer: { kind: 'lamb', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 } }],
    ['two micro-batches, the first of them bad', { accumulate: 2, averages: true }],
  ] as const)(
    'a skipped step moves no weight, slot, average or running statistic: %s',
    async (_, changes) => {
      const { model, training } = begin(changes);
      const step = async (bad: boolean): Promise<void> => {
        if ('accumulate' in changes)
          await training.accumulate!(bad ? tooLarge() : images(1), labels(1), rate);
        const result = await training.step(
          bad && !('accumulate' in changes) ? tooLarge() : images(2),
          labels(2),
          rate,
        );
        expect(result.skipped).toBe(bad);
      };
      await step(false);
      const before = await stateOf(model, training);
      await step(true);
      expect(await stateOf(model, training)).toEqual(before);
      await step(false);
      const after = await stateOf(model, training);
      expect(after).not.toEqual(before);
      for (const [path, values] of after) expect(values.every(Number.isFinite), path).toBe(true);
      model.dispose();
    },
  );

  it('the optimizer counts the steps that were taken: skipped ones before it leave the next as it would have been', async () => {
    const [plain, delayed] = [
      begin({ lossScale: { initial: 4096 } }),
      begin({ lossScale: { initial: 16384 } }),
    ];
    for (let count = 0; count < 2; count++) await delayed.training.step(tooLarge(), labels(0), rate);
    for (const { training } of [plain, delayed])
      expect((await training.step(images(0), labels(0), rate)).lossScale).toBe(4096);
    expect(await stateOf(delayed.model, delayed.training)).toEqual(
      await stateOf(plain.model, plain.training),
    );
    plain.model.dispose();
    delayed.model.dispose();
  });

  it('readState and readWeights resume it bit for bit, the scale and its counts included', async () => {
    const bad = new Set([1, 5]);
    const run = async (training: Training, from: number, to: number): Promise<unknown[]> => {
      const results: unknown[] = [];
      for (let step = from; step < to; step++)
        results.push(await training.step(bad.has(step) ? tooLarge() : images(step), labels(step), rate));
      return results;
    };
    const changes: Partial<TrainingOptions> = { dropPath: 0.3, lossScale: { initial: 256, growthSteps: 3 } };
    const { model, training } = begin(changes);
    await run(training, 0, 4);
    const [weights, state] = [await model.readWeights(), await training.readState()];
    const straight = await run(training, 4, 9);
    const expected = [await stateOf(model, training), await scaleOf(training)];
    const other = begin(changes);
    await run(other.training, 0, 2); // somewhere else
    other.model.writeWeights(weights);
    other.training.writeState(state);
    expect(await run(other.training, 4, 9)).toEqual(straight);
    expect([await stateOf(other.model, other.training), await scaleOf(other.training)]).toEqual(expected);
    model.dispose();
    other.model.dispose();
  });

  it('saves gradients that float16 cannot hold: of a network that knows its batch, they agree with float32 only where scaled', async () => {
    const { model, training: teacher } = begin({ precision: 'float32', labelSmoothing: 0 });
    for (let step = 0; step < 40; step++) await teacher.step(images(0), labels(0), { learningRate: 1e-2 });
    const known = await model.readWeights();
    // logits further apart: what is left to learn, and with it every gradient, is tiny
    const weights = new Map(
      [...known].map(([path, weight]) => [
        path,
        /^head\/classifier/.test(path)
          ? { ...weight, values: weight.values.map((value) => 2.4 * value) }
          : weight,
      ]),
    );
    teacher.dispose();
    const normAt = async (changes: Partial<TrainingOptions>): Promise<number> => {
      model.writeWeights(weights);
      const training = model.training({ ...options, labelSmoothing: 0, ...changes });
      const { gradientNorm, skipped } = await training.step(images(0), labels(0), { learningRate: 0 });
      training.dispose();
      expect(skipped ?? false).toBe(false);
      return gradientNorm;
    };
    const [full, scaled, unscaled] = [
      await normAt({ precision: 'float32' }),
      await normAt({ lossScale: { initial: 2 ** 15 } }),
      await normAt({ lossScale: { initial: 1 } }),
    ];
    expect(full).toBeLessThan(1e-5);
    expect(Math.abs(scaled / full - 1)).toBeLessThan(0.01);
    expect(Math.abs(unscaled / full - 1)).toBeGreaterThan(0.02);
    model.dispose();
  });

  it('trains as float32 does, within a stated bound, from float32 master weights', async () => {
    const losses = async (precision: 'float32' | 'float16'): Promise<number[]> => {
      const { model, training } = begin({ precision });
      const list: number[] = [];
      for (let step = 0; step < 20; step++)
        list.push((await training.step(images(step % 4), labels(step % 4), { learningRate: 3e-3 })).loss);
      const { values } = [...(await model.readWeights())][0]![1];
      expect(
        values.some(
          (value) => Math.abs(value) > 1e-3 && Math.fround(Math.round(value * 2 ** 12) / 2 ** 12) !== value,
        ),
      ).toBe(true); // finer than 16 bits
      model.dispose();
      return list;
    };
    const [full, half] = [await losses('float32'), await losses('float16')];
    expect(relativeDifference(half, full)).toBeLessThan(0.002);
    expect(half).not.toEqual(full);
  });
});
