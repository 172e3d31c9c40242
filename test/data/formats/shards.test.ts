/** Tar shards: read, streamed, shuffled, cut off, changed under a run. */
import { appendFile, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { localSource, workerSource } from '../../../src/data/batches/batch-source.js';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { splitRecord } from '../../../src/data/images/image-set.js';
import { put, temporaryFolder } from '../temporary-files.js';

/** A ustar archive of these files. */
function tar(files: Readonly<Record<string, Uint8Array | string>>, end = true): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('ustar\x0000', 257, 'latin1');
    header[156] = 48;
    header.fill(32, 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, ...(end ? [Buffer.alloc(1024)] : [])]);
}

const png = (value: number): Promise<Buffer> =>
  sharp({ create: { width: 12, height: 10, channels: 3, background: { r: value, g: 0, b: 255 - value } } })
    .png()
    .toBuffer();

/** Shards of `count` images each; image i of a shard has class i mod 2 and a colour of its own. */
async function shardFolder(names: readonly string[], count = 6): Promise<string> {
  const base = await temporaryFolder();
  for (const [shard, name] of names.entries()) {
    const files: Record<string, Uint8Array | string> = {};
    for (let i = 0; i < count; i++) {
      files[`${shard}-${i}.png`] = await png(20 * (i + 1) + shard);
      files[`${shard}-${i}.cls`] = `${i % 2}\n`;
    }
    await put(base, `data/${name}`, tar(files));
  }
  return base;
}
const load = (baseFolder: string, args = {}) =>
  loadDataset({ name: 'shards', args: { folder: 'data', size: 8, ...args }, baseFolder });

