/** Training and examination through the worker: against TensorFlow, and one process against two ranks. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { openPytorch } from '../../../src/runtime/pytorch/open-pytorch.js';
import type { PytorchRuntime } from '../../../src/runtime/pytorch/pytorch-runtime.js';
import type {
  ExamineRequest,
  Model,
  OptimizerSpec,
  Runtime,
  StepResult,
  TrainingOptions,
} from '../../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { testPython } from '../../export/python.js';
import { unet } from '../../fixtures/decoder-networks.js';
import { engineFolder, noise, openPlatform, smallNetwork } from '../platforms.js';

const adamw: OptimizerSpec = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const batch = 4;
const plain: TrainingOptions = {
  batch,
  execution: 'eager',
  optimizer: adamw,
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0,
  seed: 1,
};
const imagesOf = ({ input }: Architecture, seed: string, count = batch): Float32Array =>
  noise(seed, count * input.height * input.width * input.channels);
const labelsOf = ({ classes }: Architecture, count = batch): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => (index * 2) % classes);

async function steps(model: Model, options: TrainingOptions, count: number): Promise<StepResult[]> {
  const training = model.training(options);
  const parts = options.accumulate ?? 1;
  const results: StepResult[] = [];
  for (let step = 0; step < count; step++)
    for (let part = 0; part < parts; part++) {
      const images = imagesOf(model.architecture, `${step} ${part}`, options.batch);
      const labels = labelsOf(model.architecture, options.batch);
      const settings = { learningRate: 3e-3, averageDecay: 0.5 };
      if (part < parts - 1) await training.accumulate!(images, labels, settings);
      else results.push(await training.step(images, labels, settings));
    }
  training.dispose();
  return results;
}

const parentOf = (pid: string): string | undefined =>
  /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

const largestDifference = (a: Float32Array, b: Float32Array): number => {
  const scale = Math.max(1e-3, ...a.map(Math.abs));
  return Math.max(...a.map((value, index) => Math.abs(value - b[index]!))) / scale;
};

describe.skipIf(!testPython)('training through the PyTorch worker', () => {
  let runtime: PytorchRuntime;
  let tensorflow: Runtime | undefined;
  beforeAll(async () => {
    runtime = openPytorch(1, { python: testPython! });
    if (engineFolder) tensorflow = new TfjsRuntime(await openPlatform('plain'), 2, 'test');
  });
  afterAll(() => runtime.python.close());

  it('has TensorFlow’s losses, norms and final weights from the same seed', async ({ skip }) => {
    if (!tensorflow) return skip();
    const [own, other] = [runtime, tensorflow].map((each) => each.instantiate(smallNetwork, { seed: 5 }));
    const found = await steps(own!, plain, 10);
    const expected = await steps(other!, plain, 10);
    found.forEach(({ loss, gradientNorm, correct }, step) => {
      expect(loss).toBeCloseTo(expected[step]!.loss, 4);
      expect(gradientNorm).toBeCloseTo(expected[step]!.gradientNorm, 3);
      expect(correct).toBe(expected[step]!.correct);
    });
    const [a, b] = [await own!.readWeights(), await other!.readWeights()];
    for (const [path, { values }] of a)
      expect(largestDifference(values, b.get(path)!.values), path).toBeLessThan(1e-2);
    own!.dispose();
    other!.dispose();
  });

  it('reads and writes the state by the lab’s paths: the rest of a training repeats bit for bit', async () => {
    const options: TrainingOptions = { ...plain, dropPath: 0.3, averages: true, noisyGradients: true };
    const first = runtime.instantiate(smallNetwork, { seed: 1 });
    const training = first.training(options);
    const images = imagesOf(smallNetwork, 'state');
    const labels = labelsOf(smallNetwork);
    const settings = { learningRate: 1e-3, averageDecay: 0.9, gradientNoise: 0.01 };
    await training.step(images, labels, settings);
    const [weights, state] = [await first.readWeights(), await training.readState()];
    expect(state.slots.has('stage1/block1/expand/filter/first-moment')).toBe(true);
    const expected = [
      await training.step(images, labels, settings),
      await training.step(images, labels, settings),
    ];
    const second = runtime.instantiate(smallNetwork, { seed: 2 });
    second.writeWeights(weights);
    const resumed = second.training(options);
    resumed.writeState(state);
    expect([
      await resumed.step(images, labels, settings),
      await resumed.step(images, labels, settings),
    ]).toEqual(expected);
    expect(await second.readWeights()).toEqual(await first.readWeights());
    expect((await resumed.readState()).slots).toEqual((await training.readState()).slots);
    for (const each of [training, resumed, first, second]) each.dispose();
  });

  it('trains a denoising network whose loss falls', async () => {
    const model = runtime.instantiate(unet(), { seed: 1 });
    const training = model.training({ ...plain, batch: 8, labelSmoothing: 0 });
    const images = imagesOf(model.architecture, 'denoise', 8);
    const losses: number[] = [];
    for (let step = 0; step < 40; step++)
      losses.push(
        (await training.step(images, labelsOf(model.architecture, 8), { learningRate: 5e-3 })).loss,
      );
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.9 * mean(losses.slice(0, 10)));
    model.dispose();
  });

  it('says which batch does not fit, and that one training runs at a time', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 1 });
    const training = model.training(plain);
    expect(() => model.training(plain)).toThrow('a model has one training at a time');
    await expect(
      training.step(new Float32Array(3), labelsOf(smallNetwork), { learningRate: 1 }),
    ).rejects.toThrow('images must fill [4,8,8,3]');
    await expect(
      training.accumulate!(imagesOf(smallNetwork, ''), labelsOf(smallNetwork), { learningRate: 1 }),
    ).rejects.toThrow('the last goes to step');
    training.dispose();
    model.training(plain).dispose();
    model.dispose();
  });

  it.each(['cross-entropy', 'sum'] as const)('examines %s as TensorFlow does', async (of) => {
    if (!tensorflow) return;
    const request: ExamineRequest = {
      images: imagesOf(smallNetwork, 'examine'),
      labels: labelsOf(smallNetwork),
      of,
      wants: ['weight-gradients', 'image-gradients'],
    };
    const [own, other] = [runtime, tensorflow].map((each) => each.instantiate(smallNetwork, { seed: 5 }));
    const before = await own!.readWeights();
    const [found, expected] = [await own!.examine(request), await other!.examine(request)];
    expect(found.value).toBeCloseTo(expected.value, 4);
    expect([...found.weightGradients!.keys()].sort()).toEqual([...expected.weightGradients!.keys()].sort());
    const largest = Math.max(
      ...[...expected.weightGradients!.values()].flatMap(({ values }) => [...values.map(Math.abs)]),
    );
    for (const [path, { values, shape }] of expected.weightGradients!) {
      const gradient = found.weightGradients!.get(path)!;
      expect(gradient.shape).toEqual(shape);
      const worst = Math.max(...values.map((value, at) => Math.abs(value - gradient.values[at]!)));
      expect(worst / largest, path).toBeLessThan(1e-4);
    }
    expect(largestDifference(expected.imageGradients!, found.imageGradients!)).toBeLessThan(1e-3);
    expect(await own!.readWeights()).toEqual(before);
    own!.dispose();
    other!.dispose();
  });

  it('refuses examinations that need tfjs’s ops', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 5 });
    const images = imagesOf(smallNetwork, 'examine');
    await expect(model.examine({ images, of: 'sum', wants: ['nonlinearities'] })).rejects.toThrow(
      'got a request for nonlinearities',
    );
    await expect(
      model.examine({ images, of: 'sum', wants: ['weight-gradients'], linearised: true }),
    ).rejects.toThrow('got a request for a linearised network');
    model.dispose();
  });

  it.skipIf(process.platform !== 'linux')(
    'names the rank that died',
    async () => {
      const ranks = openPytorch(1, { python: testPython!, ranks: 2 });
      try {
        const model = ranks.instantiate(smallNetwork, { seed: 5 });
        const isSecond = (pid: string): boolean => {
          try {
            return (
              readFileSync(`/proc/${pid}/environ`, 'latin1')
                .split('\0')
                .some((entry) => entry === 'RANK=1') && parentOf(pid) === parentOf(String(ranks.python.pid))
            );
          } catch {
            return false; // ended meanwhile
          }
        };
        const second = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isSecond(name));
        expect(second).toHaveLength(1);
        process.kill(Number(second[0]), 'SIGKILL');
        await sleep(500);
        await expect(
          (async () => {
            for (let tries = 0; tries < 20; tries++) await model.readWeights().then(() => sleep(500));
          })(),
        ).rejects.toThrow('runtime pytorch: rank 1 was ended by SIGKILL; the other ranks were ended');
      } finally {
        ranks.python.close();
      }
    },
    120_000,
  );

  it('two ranks train as one process does', async () => {
    const ranks = openPytorch(1, { python: testPython!, ranks: 2 });
    try {
      expect(ranks.deviceKey('eager').ranks).toBe(2);
      expect(runtime.deviceKey('eager').ranks).toBeUndefined();
      for (const options of [plain, { ...plain, accumulate: 2, averages: true }]) {
        const [one, two] = [runtime, ranks].map((each) => each.instantiate(smallNetwork, { seed: 5 }));
        const [expected, found] = [await steps(one!, options, 6), await steps(two!, options, 6)];
        found.forEach(({ loss, gradientNorm, correct }, step) => {
          expect(loss).toBeCloseTo(expected[step]!.loss, 4);
          expect(gradientNorm).toBeCloseTo(expected[step]!.gradientNorm, 3);
          expect(correct).toBe(expected[step]!.correct);
        });
        const [a, b] = [await one!.readWeights(), await two!.readWeights()];
        for (const [path, { values }] of a)
          expect(largestDifference(values, b.get(path)!.values), path).toBeLessThan(1e-2);
        one!.dispose();
        two!.dispose();
      }
    } finally {
      ranks.python.close();
    }
  });
});
