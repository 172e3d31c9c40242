/** The loop on a model without an engine: what it feeds, counts, scores and keeps. */
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import type { Model } from '../../../src/runtime/runtime.js';
import {
  argMax,
  crossEntropy,
  evaluateSet,
  meanIou,
  rankOf,
} from '../../../src/train/evaluate/evaluate-set.js';
import type { Checkpoint } from '../../../src/train/loop/checkpoint.js';
import type { LoopOptions, LoopState, StepProgress } from '../../../src/train/loop/loop-options.js';
import { trainLoop } from '../../../src/train/loop/train-loop.js';
import { graphSeed, weightSeed } from '../../../src/train/loop/training-options.js';
import { completeRecipe } from '../../../src/train/recipe/recipe-table.js';
// @ts-expect-error a script of the children under test, without types
import { fakeModel } from '../../runtime/child/fake-training.mjs';
import { quarters, quartersDataset } from '../small-data.js';

const dataset = quartersDataset(quarters(64, 6, 1, 1), quarters(37, 6, 1, 2));
const architecture = { input: { height: 6, width: 6, channels: 1 }, classes: 4 } as Architecture;
const recipe = completeRecipe('sgd', { epochs: 6, batch: 16, 'learning-rate': 0.1, 'label-smoothing': 0 });
let ticks = 0;
const options = (more: Partial<LoopOptions> = {}): LoopOptions => ({
  model: fakeModel(architecture, { seed: weightSeed(5) }) as Model,
  dataset,
  recipe,
  execution: 'compiled',
  seed: 5,
  now: () => ticks++,
  pause: async () => {},
  ...more,
});
const curve = (
  rows: readonly {
    trainLoss: number;
    trainTop1?: number;
    validationLoss: number;
    validationTop1?: number;
    learningRate: number;
    gradientNorm: number;
  }[],
): number[][] =>
  rows.map((row) => [
    row.trainLoss,
    row.trainTop1!,
    row.validationLoss,
    row.validationTop1!,
    row.learningRate,
    row.gradientNorm,
  ]);

