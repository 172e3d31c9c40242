/**
 * The graded sets `pair` and `keyed`: what they promise about counts, balance and distance, and that
 * shortcuts are closed.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Dataset, ImageSet } from '../../../src/data/dataset.js';
import { augmentationWarnings, loadDataset } from '../../../src/data/dataset-table.js';
import { completeRecipe } from '../../../src/train/recipe/recipe-table.js';

const side = 32;
const load = (name: string, args: Readonly<Record<string, number>>): Promise<Dataset> =>
  loadDataset({ name, args, baseFolder: '/' });
const grey = (set: ImageSet, image: number, y: number, x: number): number => {
  const at = 3 * ((image * side + y) * side + x);
  return (set.pixels[at]! + set.pixels[at + 1]! + set.pixels[at + 2]!) / 765 - 0.5;
};

/** Share of test rows whose side (±1) ridge regression finds, fitted on the other half of the rows. */
function ridgeAccuracy(rows: readonly (readonly number[])[], sides: readonly number[], strength = 1): number {
  const half = rows.length >> 1;
  const x = new Matrix(rows.map((row) => [...row, 1]));
  const fit = x.subMatrix(0, half - 1, 0, x.columns - 1);
  const weights = new CholeskyDecomposition(
    fit.transpose().mmul(fit).add(Matrix.eye(x.columns).mul(strength)),
  ).solve(fit.transpose().mmul(Matrix.columnVector(sides.slice(0, half))));
  const said = x.mmul(weights);
  return rows.filter((_, i) => i >= half && said.get(i, 0) * sides[i]! > 0).length / (rows.length - half);
}

/** Light around each side of each row, lighter positive: `[rows][2]`, by the masks' left and right half. */
function discs(
  set: ImageSet,
  image: number,
): {
  readonly light: readonly [number, number];
  readonly label: number;
  readonly patch: readonly number[];
}[] {
  return Array.from({ length: 8 }, (_, row) => {
    const light: [number, number] = [0, 0];
    let label = -1;
    for (let y = 4 * row; y < 4 * row + 4; y++)
      for (let x = 0; x < side; x++) {
        const mask = set.masks![(image * side + y) * side + x]!;
        if (mask === 255) continue;
        label = mask;
        light[x < 16 ? 0 : 1] += grey(set, image, y, x);
      }
    const patch = Array.from({ length: 4 * 14 }, (_, i) =>
      grey(set, image, 4 * row + Math.floor(i / 14), i % 14),
    );
    return { light, label, patch };
  });
}

