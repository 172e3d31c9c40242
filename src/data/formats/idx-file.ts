/**
 * The IDX format of MNIST, http://yann.lecun.com/exdb/mnist/: two zero bytes, type (0x08: unsigned byte),
 * number of dimensions, each dimension as a big-endian 32-bit integer, then the values, last dimension
 * fastest. Gzip is recognised by its content.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../../util/errors.js';
import { readWhole } from '../images/data-files.js';

export interface IdxArray {
  readonly dimensions: readonly number[];
  readonly values: Uint8Array;
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * @param dimensionCounts how many dimensions the array may have
 * @throws UserError for a broken gzip stream, a wrong magic number, type or rank, or a size other than
 * the header's
 */
export async function readIdx(file: string, dimensionCounts: readonly number[]): Promise<IdxArray> {
  const raw = await readWhole(file);
  let bytes: Uint8Array = raw;
  if (isGzip(raw)) {
    try {
      bytes = await promisify(gunzip)(raw);
    } catch (error) {
      throw new UserError(
        `${file}: must be a complete gzip stream, ` +
          `got ${JSON.stringify((error as Error).message)} in its ${raw.length} bytes`,
        { fix: 'download the file again', cause: error },
      );
    }
  }
  return parseIdx(file, bytes, dimensionCounts);
}

/** As `readIdx`, of bytes already unpacked; `file` is for the messages. */
export function parseIdx(file: string, bytes: Uint8Array, dimensionCounts: readonly number[]): IdxArray {
  if (bytes.length < 4)
    throw new UserError(
      `${file}: must start with the 4 bytes of an IDX magic number, got ${bytes.length} bytes`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3]!;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || !dimensionCounts.includes(rank)) {
    const allowed = dimensionCounts.map((n) => `0x0000080${n}`).join(' or ');
    throw new UserError(
      `${file}: must start with the IDX magic number ${allowed} (unsigned bytes), ` +
        `got 0x${view.getUint32(0).toString(16).padStart(8, '0')} at byte 0`,
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new UserError(`${file}: must have a header of ${header} bytes, got ${bytes.length} bytes`);
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = header + dimensions.reduce((product, n) => product * n, 1);
  if (bytes.length !== expected) {
    throw new UserError(
      `${file}: must hold ${expected} bytes (${dimensions.join('×')} after a header of ${header}), ` +
        `got ${bytes.length} bytes`,
      {
        fix:
          bytes.length < expected
            ? 'the file is cut: download it again'
            : 'the file has bytes beyond its last value',
      },
    );
  }
  return { dimensions, values: bytes.subarray(header) };
}
