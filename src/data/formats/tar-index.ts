/**
 * Where the files of a tar archive lie, without unpacking it: headers are read, contents passed over (and
 * hashed on the way). Formats: ustar, GNU long names, pax;
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
import type { Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { UserError } from '../../util/errors.js';
import { asFileError } from '../images/data-files.js';

export interface TarEntry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const blockBytes = 512;
const chunkBytes = 1 << 22;
const longestName = 1 << 16;

const text = (bytes: Buffer): string => bytes.toString('utf8').replace(/\0[\s\S]*$/, '');

/** Octal digits, or base 256 where the first bit is set (sizes from 8 GiB on). */
function number(bytes: Buffer): number {
  if (bytes[0]! & 0x80) return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  return parseInt(text(bytes).trim() || '0', 8);
}

/** Sum of the header's bytes with the checksum field as blanks. */
const checksum = (header: Buffer): number =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);

/**
 * Regular files in the order of the archive.
 * @param hash takes every byte of the archive
 * @throws UserError naming file and byte where it is no tar archive, is cut off or damaged
 */
export async function indexTar(file: string, hash: Hash): Promise<TarEntry[]> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    throw asFileError(file, error);
  }
  try {
    const { size: fileBytes } = await handle.stat();
    const cut = (at: number, what: string): UserError =>
      new UserError(
        `${file}: must be a whole tar archive, got ${fileBytes} bytes, which end within ${what} at byte ${at}`,
        { fix: 'the shard is cut off: fetch it again' },
      );
    let at = 0;
    const buffer = Buffer.alloc(chunkBytes);
    /** The next bytes, hashed; null at the end of the file. */
    const take = async (bytes: number, what: string, keep: boolean): Promise<Buffer | null> => {
      const kept: Buffer[] = [];
      const start = at;
      for (let left = bytes; left > 0; ) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(left, chunkBytes), at);
        if (bytesRead === 0) {
          if (at === start && what === 'a header') return null;
          throw cut(at, what);
        }
        hash.update(buffer.subarray(0, bytesRead));
        if (keep) kept.push(Buffer.from(buffer.subarray(0, bytesRead)));
        left -= bytesRead;
        at += bytesRead;
      }
      return Buffer.concat(kept);
    };
    const entries: TarEntry[] = [];
    let longName: string | undefined;
    for (;;) {
      const headerAt = at;
      const header = await take(blockBytes, 'a header', true);
      if (header === null) throw cut(at, 'the archive, before its end mark,');
      if (header.every((byte) => byte === 0)) {
        await take(fileBytes - at, 'the end mark', false);
        return entries;
      }
      if (number(header.subarray(148, 156)) !== checksum(header))
        throw new UserError(
          `${file}: must be a tar archive, got a wrong header checksum at byte ${headerAt}`,
        );
      const size = number(header.subarray(124, 136));
      const padded = Math.ceil(size / blockBytes) * blockBytes;
      const kind = String.fromCharCode(header[156]! || 48);
      if (kind === 'L' || kind === 'x') {
        if (size > longestName)
          throw new UserError(
            `${file}: a file's name must be at most ${longestName} bytes, got ${size} at byte ${headerAt}`,
          );
        const content = (await take(padded, 'a long name', true))!.subarray(0, size);
        longName =
          kind === 'L'
            ? text(content)
            : (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1] ?? longName);
        continue;
      }
      const prefix = text(header.subarray(345, 500));
      const ustar = header.toString('latin1', 257, 262) === 'ustar';
      const name =
        longName ??
        (ustar && prefix !== ''
          ? `${prefix}/${text(header.subarray(0, 100))}`
          : text(header.subarray(0, 100)));
      longName = undefined;
      if (kind === '0' || kind === '7') entries.push({ name, offset: at, size });
      await take(padded, JSON.stringify(name), false);
    }
  } finally {
    await handle.close();
  }
}