describe('pair', () => {
  it.each([0, 6, 22])('distance %i: the same images for the same seed, balanced', async (distance) => {
    const [a, b] = await Promise.all([
      load('pair', { train: 40, validation: 10, distance }),
      load('pair', { train: 40, validation: 10, distance }),
    ]);
    expect(a.hash).toBe(b.hash);
    expect([a.classes.length, [...a.train.labels].filter((label) => label === 1).length]).toEqual([2, 20]);
  });
  it.each([6, 14, 22])(
    'distance %i: pixels, their magnitudes and either half of the image leave a linear model near chance',
    async (distance) => {
      const { train } = await load('pair', { train: 3000, validation: 2, distance });
      const sides = [...train.labels].map((label) => 2 * label - 1);
      const squares = (from: number, to: number) =>
        sides.map((_, image) =>
          Array.from({ length: 16 * ((to - from) / 2) }, (_, i) => {
            const [y, x] = [2 * (i % 16), from + 2 * Math.floor(i / 16)];
            return (
              8 * Math.abs(grey(train, image, y, x) + grey(train, image, y + 1, x)) +
              4 * grey(train, image, y, x + 1)
            );
          }),
        );
      for (const [from, to] of [
        [0, 32],
        [0, 16],
        [16, 32],
      ] as const)
        expect(Math.abs(ridgeAccuracy(squares(from, to), sides, 30) - 0.5)).toBeLessThan(0.05); // 1,500 images: four standard errors
    },
  );
  it('has its default noise unsaid and its images as they always were, and none at noise 0', async () => {
    const deviation = ({ train }: Dataset): number => {
      // of a pixel from the mean of its neighbours, in columns without discs
      const all = Array.from({ length: train.count * 30 * 8 }, (_, i) => {
        const [image, y, x] = [Math.floor(i / 240), 1 + (Math.floor(i / 8) % 30), 12 + (i % 8)];
        return (
          grey(train, image, y, x) -
          (grey(train, image, y - 1, x) +
            grey(train, image, y + 1, x) +
            grey(train, image, y, x - 1) +
            grey(train, image, y, x + 1)) /
            4
        );
      });
      return Math.sqrt(all.reduce((sum, value) => sum + value * value, 0) / all.length);
    };
    const [usual, said, less, none] = await Promise.all(
      [{}, { noise: 0.1 }, { noise: 0.02 }, { noise: 0 }].map((args) =>
        load('pair', { train: 40, validation: 10, ...args }),
      ),
    );
    expect(usual!.hash.slice(0, 16)).toBe('ad22b3d1f9a427f3');
    expect([said!.name, said!.hash]).toEqual([usual!.name, usual!.hash]);
    expect(usual!.name).toBe('pair(train: 40, validation: 10, seed: 1, distance: 22)');
    expect(less!.name).toBe('pair(train: 40, validation: 10, seed: 1, distance: 22, noise: 0.02)');
    expect(deviation(none!)).toBeLessThan(0.005); // slow waves and 8 bits
    expect(deviation(usual!) / deviation(less!)).toBeGreaterThan(3.5); // of 5, that of waves and bits in both
  });
  it('refuses a distance at which strokes would leave the image', async () => {
    await expect(load('pair', { train: 40, validation: 10, distance: 23 })).rejects.toThrow(
      'pair: distance must lie in 0..22, got 23',
    );
  });
});

describe('keyed', () => {
  it.each([6, 14, 22])(
    'distance %i: a disc tells nothing of its class, its likeness to its key tells all',
    async (distance) => {
      const { train, hash } = await load('keyed', { train: 300, validation: 4, distance });
      expect((await load('keyed', { train: 300, validation: 4, distance })).hash).toBe(hash);
      const rows = Array.from({ length: train.count }, (_, image) => discs(train, image)).flat();
      const sides = rows.map(({ label }) => 2 * label - 1);
      expect(Math.abs(sides.reduce((sum, value) => sum + value, 0) / sides.length)).toBeLessThan(0.08);
      expect(
        Math.abs(
          ridgeAccuracy(
            rows.map(({ light }) => [...light]),
            sides,
          ) - 0.5,
        ),
      ).toBeLessThan(0.06);
      if (distance >= 14)
        expect(
          Math.abs(
            ridgeAccuracy(
              rows.map(({ patch }) => [...patch, ...patch.map((value) => 10 * value * value)]),
              sides,
              10,
            ) - 0.5,
          ),
        ).toBeLessThan(0.06);
      expect(
        ridgeAccuracy(
          rows.map(({ light }) => [Math.sign(light[0] * light[1])]),
          sides,
        ),
      ).toBeGreaterThan(0.95);
    },
  );
  it('distance 0: light or dark is the class', async () => {
    const { train } = await load('keyed', { train: 200, validation: 4, distance: 0 });
    const rows = Array.from({ length: train.count }, (_, image) => discs(train, image)).flat();
    expect(
      ridgeAccuracy(
        rows.map(({ light }) => [light[0] + light[1]]),
        rows.map(({ label }) => 2 * label - 1),
      ),
    ).toBeGreaterThan(0.95);
  });
  it('may be mirrored, not cropped', () => {
    expect(
      augmentationWarnings('keyed', completeRecipe('adamw', { epochs: 1, batch: 2, flip: true })),
    ).toEqual([]);
    expect(
      augmentationWarnings('keyed', completeRecipe('adamw', { epochs: 1, batch: 2, crop: 4 })),
    ).toHaveLength(1);
  });
});
