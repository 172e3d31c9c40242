import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { put, temporaryFolder } from '../temporary-files.js';

const image = (color: string, size = 40) =>
  sharp({ create: { width: size, height: size + 8, channels: 3, background: color } });
const png = (color: string) => image(color).png().toBuffer();
const load = (baseFolder: string, args = {}) =>
  loadDataset({ name: 'folder', args: { folder: 'images', size: 8, ...args }, baseFolder });

/** `images/<path>` for each; returns the base folder. */
async function folderWith(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const base = await temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) await put(base, `images/${name}`, bytes);
  return base;
}

describe('loadDataset folder', () => {
  it('decodes PNG and JPEG, resized, classes in the order of their names', async () => {
    const base = await folderWith({
      'train/red/a.png': await png('#ff0000'),
      'train/red/b.JPG': await image('#ff0000').jpeg({ quality: 100 }).toBuffer(),
      'train/blue/a.png': await png('#0000ff'),
      'validation/red/a.png': await png('#fe0000'),
      'validation/blue/notes.txt': 'not an image',
      'validation/blue/x.jpeg': await image('#0000ff').jpeg().toBuffer(),
    });
    const { classes, train, validation } = await load(base);
    expect(classes).toEqual(['blue', 'red']);
    expect([...train.labels]).toEqual([0, 1, 1]);
    expect([train.height, train.width, train.channels]).toEqual([8, 8, 3]);
    expect([...train.pixels.subarray(192, 195)]).toEqual([255, 0, 0]);
    expect(Math.abs(train.pixels[2 * 192]! - 255)).toBeLessThanOrEqual(3); // JPEG
    expect([...validation.labels]).toEqual([0, 1]);
  });
  it('turns grey, 16-bit and transparent images into RGB', async () => {
    const alpha = await sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const grey = await image('#808080').toColourspace('b-w').png().toBuffer();
    const deep = await image('#808080').toColourspace('rgb16').png().toBuffer();
    const base = await folderWith({
      'train/a/1.png': alpha,
      'train/b/1.png': grey,
      'train/b/2.png': deep,
      'val/a/1.png': alpha,
      'val/b/1.png': grey,
    });
    const { train } = await load(base);
    expect([...train.pixels.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...train.pixels.subarray(192, 195)]).toEqual([128, 128, 128]);
    for (const value of train.pixels.subarray(384, 576)) expect(Math.abs(value - 128)).toBeLessThanOrEqual(1); // 16 to 8 bit rounds
  });
  it('splits by seed where there are no parts', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 10; i++)
      for (const name of ['a', 'b'])
        files[`${name}/${i}.png`] = await png(`#${name === 'a' ? '00' : 'ff'}${(16 + i).toString(16)}00`);
    const base = await folderWith(files);
    const { train, validation } = await load(base, { validation: 6 });
    expect([train.count, validation.count]).toEqual([14, 6]);
    expect([...validation.labels]).toEqual([0, 0, 0, 1, 1, 1]);
    const all = [train, validation].flatMap((set) =>
      Array.from({ length: set.count }, (_, i) => set.pixels.subarray(i * 192, i * 192 + 2).join()),
    );
    expect(new Set(all).size).toBe(20);
    expect((await load(base, { validation: 6 })).hash).toBe((await load(base, { validation: 6 })).hash);
    expect((await load(base, { validation: 6, seed: 2 })).hash).not.toBe(
      (await load(base, { validation: 6 })).hash,
    );
  });
  it('names an image that does not decode', async () => {
    const whole = await png('#123456');
    const base = await folderWith({ 'a/1.png': whole, 'b/cut.png': whole.subarray(0, whole.length - 20) });
    await expect(load(base)).rejects.toThrow(
      /b\/cut\.png: must decode as PNG or JPEG, got ".*" in its \d+ bytes/,
    );
    const text = await folderWith({ 'a/1.png': whole, 'b/text.jpg': 'hello' });
    await expect(load(text)).rejects.toThrow(/b\/text\.jpg: must decode as PNG or JPEG/);
  });
  it('names an empty folder, an empty class folder, a single class, a stranger class', async () => {
    const base = await temporaryFolder();
    await mkdir(join(base, 'images'));
    await expect(load(base)).rejects.toThrow(/images: must hold one folder for each class, got none/);
    const one = await png('#000000');
    await expect(load(await folderWith({ 'a/1.png': one }))).rejects.toThrow(
      /images: must hold at least two class folders, got only "a"/,
    );
    await expect(load(await folderWith({ 'a/1.png': one, 'b/x.txt': '' }))).rejects.toThrow(
      /images\/b: class folder must hold PNG or JPEG images, got none/,
    );
    const stranger = await folderWith({
      'train/a/1.png': one,
      'train/b/1.png': one,
      'val/a/1.png': one,
      'val/c/1.png': one,
    });
    await expect(load(stranger)).rejects.toThrow(
      /val\/c: class must be one of the training part's \(a, b\), got "c"/,
    );
  });
  it('names a missing folder, a file in its place', async () => {
    const base = await folderWith({ 'a/1.png': 'x' });
    await expect(load(base, { folder: 'other' })).rejects.toThrow(
      /other: must exist, got no such file or folder/,
    );
    await expect(load(base, { folder: 'images/a/1.png' })).rejects.toThrow(
      /1\.png: must be a folder, got a file/,
    );
  });
  it.skipIf(process.getuid?.() === 0)('names a folder that may not be read', async () => {
    const base = await folderWith({ 'a/1.png': 'x', 'b/1.png': 'x' });
    await chmod(join(base, 'images/a'), 0o000);
    await expect(load(base)).rejects.toThrow(/images\/a: must be readable, got permission denied/);
    await chmod(join(base, 'images/a'), 0o700);
  });
});
