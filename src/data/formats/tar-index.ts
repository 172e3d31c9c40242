/**
 * Index of a tar archive: names, offsets and sizes of its files. Reads headers and hashes the rest, unpacks
 * nothing. Formats: ustar, GNU long names, pax;
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
import type { Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
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

interface TarHeader {
  readonly size: number;
  /** Type flag; `0` and `7` are files, `L` and `x` give the next file a long name. */
  readonly type: string;
  /** Name, as far as the header holds it. */
  readonly name: string;
}

/** @throws UserError where the checksum is wrong. @param at byte of the header in `file` */
function parseHeader(header: Buffer, file: string, at: number): TarHeader {
  if (number(header.subarray(148, 156)) !== checksum(header))
    throw new UserError(`${file}: must be a tar archive, got a wrong header checksum at byte ${at}`);
  const name = text(header.subarray(0, 100));
  const prefix = text(header.subarray(345, 500));
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  return {
    size: number(header.subarray(124, 136)),
    type: String.fromCharCode(header[156]! || 48),
    name: isUstar && prefix !== '' ? `${prefix}/${name}` : name,
  };
}

/** Reads an archive from its start and hashes every byte. */
class TarReader {
  readonly #buffer = Buffer.alloc(chunkBytes);
  at = 0;

  constructor(
    readonly file: string,
    readonly bytes: number,
    private readonly handle: FileHandle,
    private readonly hash: Hash,
  ) {}

  truncated(part: string): UserError {
    return new UserError(
      `${this.file}: must be a whole tar archive, got ${this.bytes} bytes, ` +
        `which end within ${part} at byte ${this.at}`,
      { fix: 'the shard is truncated: fetch it again' },
    );
  }

  /** The next bytes; of a `skip` none. @throws UserError where the file ends before them */
  async take(bytes: number, part: string, skip = false): Promise<Buffer> {
    const kept: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const { bytesRead } = await this.handle.read(this.#buffer, 0, Math.min(left, chunkBytes), this.at);
      if (bytesRead === 0) throw this.truncated(part);
      this.hash.update(this.#buffer.subarray(0, bytesRead));
      if (!skip) kept.push(Buffer.from(this.#buffer.subarray(0, bytesRead)));
      left -= bytesRead;
      this.at += bytesRead;
    }
    return Buffer.concat(kept);
  }

  /** The name that a long-name entry gives to the next file; undefined where it gives none. */
  async longName({ type, size }: TarHeader, headerAt: number): Promise<string | undefined> {
    if (size > longestName)
      throw new UserError(
        `${this.file}: a file's name must be at most ${longestName} bytes, got ${size} at byte ${headerAt}`,
      );
    const content = (await this.take(padded(size), 'a long name')).subarray(0, size);
    if (type === 'L') return text(content);
    return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1];
  }
}

const padded = (size: number): number => Math.ceil(size / blockBytes) * blockBytes;

/**
 * Regular files in the order of the archive.
 * @param hash updated with every byte of the archive
 * @throws UserError naming file and byte where it is not a tar archive, truncated or damaged
 */
export async function indexTar(file: string, hash: Hash): Promise<TarEntry[]> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw asFileError(file, error);
  });
  try {
    const reader = new TarReader(file, (await handle.stat()).size, handle, hash);
    const entries: TarEntry[] = [];
    let longName: string | undefined;
    for (;;) {
      const headerAt = reader.at;
      if (headerAt >= reader.bytes) throw reader.truncated('the archive, before its end mark,');
      const block = await reader.take(blockBytes, 'a header');
      if (block.every((byte) => byte === 0)) {
        await reader.take(reader.bytes - reader.at, 'the end mark', true);
        return entries;
      }
      const header = parseHeader(block, file, headerAt);
      if (header.type === 'L' || header.type === 'x') {
        longName = (await reader.longName(header, headerAt)) ?? longName;
        continue;
      }
      const name = longName ?? header.name;
      longName = undefined;
      if (header.type === '0' || header.type === '7')
        entries.push({ name, offset: reader.at, size: header.size });
      await reader.take(padded(header.size), JSON.stringify(name), true);
    }
  } finally {
    await handle.close();
  }
}
