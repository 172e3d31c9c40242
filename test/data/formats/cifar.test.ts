import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { cifarRecord, joined, put, temporaryFolder } from '../temporary-files.js';

/** Ten records per batch file, one of each class, red = 10·batch + label. */
const batchBytes = (n: number): Uint8Array =>
  joined(Array.from({ length: 10 }, (_, label) => cifarRecord([label], [10 * n + label, 100, 200])));

async function writeCifar10(folder: string): Promise<void> {
  for (let n = 1; n <= 5; n++) await put(folder, `data_batch_${n}.bin`, batchBytes(n));
  await put(folder, 'test_batch.bin', batchBytes(6));
}

describe('loadDataset cifar10', () => {
  let base: string;
  const load = (args = {}) =>
    loadDataset({ name: 'cifar10', args: { folder: 'data', ...args }, baseFolder: base });
  beforeAll(async () => {
    base = await temporaryFolder();
    await writeCifar10(join(base, 'data'));
  });

  it('interleaves the planes and keeps labels', async () => {
    const { train, validation, classes, mean } = await load({ 'validate-on': 'test' });
    expect([train.count, train.height, train.width, train.channels, validation.count]).toEqual([
      50, 32, 32, 3, 10,
    ]);
    expect([...train.labels.subarray(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...train.pixels.subarray(0, 6)]).toEqual([7, 7, 7, 10, 100, 200]);
    expect([...validation.pixels.subarray(3 * 3072 + 3, 3 * 3072 + 6)]).toEqual([63, 100, 200]);
    expect(classes[3]).toBe('cat');
    expect(mean[1]).toBeCloseTo((1023 * 100 + 7) / 1024 / 255, 10);
  });
  it('holds validation images out of training by default, one or more of each class, nothing twice', async () => {
    const { train, validation } = await load({ validation: 10 });
    expect([train.count, validation.count]).toEqual([40, 10]);
    expect([...validation.labels].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const reds = [train, validation].flatMap((set) =>
      Array.from({ length: set.count }, (_, i) => set.pixels[i * 3072 + 3]!),
    );
    expect(new Set(reds).size).toBe(50);
  });
  it('draws a balanced subset that depends on the seed alone', async () => {
    const [a, b, c] = await Promise.all([
      load({ train: 20, seed: 1 }),
      load({ train: 20, seed: 1 }),
      load({ train: 20, seed: 2 }),
    ]);
    expect(a.hash).toBe(b.hash);
    expect(a.hash).not.toBe(c.hash);
    expect([...a.train.labels].sort()).toEqual(Array.from({ length: 20 }, (_, i) => i >> 1));
  });
  it('finds the folder inside the unpacked archive and its class names', async () => {
    const other = await temporaryFolder();
    await writeCifar10(join(other, 'cifar-10-batches-bin'));
    await put(other, 'cifar-10-batches-bin/batches.meta.txt', 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n');
    expect(
      (await loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other })).classes,
    ).toEqual([...'abcdefghij']);
  });
  it('says how many bytes a cut file has and should have', async () => {
    const other = await temporaryFolder();
    await writeCifar10(other);
    await put(other, 'data_batch_3.bin', batchBytes(3).subarray(0, 4000));
    const loading = loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other });
    await expect(loading).rejects.toThrow(
      /data_batch_3\.bin: must hold 30730000 bytes \(10000 records of 3073 bytes\), got 4000 bytes: record 2 at byte 3073 has 927 of its 3073 bytes/,
    );
  });
  it('checks the test file also where it is not read', async () => {
    const other = await temporaryFolder();
    await writeCifar10(other);
    await put(other, 'test_batch.bin', '');
    await expect(loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other })).rejects.toThrow(
      /test_batch\.bin: .*got 0 bytes: the file is empty/,
    );
  });
  it('names file, byte and value of a label beyond the classes', async () => {
    const other = await temporaryFolder();
    await writeCifar10(other);
    await put(other, 'data_batch_2.bin', joined([cifarRecord([1], [1, 1, 1]), cifarRecord([10], [1, 1, 1])]));
    await expect(loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other })).rejects.toThrow(
      /data_batch_2\.bin: label must lie in 0\.\.9, got 10 at byte 3073$/,
    );
  });
  it('names a missing file and a missing folder', async () => {
    const other = await temporaryFolder();
    await writeCifar10(other);
    await rm(join(other, 'data_batch_5.bin'));
    await expect(loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other })).rejects.toThrow(
      /data_batch_5\.bin: must exist/,
    );
    await expect(
      loadDataset({ name: 'cifar10', args: { folder: 'nowhere' }, baseFolder: other }),
    ).rejects.toThrow(/nowhere: must exist/);
  });
  it('refuses images of one class', async () => {
    const other = await temporaryFolder();
    for (let n = 1; n <= 5; n++)
      await put(
        other,
        `data_batch_${n}.bin`,
        joined([cifarRecord([3], [n, 1, 1]), cifarRecord([3], [n, 1, 2])]),
      );
    await expect(loadDataset({ name: 'cifar10', args: { folder: '.' }, baseFolder: other })).rejects.toThrow(
      'cifar10: training images must belong to at least two classes, got only "cat"',
    );
  });
  it('refuses more images than there are', async () => {
    await expect(load({ 'validate-on': 'test', train: 51 })).rejects.toThrow(
      'cifar10: train must be at most the 50 images there are, got 51',
    );
    await expect(load({ validation: 50 })).rejects.toThrow(
      'cifar10: validation must be less than the 50 images it is held out of, got 50',
    );
  });
});

describe('loadDataset cifar100', () => {
  it('reads the fine label', async () => {
    const base = await temporaryFolder();
    await put(
      base,
      'train.bin',
      joined([
        cifarRecord([4, 30], [1, 2, 3]),
        cifarRecord([11, 98], [4, 5, 6]),
        cifarRecord([4, 30], [7, 8, 9]),
      ]),
    );
    await put(base, 'test.bin', cifarRecord([11, 98], [4, 5, 6]));
    const { train, validation, classes } = await loadDataset({
      name: 'cifar100',
      args: { folder: '.', 'validate-on': 'test' },
      baseFolder: base,
    });
    expect([...train.labels, ...validation.labels]).toEqual([30, 98, 30, 98]);
    expect(classes).toHaveLength(100);
    expect([...train.pixels.subarray(3, 6)]).toEqual([1, 2, 3]);
  });
  it('says what a cut train.bin should have', async () => {
    const base = await temporaryFolder();
    await put(base, 'train.bin', new Uint8Array(3073));
    await expect(loadDataset({ name: 'cifar100', args: { folder: '.' }, baseFolder: base })).rejects.toThrow(
      /train\.bin: must hold 153700000 bytes \(50000 records of 3074 bytes\), got 3073 bytes/,
    );
  });
});
