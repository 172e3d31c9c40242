import { describe, expect, it } from 'vitest';
import { DivergenceMonitor } from '../../../src/train/loop/divergence-monitor.js';
import { learningRateAt } from '../../../src/train/loop/learning-rate.js';
import { completeRecipe, recipes } from '../../../src/train/recipe/recipe-table.js';
import { paramProblem } from '../../../src/util/params.js';

describe('completeRecipe', () => {
  it('fills in defaults and keeps what is given', () => {
    expect(completeRecipe('adamw', { epochs: 4, batch: 32, 'learning-rate': 0.002 })).toEqual({
      epochs: 4,
      batch: 32,
      learningRate: 0.002,
      finalLearningRate: 1e-5,
      warmupFraction: 0.1,
      labelSmoothing: 0.1,
      clipNorm: 1,
      dropPath: 0,
      flip: false,
      crop: 0,
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
    });
    expect(completeRecipe('sgd', {})).toMatchObject({
      learningRate: 0.1,
      optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    });
  });
  it('keeps what is on beyond the basics, and nothing of what is off', () => {
    expect(
      completeRecipe('adamw', {
        mixup: 0.2,
        randaugment: 2,
        magnitude: 15,
        accumulate: 4,
        batch: 64,
        ema: 0.99,
        'drop-path-schedule': 'linear',
        decay: 'all',
        'order-seed': 0,
      }),
    ).toMatchObject({
      mixup: 0.2,
      randaugment: { operations: 2, magnitude: 15 },
      accumulate: 4,
      ema: 0.99,
      dropPathSchedule: 'linear',
      decay: 'all',
      fixedSeeds: { order: 0 },
    });
    expect(Object.keys(completeRecipe('adamw', {})).sort()).toEqual([
      'batch',
      'clipNorm',
      'crop',
      'dropPath',
      'epochs',
      'finalLearningRate',
      'flip',
      'labelSmoothing',
      'learningRate',
      'optimizer',
      'warmupFraction',
    ]);
    expect(() => completeRecipe('adamw', { batch: 32, accumulate: 5 })).toThrow(
      'train: accumulate must divide batch (32), got 5',
    );
  });
  it('a final rate above a small peak is lowered to it', () => {
    expect(completeRecipe('adamw', { 'learning-rate': 1e-6 }).finalLearningRate).toBe(1e-6);
  });
  it.each(Object.entries(recipes))(
    '%s: every default is allowed by its own table',
    (name, { params, doc }) => {
      expect(doc.length).toBeGreaterThan(10);
      for (const [key, spec] of Object.entries(params))
        expect(paramProblem(key, spec, spec.default!)).toBeUndefined();
      expect(completeRecipe(name, {}).epochs).toBeGreaterThan(0);
    },
  );
  it('says what is wrong and what there is', () => {
    expect(() => completeRecipe('adam', {})).toThrow(
      'train: recipe must be one of adamw, sgd, lamb, smoke, cifar-proxy, imagenet-300, imagenet-21k, fastervit, got "adam"',
    );
    expect(() => completeRecipe('adamw', { lr: 1 })).toThrow('adamw: parameter must be one of epochs');
    expect(() => completeRecipe('adamw', { epochs: 0 })).toThrow(
      'adamw: epochs must lie in 1..100000, got 0',
    );
  });
});

describe('learningRateAt', () => {
  const options = { learningRate: 1, finalLearningRate: 0.1, warmupFraction: 0.2 };
  it('is the golden list of a ten-step training', () => {
    const rates = Array.from({ length: 10 }, (_, step) =>
      Number(learningRateAt(step, 10, options).toFixed(6)),
    );
    expect(rates).toEqual([0.5, 1, 1, 0.955436, 0.83057, 0.650134, 0.449866, 0.26943, 0.144564, 0.1]);
  });
  it('never is 0 in warm-up, ends at the final rate, and knows trainings of one step', () => {
    expect(learningRateAt(0, 1000, { ...options, warmupFraction: 0.1 })).toBeCloseTo(0.01);
    expect(learningRateAt(999, 1000, options)).toBeCloseTo(0.1);
    expect(learningRateAt(0, 1, { ...options, warmupFraction: 0 })).toBe(1);
    expect(learningRateAt(0, 1, { ...options, warmupFraction: 1 })).toBe(1);
  });
});

describe('DivergenceWatch', () => {
  const fine = { loss: 2, gradientNorm: 1 };
  it('stops at once on a number that is none, with the step', () => {
    expect(new DivergenceMonitor(10).problem(7, { loss: NaN, gradientNorm: 1 })).toBe(
      'step 7: loss must be finite, got NaN',
    );
    expect(new DivergenceMonitor(10).problem(8, { loss: 1, gradientNorm: Infinity })).toBe(
      'step 8: gradient norm must be finite, got Infinity',
    );
  });
  it('forgives a bad batch and stops when the loss stays hopeless', () => {
    const watch = new DivergenceMonitor(10);
    for (let step = 1; step < 50; step++)
      expect(watch.problem(step, { loss: 100, gradientNorm: 1 })).toBeUndefined();
    expect(watch.problem(50, fine)).toBeUndefined();
    for (let step = 51; step < 100; step++)
      expect(watch.problem(step, { loss: 100, gradientNorm: 1 })).toBeUndefined();
    expect(watch.problem(100, { loss: 100, gradientNorm: 1 })).toContain('step 100: loss must fall');
  });
  it('sees a loss stuck on one value, also when the watch was kept and taken up again', () => {
    let watch = new DivergenceMonitor(10);
    for (let step = 1; step <= 50; step++) {
      expect(watch.problem(step, { loss: 2.31, gradientNorm: 1 })).toBeUndefined();
      watch = new DivergenceMonitor(10, watch.state);
    }
    expect(watch.problem(51, { loss: 2.31, gradientNorm: 1 })).toBe(
      'step 51: loss must move within 50 steps, got 2.310 at every one',
    );
  });
  it('sees a dead network and leaves a perfect one alone', () => {
    const dead = new DivergenceMonitor(2);
    const perfect = new DivergenceMonitor(2);
    for (let step = 1; step < 50; step++) dead.problem(step, { loss: 0.69, gradientNorm: 0 });
    expect(dead.problem(50, { loss: 0.69, gradientNorm: 0 })).toContain('vanish');
    for (let step = 1; step <= 60; step++)
      expect(perfect.problem(step, { loss: 0, gradientNorm: 0 })).toBeUndefined();
  });
});
