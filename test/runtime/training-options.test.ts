/**
 * Every loss against finite differences, every optimizer against its published rule worked out in float64 on
 * the gradients of the same network, and what a step can be asked for beside: accumulation, averages, noise,
 * schedules, mixed labels.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';
import { alphaBars } from '../../src/runtime/diffusion.js';
import type { Model, OptimizerSpec, Runtime, TrainingOptions } from '../../src/runtime/runtime.js';
import { classificationLoss, denoisingLoss, denseLoss } from '../../src/runtime/tfjs/model/task-loss.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { isDecayed } from '../../src/runtime/weight-decay.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, smallNetwork } from './platforms.js';

/** Central differences of `loss` at `at`. */
function differences(loss: (values: Float32Array) => number, at: Float32Array, step = 2e-2): number[] {
  return Array.from(at, (value, index) => {
    const moved = (by: number): number => {
      const values = at.slice();
      values[index] = value + by;
      return loss(values);
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

describe.each(['native', 'cpu'] as const)('losses on %s', (kind) => {
  const skip = kind === 'native' && engineFolder === undefined;
  let platform: Platform;
  beforeAll(async () => {
    if (!skip) platform = await openPlatform(kind);
  });
  const check = (shape: readonly number[], loss: (x: Tensor) => Tensor): void => {
    const { tf } = platform;
    const at = noise(`loss ${shape.join()}`, product(shape));
    const value = (values: Float32Array): number =>
      tf.tidy(() => loss(tf.tensor(values.slice(), [...shape], 'float32')).dataSync()[0]!);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => loss(x as Tensor) as never)(tf.tensor(at.slice(), [...shape], 'float32'))
        .dataSync(),
    );
    expect(relativeDifference(gradient, differences(value, at))).toBeLessThan(5e-3);
  };
  const ints = (values: number[]): Tensor => platform.tf.tensor1d(values, 'int32');
  it.skipIf(skip)('cross-entropy, smoothed, and of mixed labels', () => {
    check(
      [3, 4],
      (x) =>
        classificationLoss(platform, { classes: 4 }, { labelSmoothing: 0 }, x, { labels: ints([0, 3, 1]) })
          .loss,
    );
    check(
      [3, 4],
      (x) =>
        classificationLoss(platform, { classes: 4 }, { labelSmoothing: 0.2 }, x, { labels: ints([0, 3, 1]) })
          .loss,
    );
    check(
      [3, 4],
      (x) =>
        classificationLoss(platform, { classes: 4 }, { labelSmoothing: 0.1 }, x, {
          labels: ints([0, 3, 1]),
          others: ints([1, 3, 0]),
          share: platform.tf.scalar(0.3),
        }).loss,
    );
  });
  it.skipIf(skip)('of pixels, those without a label left out', () => {
    check(
      [2, 2, 2, 3],
      (x) =>
        denseLoss(platform, { classes: 3 }, { labelSmoothing: 0.1 }, x, {
          labels: ints([0, 1, 255, 2, 2, 255, 0, 1]),
        }).loss,
    );
    const { tf } = platform;
    const logits = tf.tensor4d([10, 0, 0, 0, 10, 0], [1, 1, 2, 3]);
    const { loss, correct } = denseLoss(platform, { classes: 3 }, { labelSmoothing: 0 }, logits, {
      labels: ints([0, 255]),
    });
    expect(correct.dataSync()[0]).toBe(1);
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(1 + 2 * Math.exp(-10)), 6);
  });
  it.skipIf(skip)('of noise', () =>
    check(
      [2, 3],
      (x) => denoisingLoss(platform, x, platform.tf.tensor2d([1, -1, 0.5, 2, 0, -2], [2, 3])).loss,
    ),
  );
});

const batch = 4;
const images = (step: number): Float32Array => noise(`images ${step}`, product([batch, 8, 8, 3]));
const labels = (step: number): Int32Array =>
  Int32Array.from({ length: batch }, (_, index) => (index + step) % 5);
const plain: OptimizerSpec = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 };
const options: TrainingOptions = {
  batch,
  execution: 'compiled',
  optimizer: plain,
  labelSmoothing: 0.1,
  clipNorm: 0,
  dropPath: 0,
  seed: 3,
};
type Values = Map<string, Float32Array>;
const trainable = async (model: Model): Promise<Values> =>
  new Map(
    [...(await model.readWeights())]
      .filter(([, { trainable: is }]) => is)
      .map(([path, { values }]) => [path, values]),
  );

