import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { idxBytes, put, temporaryFolder } from '../temporary-files.js';

const images = (count: number): Uint8Array =>
  idxBytes(
    [count, 2, 3],
    Uint8Array.from({ length: count * 6 }, (_, i) => i),
  );
const labels = (values: readonly number[]): Uint8Array => idxBytes([values.length], Uint8Array.from(values));

/** Six training and two test images; `changes` replaces files. */
async function folderWith(changes: Readonly<Record<string, Uint8Array | null>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  const files: Record<string, Uint8Array | null> = {
    'train-images-idx3-ubyte': images(6),
    'train-labels-idx1-ubyte': labels([0, 1, 2, 0, 1, 2]),
    't10k-images-idx3-ubyte': images(2),
    't10k-labels-idx1-ubyte': labels([2, 0]),
    ...changes,
  };
  for (const [name, bytes] of Object.entries(files)) if (bytes !== null) await put(folder, name, bytes);
  return folder;
}

const load = async (baseFolder: string, args = {}) =>
  loadDataset({ name: 'idx', args: { folder: '.', 'validate-on': 'test', ...args }, baseFolder });

describe('loadDataset idx', () => {
  it('reads images, labels and classes', async () => {
    const { train, validation, classes } = await load(await folderWith());
    expect([train.count, train.height, train.width, train.channels]).toEqual([6, 2, 3, 1]);
    expect([...train.pixels.subarray(6, 12)]).toEqual([6, 7, 8, 9, 10, 11]);
    expect([...validation.labels]).toEqual([2, 0]);
    expect(classes).toEqual(['0', '1', '2']);
  });
  it('reads gzip files as the same set', async () => {
    const plain = await load(await folderWith());
    const packed = await load(
      await folderWith({
        'train-images-idx3-ubyte': null,
        'train-images-idx3-ubyte.gz': gzipSync(images(6)),
        't10k-labels-idx1-ubyte': null,
        't10k-labels-idx1-ubyte.gz': gzipSync(labels([2, 0])),
      }),
    );
    expect(packed.hash).toBe(plain.hash);
  });
  it('holds images out of training by default', async () => {
    const { train, validation } = await load(await folderWith(), {
      'validate-on': 'held-out',
      validation: 3,
    });
    expect([...train.labels].sort()).toEqual([0, 1, 2]);
    expect([...validation.labels].sort()).toEqual([0, 1, 2]);
    expect([train.count, validation.count]).toEqual([3, 3]);
  });

  const broken: [string, Readonly<Record<string, Uint8Array | null>>, RegExp][] = [
    [
      'magic number',
      { 'train-images-idx3-ubyte': labels([1, 2]) },
      /train-images-idx3-ubyte: must start with the IDX magic number 0x00000803 or 0x00000804 \(unsigned bytes\), got 0x00000801 at byte 0/,
    ],
    [
      'cut image file',
      { 'train-images-idx3-ubyte': images(6).subarray(0, 40) },
      /train-images-idx3-ubyte: must hold 52 bytes \(6×2×3 after a header of 16\), got 40 bytes/,
    ],
    [
      'cut header',
      { 'train-images-idx3-ubyte': images(6).subarray(0, 9) },
      /must have a header of 16 bytes, got 9 bytes/,
    ],
    ['empty file', { 'train-labels-idx1-ubyte': new Uint8Array() }, /train-labels-idx1-ubyte: .*got 0 bytes/],
    [
      'too many bytes',
      { 't10k-labels-idx1-ubyte': new Uint8Array([...labels([2, 0]), 9]) },
      /t10k-labels-idx1-ubyte: must hold 10 bytes .*got 11 bytes/,
    ],
    [
      'counts that differ',
      { 'train-labels-idx1-ubyte': labels([0, 1, 2]) },
      /train-labels-idx1-ubyte: must hold one label for each of the 6 images of .*train-images-idx3-ubyte, got 3 labels/,
    ],
    [
      'test label beyond the training classes',
      { 't10k-labels-idx1-ubyte': labels([0, 3]) },
      /t10k-labels-idx1-ubyte: label must lie in 0\.\.2 as in the training part, got 3 at byte 9/,
    ],
    [
      'test images of another size',
      { 't10k-images-idx3-ubyte': idxBytes([2, 3, 3], new Uint8Array(18)) },
      /t10k-images-idx3-ubyte: images must be 2×3×1 as in the training part, got 3×3×1/,
    ],
    [
      'missing file',
      { 't10k-images-idx3-ubyte': null },
      /t10k-images-idx3-ubyte: must exist \(or with \.gz\), got no such file/,
    ],
    [
      'one class',
      { 'train-labels-idx1-ubyte': labels([1, 1, 1, 1, 1, 1]), 't10k-labels-idx1-ubyte': labels([1, 1]) },
      /idx: training images must belong to at least two classes, got only "1"/,
    ],
    [
      'broken gzip',
      { 'train-images-idx3-ubyte': gzipSync(images(6)).subarray(0, 30) },
      /train-images-idx3-ubyte: must be a complete gzip stream, got "unexpected end of file" in its 30 bytes/,
    ],
  ];
  it.each(broken)('refuses: %s', async (_, changes, message) => {
    await expect(load(await folderWith(changes))).rejects.toThrow(message);
  });
  it('checks labels against the given number of classes', async () => {
    await expect(load(await folderWith(), { classes: 2 })).rejects.toThrow(
      /train-labels-idx1-ubyte: label must lie in 0\.\.1, got 2 at byte 10/,
    );
  });
});
