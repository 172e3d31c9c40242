/**
 * The safetensors format: an 8-byte little-endian length, a JSON header, then the tensors' bytes.
 * https://huggingface.co/docs/safetensors/index#format . Here every tensor is float32, in order of name,
 * aligned to 8 bytes.
 */
import { createHash } from 'node:crypto';
import type { WeightSet } from '../../runtime/runtime.js';

export interface TensorFile {
  readonly tensors: WeightSet;
  /** Texts by name, as the format has them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Metadata entry with the SHA-256 of metadata and data, from which `decodeTensors` detects a damaged file. */
const checksumKey = 'sha256';
const untrainedKey = 'not-trainable';

/** @param metadata must not hold the keys `sha256` and `not-trainable` */
export function encodeTensors({ tensors, metadata }: TensorFile): Buffer {
  const names = [...tensors.keys()].sort();
  let offset = 0;
  const entries: Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }> =
    {};
  for (const name of names) {
    const { shape, values } = tensors.get(name)!;
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += values.byteLength)] };
  }
  const data = Buffer.alloc(offset);
  for (const name of names) {
    const { values } = tensors.get(name)!;
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(
      data,
      entries[name]!.data_offsets[0],
    );
  }
  const notTrainable = JSON.stringify(names.filter((name) => !tensors.get(name)!.trainable));
  const plain = { ...metadata, [untrainedKey]: notTrainable };
  const header = JSON.stringify({
    __metadata__: { ...plain, [checksumKey]: checksum(plain, entries, data) },
    ...entries,
  });
  const padded = Buffer.from(header + ' '.repeat((8 - (Buffer.byteLength(header) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}

/**
 * Reads what `encodeTensors` wrote, or another writer's float32 file (then without a checksum, every tensor
 * trainable).
 * @param where names the file in errors
 * @throws Error naming the byte or tensor, for a file that is truncated, changed or of another format
 */
export function decodeTensors(bytes: Buffer, where: string): TensorFile {
  if (bytes.length < 8)
    throw new Error(`${where}: a safetensors file has at least 8 bytes, got ${bytes.length}`);
  const headerLength = bytes.readBigUInt64LE(0);
  if (headerLength > BigInt(bytes.length - 8))
    throw new Error(
      `${where}: header must end within the file of ${bytes.length} bytes, got a length of ${headerLength}`,
    );
  const dataStart = 8 + Number(headerLength);
  const data = bytes.subarray(dataStart);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    bytes.subarray(8, dataStart).toString('utf8'),
    where,
  );
  const { [checksumKey]: expected, ...plain } = metadata;
  const end = Math.max(0, ...Object.values(entries).map((entry) => entry.data_offsets[1]));
  if (end !== data.length)
    throw new Error(`${where}: tensor data must have ${end} bytes, got ${data.length}`);
  if (expected !== undefined && checksum(plain, entries, data) !== expected)
    throw new Error(`${where}: checksum must match, the file is damaged`);
  const { [untrainedKey]: notTrainable = '[]', ...rest } = plain;
  const untrained = new Set(JSON.parse(notTrainable) as string[]);
  const tensors = new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        if (dtype !== 'F32')
          throw new Error(
            `${where}: tensor ${JSON.stringify(name)} must be F32, got ${JSON.stringify(dtype)}`,
          );
        if (to - from !== 4 * size)
          throw new Error(
            `${where}: tensor ${JSON.stringify(name)} of shape [${shape.join(', ')}] needs ${4 * size} bytes, got ${to - from}`,
          );
        const values = new Float32Array(size);
        new Uint8Array(values.buffer).set(data.subarray(from, to));
        return [name, { shape, values, trainable: !untrained.has(name) }];
      },
    ),
  );
  return { tensors, metadata: rest };
}

type Entries = Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }>;

function parseHeader(text: string, where: string): Entries & { __metadata__?: Record<string, string> } {
  try {
    return JSON.parse(text) as Entries & { __metadata__?: Record<string, string> };
  } catch {
    throw new Error(`${where}: header must be JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  }
}

function checksum(metadata: Readonly<Record<string, string>>, entries: Entries, data: Buffer): string {
  return createHash('sha256')
    .update(JSON.stringify(metadata))
    .update('\n')
    .update(JSON.stringify(entries))
    .update('\n')
    .update(data)
    .digest('hex');
}