describe('loadDataset shards', () => {
  it('streams training images: labels from .cls, pixels decoded when a batch is made, by workers too', async () => {
    const dataset = await load(
      await shardFolder(['train-0.tar', 'train-1.tar', 'validation-0.tar', 'test-0.tar']),
    );
    expect([dataset.train.count, dataset.validation.count, dataset.train.pixels.length]).toEqual([12, 6, 0]);
    expect([...dataset.train.labels]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const options = { batch: 4, seed: 1, flip: false, crop: 0 };
    const collect = async (source: ReturnType<typeof localSource>, first = 0) => {
      const seen: number[][] = [];
      for await (const { pixels, labels } of source.batches(2, first))
        seen.push([...labels, ...pixels.map((value) => Math.round(value * 1e4))]);
      return seen;
    };
    const local = await collect(localSource(dataset, options));
    expect(local).toHaveLength(3);
    expect(new Set(local.map((batch) => batch[4])).size).toBeGreaterThan(1);
    const threads = workerSource(dataset, options, 2);
    expect(await collect(threads)).toEqual(local);
    expect(await collect(threads, 2)).toEqual(local.slice(2)); // goes on within an epoch
    await threads.close();
    expect((await dataset.test!()).count).toBe(6);
  });
  it('cuts random resized crops out of the whole image, the same ones wherever a batch is made', async () => {
    const base = await temporaryFolder();
    const files: Record<string, Uint8Array | string> = {};
    // a square in the middle is what a centre cut shows; the ends are red
    const middle = { create: { width: 32, height: 32, channels: 3 as const, background: '#00f' } };
    const wide = await sharp({ create: { width: 96, height: 32, channels: 3, background: '#f00' } })
      .composite([{ input: middle, left: 32, top: 0 }])
      .png()
      .toBuffer();
    for (let i = 0; i < 12; i++) Object.assign(files, { [`${i}.png`]: wide, [`${i}.cls`]: `${i % 2}` });
    await put(base, 'data/train-0.tar', tar(files));
    await put(base, 'data/validation-0.tar', tar(files));
    const dataset = { ...(await load(base)), mean: [0, 0, 0], std: [1, 1, 1] };
    const options = { batch: 4, seed: 1, flip: false, crop: 0 };
    const collect = async (source: ReturnType<typeof localSource>, epoch = 1) => {
      const seen: number[][] = [];
      for await (const { pixels } of source.batches(epoch, 0)) seen.push([...pixels]);
      return seen;
    };
    const red = (batches: number[][]): number[] =>
      batches.flatMap((pixels) =>
        [0, 1, 2, 3].map((image) => {
          const own = pixels.slice(image * 192, (image + 1) * 192).filter((_, at) => at % 3 === 0);
          return own.reduce((sum, value) => sum + value, 0) / own.length;
        }),
      );
    expect(Math.max(...red(await collect(localSource(dataset, options))))).toBeLessThan(0.05); // the filter's overshoot
    const cut = await collect(localSource(dataset, { ...options, resizedCrop: 0.1 }));
    const shares = red(cut);
    expect(Math.max(...shares)).toBeGreaterThan(0.9); // some window lies at an end
    expect(Math.min(...shares)).toBeLessThan(0.5);
    expect(new Set(shares).size).toBeGreaterThan(8);
    const threads = workerSource(dataset, { ...options, resizedCrop: 0.1 }, 2);
    expect(await collect(threads)).toEqual(cut);
    await threads.close();
    expect(await collect(localSource(dataset, { ...options, resizedCrop: 0.1 }), 2)).not.toEqual(cut);
  });
  it('takes classes from folder names, splits where there is no validation shard, and hashes what it holds', async () => {
    const base = await temporaryFolder();
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 10; i++) files[`${i % 2 ? 'owl' : 'cat'}/${i}.png`] = await png(10 * i);
    await put(base, 'data/a.tar', tar(files));
    const first = await load(base, { validation: 2, test: 2 });
    expect(first.classes).toEqual(['cat', 'owl']);
    const test = await first.test!();
    expect([first.train.count, first.validation.count, test.count]).toEqual([6, 2, 2]);
    const hashes = [first.train, first.validation, test].map((set) => splitRecord('train', set).hash);
    expect(new Set(hashes).size).toBe(3);
    expect((await load(base, { validation: 2, test: 2 })).hash).toBe(first.hash);
    files['cat/0.png'] = await png(99);
    await put(base, 'data/a.tar', tar(files));
    expect((await load(base, { validation: 2, test: 2 })).hash).not.toBe(first.hash);
  });
  it.each([
    [
      'cut within an image',
      async (file: string) => {
        const bytes = await readFile(file);
        await writeFile(file, bytes.subarray(0, 700));
      },
      /train-0\.tar: must be a whole tar archive, got 700 bytes, which end within "0-0\.png" at byte 700/,
    ],
    [
      'cut between files',
      async (file: string) => {
        const bytes = await readFile(file);
        await writeFile(file, bytes.subarray(0, bytes.length - 1024));
      },
      /train-0\.tar: must be a whole tar archive, got \d+ bytes, which end within the archive, before its end mark,/,
    ],
    [
      'no archive',
      async (file: string) => writeFile(file, 'x'.repeat(2048)),
      /train-0\.tar: must be a tar archive, got a wrong header checksum at byte 0/,
    ],
    [
      'a class that is no number',
      async (file: string) => writeFile(file, tar({ 'a.png': await png(1), 'a.cls': 'cat' })),
      /a\.cls must hold the number of a class, got "cat"/,
    ],
    [
      'an image without a class',
      async (file: string) => writeFile(file, tar({ 'a.png': await png(1) })),
      /an image needs its class in "a\.cls"/,
    ],
    [
      'an image that is none',
      async (file: string) =>
        writeFile(file, tar({ 'a.png': 'no picture', 'a.cls': '0', 'b.png': await png(2), 'b.cls': '1' })),
      /train-0\.tar: image at byte 512: must decode as PNG or JPEG/,
    ],
  ])('refuses a shard with %s, naming file and place', async (_, spoil, message) => {
    const base = await shardFolder(['train-0.tar', 'validation-0.tar']);
    await spoil(join(base, 'data/train-0.tar'));
    await expect(load(base)).rejects.toThrow(message);
  });
  it('refuses a label beyond the classes, naming the image', async () => {
    const base = await shardFolder(['train-0.tar', 'validation-0.tar']);
    await put(base, 'data/classes.txt', 'a\nb\n');
    await writeFile(join(base, 'data/validation-0.tar'), tar({ 'x.png': await png(3), 'x.cls': '2' }));
    await expect(load(base)).rejects.toThrow(
      /validation-0\.tar: a class must be one of the 2 known ones, got 2 of x\.png/,
    );
  });
  it('a shard that changes during a run ends it, saying so', async () => {
    const base = await shardFolder(['train-0.tar', 'validation-0.tar']);
    const dataset = await load(base);
    const file = join(base, 'data/train-0.tar');
    const batches = localSource(dataset, { batch: 2, seed: 1, flip: false, crop: 0 }).batches(1, 0);
    await batches.next();
    await appendFile(file, Buffer.alloc(512));
    await expect(batches.next()).rejects.toThrow(
      /train-0\.tar: must stay as it is while it is trained on, got a change/,
    );
    const threads = workerSource(dataset, { batch: 2, seed: 1, flip: false, crop: 0 }, 1);
    await expect(threads.batches(1, 0).next()).rejects.toThrow(/must stay as it is/);
    await threads.close();
    await utimes(file, 1, 1);
  });
});
