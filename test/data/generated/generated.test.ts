/**
 * Contract of every generated set in the table: determinism, balance, independence of parts, closed
 * shortcuts.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Dataset, ImageSet } from '../../../src/data/dataset.js';
import { type DatasetName, datasets, loadDataset } from '../../../src/data/dataset-table.js';
import { classCounts } from '../../../src/data/images/image-set.js';

const generated = (Object.keys(datasets) as DatasetName[]).filter(
  (name) => 'difficulty' in datasets[name].params,
);
const make = (name: string, args: Readonly<Record<string, number | string>>): Promise<Dataset> =>
  loadDataset({ name, args, baseFolder: '/' });

/**
 * SHA-256 of 40 training and 20 validation images of seed 1 at each level: a change of these changes what
 * stored scores mean.
 */
const golden: Readonly<Record<string, readonly string[]>> = {
  motif: ['2844ab21e377b6cc', '957e5fe3b3f2e276', '643698eede824d60'],
  select: ['92661cc4ee51a11c', 'bbec6ad46bdb7828', '477037c58949faa8'],
};
const levels = ['easy', 'medium', 'hard'];

/** Grey values of 2×2 and colours of 4×4 pixel squares and a constant, `[images, 16·16 + 8·8·3 + 1]`. */
function pixelFeatures(set: ImageSet): Matrix {
  const rows: Float64Array[] = [];
  for (let image = 0; image < set.count; image++) {
    const row = new Float64Array(256 + 192 + 1).fill(1, 448);
    for (let at = 0; at < 3072; at++) {
      const value = set.pixels[image * 3072 + at]! / 255 - 0.5;
      const [y, x, channel] = [Math.floor(at / 96), Math.floor(at / 3) % 32, at % 3];
      row[(y >> 1) * 16 + (x >> 1)]! += value / 12;
      row[256 + ((y >> 2) * 8 + (x >> 2)) * 3 + channel]! += value / 16;
    }
    rows.push(row);
  }
  return new Matrix(rows);
}

/** Mean of each channel and a constant, `[images, 4]`. */
function meanColour(set: ImageSet): Matrix {
  const features = Matrix.zeros(set.count, 4).setColumn(3, new Array<number>(set.count).fill(1));
  for (let i = 0; i < set.pixels.length; i++) {
    const image = Math.floor(i / 3072);
    features.set(image, i % 3, features.get(image, i % 3) + (set.pixels[i]! / 255 - 0.5) / 1024);
  }
  return features;
}

/** Top-1 on validation of ridge regression to one-hot labels, fitted on training. */
function ridgeTop1(
  { train, validation, classes }: Dataset,
  featuresOf: (set: ImageSet) => Matrix,
  strength: number,
): number {
  const x = featuresOf(train);
  const target = Matrix.zeros(train.count, classes.length).sub(1 / classes.length);
  train.labels.forEach((label, image) => target.set(image, label, 1 - 1 / classes.length));
  const transposed = x.transpose();
  const gram = transposed.mmul(x).add(Matrix.eye(x.columns).mul(strength));
  const scores = featuresOf(validation).mmul(new CholeskyDecomposition(gram).solve(transposed.mmul(target)));
  let correct = 0;
  for (let image = 0; image < validation.count; image++)
    if (scores.maxRowIndex(image)[1] === validation.labels[image]) correct++;
  return correct / validation.count;
}

describe.each(generated)('loadDataset %s', (name) => {
  it.each(levels)('makes the images it always made at level %s', async (difficulty) => {
    const { hash, train, validation } = await make(name, { train: 40, validation: 20, difficulty });
    expect([train.count, validation.count, train.height, train.width, train.channels]).toEqual([
      40, 20, 32, 32, 3,
    ]);
    expect(hash.slice(0, 16)).toBe(golden[name]![levels.indexOf(difficulty)]);
  });
  it('depends on the seed; parts differ; a shorter set is the beginning of a longer one', async () => {
    const [a, longer, other] = await Promise.all([
      make(name, { train: 20, validation: 20 }),
      make(name, { train: 30, validation: 20 }),
      make(name, { train: 20, validation: 20, seed: 2 }),
    ]);
    expect(a.hash).not.toBe(other.hash);
    expect(a.train.pixels).not.toEqual(a.validation.pixels);
    expect(longer.train.pixels.subarray(0, a.train.pixels.length)).toEqual(a.train.pixels);
    expect(longer.validation).toEqual(a.validation);
  });
  it('is balanced', async () => {
    const { train, validation, classes } = await make(name, { train: 15 * 4, validation: 33 });
    for (const set of [train, validation]) {
      const counts = classCounts(set, classes.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });
  it('leaves a linear model and the mean colour near chance, at the easiest level too', async () => {
    const dataset = await make(name, { train: 2000, validation: 1000, difficulty: 'easy' });
    const nearChance = 1 / dataset.classes.length + 0.04; // more than four standard errors of 1,000 images
    expect(ridgeTop1(dataset, pixelFeatures, 30)).toBeLessThan(nearChance);
    expect(ridgeTop1(dataset, meanColour, 1e-3)).toBeLessThan(nearChance);
  });
});

describe('ridgeTop1', () => {
  it('would see a shortcut: brightness that follows the class', async () => {
    const dataset = await make('motif', { train: 500, validation: 200, difficulty: 'easy' });
    for (const set of [dataset.train, dataset.validation]) {
      for (let i = 0; i < set.pixels.length; i++)
        set.pixels[i] = Math.min(255, set.pixels[i]! + 8 * set.labels[Math.floor(i / 3072)]!);
    }
    expect(ridgeTop1(dataset, meanColour, 1e-3)).toBeGreaterThan(0.15);
    expect(ridgeTop1(dataset, pixelFeatures, 30)).toBeGreaterThan(0.15);
  });
});
