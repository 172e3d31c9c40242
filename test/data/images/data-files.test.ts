import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asFileError, exists, fileSize, listFolder, readWhole } from '../../../src/data/images/data-files.js';
import { UserError } from '../../../src/util/errors.js';
import { put, temporaryFolder } from '../temporary-files.js';

const systemError = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'open' });

describe('asFileError', () => {
  it.each([
    ['ENOENT', 'x.bin: must exist, got no such file or folder'],
    ['EACCES', 'x.bin: must be readable, got permission denied'],
    ['EIO', 'x.bin: must be readable, got EIO'],
  ])('%s', (code, message) => {
    const error = asFileError('x.bin', systemError(code));
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toBe(message);
  });
  it('passes a bug through', () => {
    const bug = new TypeError('x is undefined');
    expect(asFileError('x.bin', bug)).toBe(bug);
  });
});

describe('files', () => {
  it('lists sorted without hidden entries, says what is there', async () => {
    const folder = await temporaryFolder();
    await put(folder, 'b.txt', 'abc');
    await put(folder, 'a/c.txt', '');
    await put(folder, '.hidden', '');
    expect(await listFolder(folder)).toEqual([
      { name: 'a', isFolder: true },
      { name: 'b.txt', isFolder: false },
    ]);
    expect(await fileSize(join(folder, 'b.txt'))).toBe(3);
    expect([
      await exists(join(folder, 'b.txt')),
      await exists(join(folder, 'b.txt/x')),
      await exists(join(folder, 'x')),
    ]).toEqual([true, false, false]);
    await expect(readWhole(join(folder, 'a'))).rejects.toThrow(/a: must be a file, got a folder/);
  });
});