describe.skipIf(engineFolder === undefined)('training options', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });

  /** Gradient of the batch of `step` at given weights: what plain descent at rate 1 takes away. */
  async function gradientAt(weights: Values, step: number): Promise<Values> {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const own = await model.readWeights();
    model.writeWeights(
      new Map(
        [...own].map(([path, weight]) => [path, { ...weight, values: weights.get(path) ?? weight.values }]),
      ),
    );
    const training = model.training(options);
    await training.step(images(step), labels(step), { learningRate: 1 });
    const after = await trainable(model);
    model.dispose();
    return new Map(
      [...weights].map(([path, values]) => [path, values.map((value, at) => value - after.get(path)![at]!)]),
    );
  }

  const rate = 0.02;
  type Rule = (
    w: number[],
    g: number[],
    state: Record<string, number[]>,
    t: number,
    decays: boolean,
  ) => number[];
  const moments = (
    g: number[],
    state: Record<string, number[]>,
    t: number,
    b1: number,
    b2: number,
    eps: number,
  ): number[] => {
    const m = (state['m'] ??= g.map(() => 0)),
      v = (state['v'] ??= g.map(() => 0));
    return g.map((x, i) => {
      m[i] = b1 * m[i]! + (1 - b1) * x;
      v[i] = b2 * v[i]! + (1 - b2) * x * x;
      return m[i]! / (1 - b1 ** t) / (Math.sqrt(v[i]! / (1 - b2 ** t)) + eps);
    });
  };
  const norm = (x: number[]): number => Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));
  const rules: readonly (readonly [string, OptimizerSpec, Rule])[] = [
    [
      'AdamW',
      { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
      (w, g, state, t, decays) => {
        const move = moments(g, state, t, 0.9, 0.99, 1e-6);
        return w.map((x, i) => x - rate * (decays ? 0.1 * x : 0) - rate * move[i]!);
      },
    ],
    [
      'LAMB',
      { kind: 'lamb', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
      (w, g, state, t, decays) => {
        const move = moments(g, state, t, 0.9, 0.99, 1e-6).map((x, i) => x + (decays ? 0.1 * w[i]! : 0));
        const trust = decays && norm(w) > 0 && norm(move) > 0 ? norm(w) / norm(move) : 1;
        return w.map((x, i) => x - rate * trust * move[i]!);
      },
    ],
    [
      'SGD with momentum',
      { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0.1 },
      (w, g, state, _, decays) => {
        const m = (state['m'] ??= g.map(() => 0));
        return w.map((x, i) => {
          m[i] = 0.9 * m[i]! + g[i]! + (decays ? 0.1 * x : 0);
          return x - rate * m[i]!;
        });
      },
    ],
    [
      'SGD with Nesterov momentum',
      { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 },
      (w, plain, state, _, decays) => {
        const g = plain.map((slope, i) => slope + (decays ? 0.1 * w[i]! : 0));
        const m = (state['m'] ??= g.map(() => 0));
        return w.map((x, i) => {
          m[i] = 0.9 * m[i]! + g[i]!;
          return x - rate * (g[i]! + 0.9 * m[i]!);
        });
      },
    ],
  ];
  it.each(rules)('%s moves every weight as its rule says, over three steps', async (_, optimizer, rule) => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const shapes = new Map([...(await model.readWeights())].map(([path, { shape }]) => [path, shape]));
    let weights = await trainable(model);
    const training = model.training({ ...options, optimizer });
    const states = new Map<string, Record<string, number[]>>();
    for (let step = 0; step < 3; step++) {
      const gradient = await gradientAt(weights, step);
      await training.step(images(step), labels(step), { learningRate: rate });
      const after = await trainable(model);
      const scale = Math.max(
        ...[...weights].map(([path, values]) =>
          Math.max(...values.map((value, at) => Math.abs(value - after.get(path)![at]!))),
        ),
      );
      for (const [path, values] of weights) {
        const state = states.get(path) ?? {};
        states.set(path, state);
        const wanted = rule(
          [...values],
          [...gradient.get(path)!],
          state,
          step + 1,
          isDecayed(path, shapes.get(path)!),
        );
        const strongest = Math.max(...gradient.get(path)!.map(Math.abs));
        after.get(path)!.forEach((value, at) => {
          // Adam's direction is the gradient's sign where that is rounding noise: such entries say nothing
          if (optimizer.kind === 'sgd' || Math.abs(gradient.get(path)![at]!) > 1e-2 * strongest + 1e-4)
            expect(Math.abs(value - wanted[at]!), `${path} ${at}`).toBeLessThan(0.02 * scale);
        });
      }
      weights = after;
    }
    model.dispose();
  });

  it('decay all reaches norms and biases, and otherwise does not', async () => {
    for (const decay of [undefined, 'all'] as const) {
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const before = await trainable(model);
      const training = model.training({
        ...options,
        optimizer: { ...plain, weightDecay: 0.5 },
        ...(decay && { decay }),
      });
      const gradient = await gradientAt(before, 0);
      await training.step(images(0), labels(0), { learningRate: 1 });
      const gamma = [...before.keys()].find((path) => /gamma/.test(path))!;
      const after = (await trainable(model)).get(gamma)!;
      expect(after[0]! + gradient.get(gamma)![0]!).toBeCloseTo(before.get(gamma)![0]! * (decay ? 0.5 : 1), 4);
      model.dispose();
    }
  });

  it.each(['eager', 'compiled'] as const)(
    'two equal micro-batches make the step of one, %s; the order of calls is held',
    async (execution) => {
      const [once, twice] = [
        runtime.instantiate(smallNetwork, { seed: 7 }),
        runtime.instantiate(smallNetwork, { seed: 7 }),
      ];
      const whole = once.training({ ...options, execution, clipNorm: 1 });
      const parts = twice.training({ ...options, execution, clipNorm: 1, accumulate: 2 });
      for (let step = 0; step < 2; step++) {
        const wanted = await whole.step(images(step), labels(step), { learningRate: 0.1 });
        expect(() => parts.step(images(step), labels(step), { learningRate: 0.1 })).toThrow(
          'a step has 2 micro-batches, got 1',
        );
        await parts.accumulate!(images(step), labels(step), { learningRate: 0.1 });
        expect(() => parts.accumulate!(images(step), labels(step), { learningRate: 0.1 })).toThrow(
          'the last goes to step',
        );
        const result = await parts.step(images(step), labels(step), { learningRate: 0.1 });
        expect(result.gradientNorm).toBeCloseTo(wanted.gradientNorm, 4);
      }
      const after = await trainable(twice);
      for (const [path, values] of await trainable(once))
        expect(relativeDifference(after.get(path)!, values), path).toBeLessThan(1e-4);
      once.dispose();
      twice.dispose();
    },
  );

  it('averages follow weights and running statistics by their rule, and resume with the state', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const training = model.training({ ...options, averages: true });
    const average = new Map(
      [...(await model.readWeights())].map(([path, { values }]) => [path, Float64Array.from(values)]),
    );
    for (const averageDecay of [0.5, 0.9]) {
      await training.step(images(0), labels(0), { learningRate: 0.1, averageDecay });
      for (const [path, { values }] of await model.readWeights())
        average.get(path)!.forEach((old, at, all) => {
          all[at] = averageDecay * old + (1 - averageDecay) * values[at]!;
        });
    }
    const { slots } = await training.readState();
    for (const [path, values] of average)
      expect(relativeDifference(slots.get(`${path}/average`)!.values, values), path).toBeLessThan(1e-5);
    model.dispose();
  });

  it('noise on gradients has the stated deviation, differs by step, and is drawn before clipping', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const training = model.training({ ...options, noisyGradients: true });
    const norms: number[] = [];
    for (let step = 0; step < 3; step++)
      norms.push(
        (await training.step(images(0), labels(0), { learningRate: 0, gradientNoise: 10 })).gradientNorm,
      );
    for (const each of norms) expect(each / (10 * Math.sqrt(model.parameterCount))).toBeCloseTo(1, 1);
    expect(new Set(norms).size).toBe(3);
    const calm = await training.step(images(0), labels(0), { learningRate: 0, gradientNoise: 0 });
    expect(calm.gradientNorm).toBeLessThan(norms[0]! / 10);
    model.dispose();
  });

  it('a drop-path share of 0 drops nothing, and of 1 is the rate itself', async () => {
    const losses = async (changes: Partial<TrainingOptions>, dropPathShare: number): Promise<number> => {
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const { loss } = await model
        .training({ ...options, ...changes })
        .step(images(0), labels(0), { learningRate: 0, dropPathShare });
      model.dispose();
      return loss;
    };
    const none = await losses({}, 1);
    const full = await losses({ dropPath: 0.8 }, 1);
    expect(await losses({ dropPath: 0.8, scheduledDropPath: true }, 0)).toBeCloseTo(none, 5);
    expect(await losses({ dropPath: 0.8, scheduledDropPath: true }, 1)).toBeCloseTo(full, 4);
    expect(full).not.toBeCloseTo(none, 3);
  });

  it('mixed labels weigh the loss by their share, and must be given', async () => {
    const loss = async (mixed: { labels: Int32Array; share: number }): Promise<number> => {
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const result = await model
        .training({ ...options, labelSmoothing: 0, mixesLabels: true })
        .step(images(0), labels(0), { learningRate: 0, mixed });
      model.dispose();
      return result.loss;
    };
    const [own, other, half] = [
      await loss({ labels: labels(1), share: 1 }),
      await loss({ labels: labels(1), share: 0 }),
      await loss({ labels: labels(1), share: 0.25 }),
    ];
    expect(half).toBeCloseTo(0.25 * own + 0.75 * other, 4);
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    expect(() =>
      model.training({ ...options, mixesLabels: true }).step(images(0), labels(0), { learningRate: 0 }),
    ).toThrow('this training mixes labels, got none');
    model.dispose();
  });

  it('a denoising step tells noise better than nothing after some steps, and draws anew at each', async () => {
    const part = (
      definition: { name: string; params: Readonly<Record<string, { default?: unknown }>> },
      params = {},
    ) => ({
      type: definition.name,
      params: {
        ...Object.fromEntries(Object.entries(definition.params).map(([key, spec]) => [key, spec.default])),
        ...params,
      } as Architecture['head']['params'],
    });
    const unet: Architecture = {
      input: { height: 8, width: 8, channels: 3 },
      classes: 5,
      stem: { ...part(stems.denoise, { labels: 5, 'token-width': 16 }), width: 8 },
      stages: [
        {
          width: 8,
          downsample: null,
          firstStride: 1,
          blocks: [{ letter: 'C', ...part(blocks['unet-conv']) }],
        },
        {
          width: 16,
          downsample: part(downsamples.conv, { norm: 'none', bias: true }),
          firstStride: 1,
          blocks: [{ letter: 'T', ...part(blocks['unet-transformer'], { 'head-dim': 8 }) }],
        },
        {
          width: 8,
          downsample: part(downsamples.up, { from: 1 }),
          firstStride: 1,
          blocks: [{ letter: 'C', ...part(blocks['unet-conv']) }],
        },
      ],
      head: part(heads['to-image']),
    };
    const model = runtime.instantiate(unet, { seed: 7 });
    const training = model.training({
      ...options,
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
    });
    const losses: number[] = [];
    for (let step = 0; step < 150; step++)
      losses.push((await training.step(images(step % 3), labels(step), { learningRate: 5e-3 })).loss);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    expect(new Set(losses.slice(0, 5)).size).toBe(5);
    expect(mean(losses.slice(-30))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    const shares = Float32Array.from({ length: batch * 5 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    const told = async (execution: 'eager' | 'compiled'): Promise<Float32Array> =>
      model.inference({ batch, execution }).denoise!(images(0), Float32Array.of(0, 300, 700, 999), shares);
    expect(relativeDifference(await told('compiled'), await told('eager'))).toBeLessThan(1e-3);
    model.dispose();
  });
});

describe('alphaBars', () => {
  it('begin at 1 - 0.00085, fall, and end near nothing', () => {
    expect(alphaBars[0]).toBeCloseTo(1 - 0.00085, 7);
    for (let t = 1; t < 1000; t++) expect(alphaBars[t]!).toBeLessThan(alphaBars[t - 1]!);
    expect(alphaBars[999]).toBeGreaterThan(0.003);
    expect(alphaBars[999]).toBeLessThan(0.006);
  });
});
