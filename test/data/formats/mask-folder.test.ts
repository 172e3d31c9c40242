/** Segmentation data from folders, with every way a mask can be wrong. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { put, temporaryFolder } from '../temporary-files.js';

const image = (): Promise<Buffer> =>
  sharp({ create: { width: 16, height: 12, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
/** Left half class 0, right half `right`. */
const mask = (right: number, width = 16, height = 12): Promise<Buffer> =>
  sharp(
    Buffer.from(Array.from({ length: width * height }, (_, at) => (at % width < width / 2 ? 0 : right))),
    { raw: { width, height, channels: 1 } },
  )
    .toColourspace('b-w')
    .png()
    .toBuffer();

async function folderOf(masks: readonly (Buffer | undefined)[]): Promise<string> {
  const base = await temporaryFolder();
  for (const [index, each] of masks.entries()) {
    await put(base, `set/images/${index}.png`, await image());
    if (each) await put(base, `set/masks/${index}.png`, each);
  }
  return base;
}
const load = (baseFolder: string, args = {}) =>
  loadDataset({
    name: 'masks',
    args: { folder: 'set', size: 12, classes: 3, validation: 1, ...args },
    baseFolder,
  });

describe('loadDataset masks', () => {
  it('cuts masks like their images, classes untouched, 255 included', async () => {
    const dataset = await load(
      await folderOf([await mask(1), await mask(2), await mask(255), await mask(1)]),
    );
    expect([dataset.train.count, dataset.validation.count]).toEqual([3, 1]);
    expect([...new Set(dataset.train.masks)].every((label) => [0, 1, 2, 255].includes(label))).toBe(true);
    const row = [...dataset.train.masks!.subarray(0, 12)];
    expect(row).toEqual([...Array<number>(6).fill(0), ...Array<number>(6).fill(row[11]!)]); // 16 columns, centre 12 cut out
    expect(dataset.classes).toEqual(['class-0', 'class-1', 'class-2']);
  });
  it('takes train, validation and test from folders, names from classes.txt', async () => {
    const base = await temporaryFolder();
    for (const part of ['train', 'validation', 'test']) {
      await put(base, `set/${part}/images/a.png`, await image());
      await put(base, `set/${part}/masks/a.png`, await mask(1));
    }
    await put(base, 'set/classes.txt', 'ground\nsky\n');
    const dataset = await load(base, { classes: 0, validation: 0 });
    expect([
      dataset.classes,
      dataset.train.count,
      dataset.validation.count,
      (await dataset.test!()).count,
    ]).toEqual([['ground', 'sky'], 1, 1, 1]);
  });
  it.each([
    [
      'of another size than its image',
      [() => mask(1, 15, 12), () => mask(1)],
      /masks\/0\.png: a mask must have its image's size 16×12, got 15×12/,
    ],
    [
      'with a class beyond the classes',
      [() => mask(3), () => mask(1)],
      /masks\/0\.png: a class must lie in 0\.\.2 \(255: unlabelled\), got 3 at row 0, column 8/,
    ],
    [
      'in colour',
      [image, () => mask(1)],
      /masks\/0\.png: a mask must be an 8-bit greyscale PNG of class numbers, got 3 channels/,
    ],
    [
      'that is no picture',
      [() => Promise.resolve(Buffer.from('nothing')), () => mask(1)],
      /masks\/0\.png: a mask must decode as PNG/,
    ],
  ] as const)('refuses a mask %s', async (_, masks, message) => {
    await expect(load(await folderOf(await Promise.all(masks.map((make) => make()))))).rejects.toThrow(
      message,
    );
  });
  it('refuses an image without a mask', async () => {
    await expect(load(await folderOf([await mask(1), undefined]))).rejects.toThrow(
      /masks\/1\.png: every image needs a mask, got none for "1\.png"/,
    );
    const base = await folderOf([await mask(1), await mask(1)]);
    await rm(join(base, 'set/masks'), { recursive: true });
    await expect(load(base)).rejects.toThrow(/masks: must exist/);
  });
});
