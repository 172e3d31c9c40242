import { describe, expect, it } from 'vitest';
import { resizeSet } from '../../../src/data/images/resize-set.js';
import { experimentFromText } from '../../../src/lab/load-experiment.js';
import { averageDecayAt, gradientNoiseAt } from '../../../src/train/loop/learning-rate.js';
import { atResolution, stageRecipes, withStages } from '../../../src/train/recipe/recipe-stages.js';
import { completeRecipe } from '../../../src/train/recipe/recipe-table.js';
import { carryWeights } from '../../../src/train/weights/carry-weights.js';
import { smallNetwork } from '../../fixtures/small-network.js';
import { quarters } from '../small-data.js';

const text = (stages: string): string =>
  `experiment s\n  data motif(train: 100)\n  train adamw(batch: 20, drop-path: 0.1)\n  stages ${stages}\n`;
const architectures = [smallNetwork({ layout: 'C-T', widths: [8, 16], side: 32, channels: 3, classes: 10 })];

describe('stages in an experiment file', () => {
  it('are recipes of one stage each, what is not said as the recipe has it', () => {
    const { train } = experimentFromText(
      text(
        '{stage(epochs: 2, resolution: 16, data: motif(train: 50)), stage(epochs: 1, learning-rate: 5e-4, drop-path: 0)}',
      ),
      'x',
      { architectures },
    );
    expect(train!.recipe.epochs).toBe(3);
    const [first, second] = stageRecipes(train!.recipe);
    expect(first).toMatchObject({
      epochs: 2,
      resolution: 16,
      learningRate: 1e-3,
      dropPath: 0.1,
      dataset: { name: 'motif', args: { train: 50 } },
    });
    expect(second).toMatchObject({ epochs: 1, learningRate: 5e-4, dropPath: 0 });
    expect(second).not.toHaveProperty('dataset');
  });
  it.each([
    ['{}', 'stages must hold at least one stage'],
    ['{stage(resolution: 16)}', 'stage: epochs must be given'],
    ['{stage(epochs: 1, speed: 2)}', 'stage: unknown parameter, got "speed"'],
    ['{stage(epochs: 1, data: motif(train: 50))}', "the last stage must train on the experiment's data"],
    ['{stage(epochs: 1, data: nothing()), stage(epochs: 1)}', 'stages must be a known name, got "nothing"'],
  ])('%s: %s', (stages, message) => {
    expect(() => experimentFromText(text(stages), 'x', { architectures })).toThrow(message);
  });
  it('a recipe without stages is its own only one', () => {
    const recipe = completeRecipe('adamw', {});
    expect(stageRecipes(recipe)).toEqual([recipe]);
    expect(withStages(recipe, [{ epochs: 4 }, { epochs: 5 }]).epochs).toBe(9);
  });
});

describe('carryWeights', () => {
  const weight = (shape: number[], values: ArrayLike<number>) => ({
    shape,
    values: Float32Array.from(values),
    trainable: true,
  });
  it('keeps equal shapes, resamples position tables, keeps fresh values of the rest', () => {
    const from = new Map([
      ['stem/filter', weight([2], [1, 2])],
      ['t/bias-table', weight([9, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8])],
      ['head/filter', weight([3], [1, 1, 1])],
    ]);
    const initial = new Map([
      ['stem/filter', weight([2], [0, 0])],
      ['t/bias-table', weight([25, 1], Array(25).fill(9))],
      ['head/filter', weight([2], [5, 5])],
      ['new', weight([1], [7])],
    ]);
    const { weights, fresh } = carryWeights(from, initial);
    expect([...weights.get('stem/filter')!.values]).toEqual([1, 2]);
    // a plane stays a plane: corners on corners
    expect([...weights.get('t/bias-table')!.values]).toEqual(
      Array.from({ length: 25 }, (_, i) => (3 * Math.floor(i / 5)) / 2 + (i % 5) / 2),
    );
    expect(fresh).toEqual(['head/filter', 'new']);
    expect([...weights.get('head/filter')!.values]).toEqual([5, 5]);
  });
  it('atResolution changes the input alone', () => {
    expect(atResolution(architectures[0]!, 16)).toEqual({
      ...architectures[0],
      input: { height: 16, width: 16, channels: 3 },
    });
    expect(atResolution(architectures[0]!, undefined)).toBe(architectures[0]);
  });
});

describe('resizeSet', () => {
  it('halving averages, flat images stay flat, the same size is the same set', () => {
    const set = quarters(4, 8, 1, 1, 1); // no noise: quarters of 0 and 254
    expect(resizeSet(set, 8, 8)).toBe(set);
    const half = resizeSet(set, 4, 4);
    expect([half.height, half.width, half.pixels.length]).toEqual([4, 4, 64]);
    expect([half.pixels[0], half.pixels[15]]).toEqual([set.pixels[0], set.pixels[63]]);
    const flat = resizeSet({ ...set, pixels: new Uint8Array(set.pixels.length).fill(77) }, 5, 3);
    expect(new Set(flat.pixels)).toEqual(new Set([77]));
  });
  it('masks take the nearest pixel', () => {
    const masks = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : 2));
    const set = {
      count: 1,
      height: 4,
      width: 4,
      channels: 1,
      pixels: new Uint8Array(16),
      labels: new Uint16Array(1),
      masks,
    };
    expect([...resizeSet(set, 2, 2).masks!]).toEqual([1, 2, 1, 2]);
  });
});

describe('schedules', () => {
  it('noise decays by its rule, the average forgets its first weights', () => {
    expect(gradientNoiseAt(0, 0.3)).toBeCloseTo(Math.sqrt(0.3), 12);
    expect(gradientNoiseAt(99, 1)).toBeCloseTo(100 ** -0.275, 12);
    expect(averageDecayAt(0, 0.999)).toBe(0.1);
    expect(averageDecayAt(1e6, 0.999)).toBe(0.999);
  });
});