describe('trainLoop', () => {
  it('learns, with one row an epoch and progress on every step', async () => {
    const steps: StepProgress[] = [];
    const end = await trainLoop(options({ onStep: (progress) => steps.push(progress) }));
    expect(end.diverged).toBeUndefined();
    expect(end.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(end.steps).toBe(24);
    expect(end.epochs.at(-1)!.validationTop1).toBeGreaterThan(0.8);
    expect(end.epochs.at(-1)!.trainLoss).toBeLessThan(end.epochs[0]!.trainLoss);
    expect(end.epochs.at(-1)!.learningRate).toBe(recipe.finalLearningRate);
    expect(steps).toHaveLength(24);
    expect(steps.at(-1)!.secondsLeft).toBeGreaterThanOrEqual(0);
    expect(end.firstStepMs).toBeGreaterThan(0);
  });

  it('leaves steps that a scaled loss skipped out of every mean, and ends when none but those come', async () => {
    const skipping = (skips: (step: number) => boolean): Model => {
      const model = fakeModel(architecture, { seed: weightSeed(5) }) as Model;
      return {
        ...model,
        training: (given) => {
          const training = model.training(given);
          let count = 0;
          return {
            ...training,
            step: async (...of) =>
              skips(++count)
                ? { loss: NaN, correct: 0, gradientNorm: Infinity, skipped: true, lossScale: 1 }
                : { ...(await training.step(...of)), skipped: false, lossScale: 2 },
          };
        },
      };
    };
    const some = await trainLoop(options({ model: skipping((step) => step % 4 === 1) }));
    expect(some.diverged).toBeUndefined();
    expect(some.steps).toBe(24);
    for (const { trainLoss, trainTop1, gradientNorm, skippedSteps } of some.epochs) {
      expect([trainLoss, trainTop1, gradientNorm].every(Number.isFinite)).toBe(true);
      expect(skippedSteps).toBe(1);
    }
    const none = await trainLoop(options({ model: skipping(() => true), recipe: { ...recipe, epochs: 20 } }));
    expect(none.diverged).toBe(
      'step 50: the gradient must be finite at some loss scale within 50 steps, got none down to a scale of 1',
    );
  });

  it('is the same curve for the same seed and another for another', async () => {
    const [a, b] = [await trainLoop(options()), await trainLoop(options())];
    expect(curve(a.epochs)).toEqual(curve(b.epochs));
    const c = await trainLoop(options({ seed: 6 }));
    expect(curve(c.epochs)).not.toEqual(curve(a.epochs));
  });

  it('goes on from any epoch as if it had not stopped', async () => {
    const states: Omit<Checkpoint, 'request'>[] = [];
    const whole = await trainLoop(options({ onEpoch: (_, state) => states.push(state) }));
    for (const from of [states[0]!, states[3]!, states[5]!]) {
      const resumed = await trainLoop(options({ resumeFrom: from }));
      expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
      expect(resumed.steps).toBe(24);
      expect(resumed.seconds).toBeGreaterThan(from.seconds);
    }
  });

  it('goes on from any step within an epoch as if it had not stopped', async () => {
    const states: LoopState[] = [];
    const seen: LoopOptions = options({ onState: { everyMs: 0, keep: (state) => states.push(state) } });
    const whole = await trainLoop(seen);
    expect(states.length).toBe(18); // three of each epoch's four steps
    for (const from of [states[0]!, states[7]!, states[17]!]) {
      const resumed = await trainLoop(options({ resumeFrom: from }));
      expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
      expect(resumed.score).toEqual(whole.score);
      expect([...resumed.weights!]).toEqual([...whole.weights!]);
    }
  });

  it('keeps the order of the data for one order seed, whatever the seed', async () => {
    const firstLabels = async (seed: number): Promise<number[]> => {
      const seen: number[] = [];
      const model = fakeModel(architecture, { seed: 1 }) as Model;
      await trainLoop(
        options({
          seed,
          recipe: { ...recipe, epochs: 1, fixedSeeds: { order: 4 } },
          model: {
            ...model,
            training: (spec) => {
              const inner = model.training(spec);
              return {
                ...inner,
                step: (images, labels, settings) => {
                  seen.push(...labels);
                  return inner.step(images, labels, settings);
                },
              };
            },
          },
        }),
      );
      return seen;
    };
    expect(await firstLabels(1)).toEqual(await firstLabels(2));
  });

  it('ends early where the loss is no number, naming the step', async () => {
    const model = fakeModel(architecture, { seed: 1 }) as Model;
    const broken: Model = {
      ...model,
      training: (spec) => {
        const inner = model.training(spec);
        let step = 0;
        return {
          ...inner,
          step: async (...given) => {
            const result = await inner.step(...given);
            return ++step === 10 ? { ...result, loss: NaN } : result;
          },
        };
      },
    };
    const end = await trainLoop(options({ model: broken }));
    expect(end.diverged).toBe('step 10: loss must be finite, got NaN');
    expect(end.epochs).toHaveLength(2);
  });

  it('draws weights and in-graph randomness from streams of their own', () => {
    expect(new Set([weightSeed(1), weightSeed(2), graphSeed(1), graphSeed(2)]).size).toBe(4);
  });
});

describe('scoreOn', () => {
  it('pads the last batch and does not count the padding', async () => {
    const model = fakeModel(architecture, { seed: 3 }) as Model;
    const scores = [];
    for (const batch of [1, 16, 37, 50])
      scores.push(
        await evaluateSet(
          model.inference({ batch, execution: 'eager' }),
          dataset.validation,
          dataset,
          batch,
          async () => {},
        ),
      );
    for (const score of scores) {
      expect(score.count).toBe(37);
      expect(score.top1).toBe(scores[0]!.top1);
      expect(score.loss).toBeCloseTo(scores[0]!.loss, 6);
    }
  });
});

describe('rankOf, meanIou', () => {
  it('are the worked cases, ties in order of index', () => {
    expect([0, 1, 2, 3].map((at) => rankOf(Float32Array.of(1, 5, 5, 2), at))).toEqual([3, 0, 1, 2]);
    expect(
      meanIou([
        [3, 1],
        [1, 5],
      ]),
    ).toBeCloseTo((3 / 5 + 5 / 7) / 2, 12);
    expect(
      meanIou([
        [4, 0, 0],
        [0, 0, 0],
        [0, 0, 4],
      ]),
    ).toBe(1); // a class that never occurs does not count
  });
});

describe('crossEntropy, argMax', () => {
  it('are the worked case, also for logits that would overflow', () => {
    expect(crossEntropy(Float32Array.from([0, Math.log(3)]), 1)).toBeCloseTo(-Math.log(0.75), 6);
    expect(crossEntropy(Float32Array.from([1000, 0]), 1)).toBeCloseTo(1000, 3);
    expect(argMax(Float32Array.from([1, 5, 5, 2]))).toBe(1);
  });
});
