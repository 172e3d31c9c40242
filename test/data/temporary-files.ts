/** Small data files that the tests write. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
// registered here, while the test file is read: inside a test or another hook it would never run
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder that is removed when the file's tests are done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stagecraft-data-'));
  made.push(folder);
  return folder;
}

export async function put(folder: string, name: string, bytes: Uint8Array | string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

/**
 * One CIFAR record: red plane of value `r`, green of `g`, blue of `b`, except the first pixel of each plane,
 * which is 7.
 */
export function cifarRecord(
  labels: readonly number[],
  [r, g, b]: readonly [number, number, number],
): Uint8Array {
  const record = new Uint8Array(labels.length + 3072);
  record.set(labels);
  [r, g, b].forEach((value, plane) => {
    record.fill(value, labels.length + plane * 1024, labels.length + (plane + 1) * 1024);
    record[labels.length + plane * 1024] = 7;
  });
  return record;
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** An IDX file of unsigned bytes. */
export function idxBytes(dimensions: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((n, i) => header.writeUInt32BE(n, 4 + 4 * i));
  return joined([header, values]);
}
