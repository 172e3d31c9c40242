/** Guidance by centred kernel alignment: values, gradients against finite differences, compiled against eager. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import type { Model, Runtime, TrainingOptions } from '../../src/runtime/runtime.js';
import { guidanceLoss, linearCka } from '../../src/runtime/tfjs/model/guidance-loss.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { engineFolder, noise, openPlatform, product, relativeDifference, smallNetwork } from './platforms.js';

describe.each(['native', 'cpu'] as const)('linearCka on %s', (kind) => {
  const skip = kind === 'native' && engineFolder === undefined;
  let platform: Platform;
  beforeAll(async () => {
    if (!skip) platform = await openPlatform(kind);
  });
  const matrix = (values: ArrayLike<number>, rows: number): Tensor =>
    platform.tf.tensor2d(Float32Array.from(values), [rows, values.length / rows]);
  const cka = (x: ArrayLike<number>, y: ArrayLike<number>, rows: number): number =>
    linearCka(platform.tf, matrix(x, rows), matrix(y, rows)).dataSync()[0]!;

  it.skipIf(skip)('of one channel each is the squared correlation', () => {
    expect(cka([1, 2, 3], [1, 4, 9], 3)).toBeCloseTo(64 / (2 * (294 / 9)), 5);
  });

  it.skipIf(skip)('is 1 for a scaled and shifted copy, and 0 for uncorrelated channels', () => {
    const x = noise('cka', 12);
    expect(
      cka(
        x,
        x.map((value) => 3 - 7 * value),
        4,
      ),
    ).toBeCloseTo(1, 5);
    expect(cka([1, 1, -1, -1], [1, -1, 1, -1], 4)).toBeCloseTo(0, 6);
  });

  it.skipIf(skip)('has the gradient of its finite differences', () => {
    const { tf } = platform;
    const guide = [matrix(noise('guide 1', 18), 6), matrix(noise('guide 2', 12), 6)];
    const shape: [number, number] = [6, 4];
    const loss = (x: Tensor): Tensor => guidanceLoss(tf, [x, tf.square(x)], guide, 2);
    const at = noise('own', 24);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => loss(x as Tensor) as never)(tf.tensor2d(at.slice(), shape))
        .dataSync(),
    );
    const value = (values: Float32Array): number => loss(tf.tensor2d(values, shape)).dataSync()[0]!;
    const expected = Array.from(at, (_, index) => {
      const moved = (by: number): number =>
        value(at.map((each, other) => (other === index ? each + by : each)));
      return (moved(1e-2) - moved(-1e-2)) / 2e-2;
    });
    expect(relativeDifference(gradient, expected)).toBeLessThan(5e-3);
  });
});

const batch = 6;
const images = noise('images', product([batch, 8, 8, 3]));
const labels = Int32Array.from({ length: batch }, (_, index) => index % 5);
const options: TrainingOptions = {
  batch,
  execution: 'eager',
  optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
  labelSmoothing: 0,
  clipNorm: 0,
  dropPath: 0,
  seed: 3,
};
/** A guide of one stage more, of other widths. */
const guideNetwork: Architecture = {
  ...smallNetwork,
  stages: [
    ...smallNetwork.stages.slice(0, 1),
    smallNetwork.stages[1]!,
    { ...smallNetwork.stages[1]!, width: 24 },
  ],
};

describe.skipIf(engineFolder === undefined)('training with guidance', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });
  const open = (): { model: Model; guide: Model } => ({
    model: runtime.instantiate(smallNetwork, { seed: 7 }),
    guide: runtime.instantiate(guideNetwork, { seed: 8 }),
  });

  it('the step follows the gradient of task and alignment, by finite differences of its loss', async () => {
    const { model, guide } = open();
    const before = await model.readWeights();
    const path = [...before.keys()].find((key) => /stage1.*filter$/.test(key))!;
    const training = model.training({ ...options, guidance: { guide, weight: 3 } });
    await training.step(images, labels, { learningRate: 1 });
    const after = await model.readWeights();
    const start = before.get(path)!;
    const gradient = start.values.map((value, index) => value - after.get(path)!.values[index]!);
    const lossAt = async (values: Float32Array): Promise<number> => {
      model.writeWeights(new Map([...before, [path, { ...start, values }]]));
      return (await training.step(images, labels, { learningRate: 0 })).loss;
    };
    const length = Math.hypot(...gradient);
    const along = async (by: number): Promise<number> =>
      lossAt(start.values.map((value, index) => value + (by * gradient[index]!) / length));
    const slope = ((await along(1e-2)) - (await along(-1e-2))) / 2e-2;
    expect(Math.abs(slope / length - 1)).toBeLessThan(0.02);
    model.dispose();
    guide.dispose();
  });

  it('compiled steps equal eager ones; the alignment rises, and the guide stays as it is', async () => {
    const losses = async (execution: 'eager' | 'compiled', weight: number): Promise<number[]> => {
      const { model, guide } = open();
      const before = await guide.readWeights();
      const training = model.training({
        ...options,
        execution,
        ...(weight > 0 && { guidance: { guide, weight } }),
      });
      const found: number[] = [];
      for (let step = 0; step < 8; step++)
        found.push((await training.step(images, labels, { learningRate: 0.05 })).loss);
      training.dispose();
      expect(await guide.readWeights()).toEqual(before);
      model.dispose();
      guide.dispose();
      return found;
    };
    const [eager, compiled] = [await losses('eager', 20), await losses('compiled', 20)];
    expect(relativeDifference(compiled, eager)).toBeLessThan(1e-4);
    // the first step's loss is the task's and 20 times the misalignment, which 8 steps reduce
    const [plain] = await losses('eager', 0);
    expect(eager[0]! - plain!).toBeGreaterThan(0);
    expect(eager[0]! - plain!).toBeLessThan(20);
    expect(eager.at(-1)!).toBeLessThan(eager[0]! - 0.5);
  });
});
