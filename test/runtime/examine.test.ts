/**
 * What `Model.examine` says of a real network, against the training step and finite differences; on the
 * runtime at hand.
 */
import { describe, expect, it } from 'vitest';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import { zeroCostMeasures } from '../../src/train/zero-cost/zero-cost-table.js';
import { seededRandom } from '../../src/util/random.js';
import { smallNetwork } from '../fixtures/small-network.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const architecture = smallNetwork({ layout: 'C-CT', widths: [8, 16] });
const batch = 6;
const random = seededRandom('examined');
const images = Float32Array.from({ length: batch * 64 }, () => random.normal());
const labels = Int32Array.from({ length: batch }, (_, index) => index % 4);
const norm = (values: Iterable<number>): number =>
  Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));

describe(`examine on ${runtime.id}`, () => {
  it('has the loss and the gradient of a training step, and moves nothing', async () => {
    const model = runtime.instantiate(architecture, { seed: 1 });
    const before = await model.readWeights();
    const { value, weightGradients } = await model.examine({
      images,
      labels,
      of: 'cross-entropy',
      wants: ['weight-gradients'],
    });
    expect([...(await model.readWeights())].map(([, { values }]) => values)).toEqual(
      [...before].map(([, { values }]) => values),
    );
    const training = model.training({
      batch,
      execution: 'eager',
      optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
      labelSmoothing: 0,
      clipNorm: 0,
      dropPath: 0,
      seed: 1,
    });
    const step = await training.step(images, labels, { learningRate: 0 });
    expect(value).toBeCloseTo(step.loss, 5);
    expect(
      norm([...weightGradients!].flatMap(([, { values }]) => [...values])) / step.gradientNorm,
    ).toBeCloseTo(1, 4);
    training.dispose();
    model.dispose();
  });

  it('gradients of images agree with finite differences', async () => {
    const model = runtime.instantiate(architecture, { seed: 1 });
    const { imageGradients } = await model.examine({
      images,
      of: 'sum',
      wants: ['image-gradients'],
      batchStatistics: false,
    });
    const direction = Float32Array.from({ length: images.length }, () => random.normal());
    const along = async (by: number): Promise<number> =>
      (
        await model.examine({
          images: images.map((value, index) => value + by * direction[index]!),
          of: 'sum',
          wants: [],
          batchStatistics: false,
        })
      ).value;
    const slope = imageGradients!.reduce((sum, value, index) => sum + value * direction[index]!, 0);
    expect(((await along(1e-2)) - (await along(-1e-2))) / 2e-2 / slope).toBeCloseTo(1, 1);
    model.dispose();
  });

  it('the gradient of a linear output, summed over the batch, is its bias’s', async () => {
    const model = runtime.instantiate(architecture, { seed: 1 });
    const { linearOutputs, weightGradients } = await model.examine({
      images,
      labels,
      of: 'cross-entropy',
      wants: ['linear-outputs', 'weight-gradients'],
    });
    const last = linearOutputs!.at(-1)!; // the classifier
    expect(last.shape).toEqual([batch, 4]);
    const sums = [0, 1, 2, 3].map((unit) =>
      last.gradient!.filter((_, index) => index % 4 === unit).reduce((sum, value) => sum + value, 0),
    );
    const bias = [...weightGradients!].find(
      ([path, { shape }]) => path.startsWith('head') && path.endsWith('bias') && shape[0] === 4,
    )![1].values;
    sums.forEach((value, unit) => expect(value).toBeCloseTo(bias[unit]!, 5));
    model.dispose();
  });

  it('every measure gives a finite number, the same for the same seed', async () => {
    for (const [name, measure] of Object.entries(zeroCostMeasures)) {
      const scores: number[] = [];
      for (let time = 0; time < 2; time++) {
        const model = runtime.instantiate(architecture, { seed: 1 });
        scores.push(
          await measure.score({
            architecture,
            model,
            weights: await model.readWeights(),
            images,
            labels,
            batch,
            random: seededRandom(3),
          }),
        );
        model.dispose();
      }
      expect(Number.isFinite(scores[0]), `${name} ${scores[0]}`).toBe(true);
      expect(scores[1]! / scores[0]!, name).toBeCloseTo(1, 4);
    }
  });
});
