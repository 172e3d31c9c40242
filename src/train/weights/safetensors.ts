/**
 * The safetensors format: an 8-byte little-endian length, a JSON header, then the tensors' bytes.
 * https://huggingface.co/docs/safetensors/index#format . Here every tensor is float32, in order of name,
 * aligned to 8 bytes.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { WeightSet } from '../../runtime/runtime.js';
import { UserError } from '../../util/errors.js';

export interface TensorFile {
  readonly tensors: WeightSet;
  /** Texts by name, as the format has them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Metadata entry with the SHA-256 of metadata and data, from which `decodeTensors` detects a damaged file.
 */
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
 * @param options.skip tensors that are left out, whatever their type
 * @throws UserError naming the byte or tensor, for a file that is truncated, changed or of another format
 */
export function decodeTensors(
  bytes: Buffer,
  where: string,
  { skip = () => false }: { readonly skip?: (name: string) => boolean } = {},
): TensorFile {
  if (bytes.length < 8)
    throw new UserError(`${where}: a safetensors file has at least 8 bytes, got ${bytes.length}`);
  const headerLength = bytes.readBigUInt64LE(0);
  if (headerLength > BigInt(bytes.length - 8))
    throw new UserError(
      `${where}: header must end within the file of ${bytes.length} bytes, got a length of ${headerLength}`,
    );
  const dataStart = 8 + Number(headerLength);
  const data = bytes.subarray(dataStart);
  const { metadata, entries } = parseHeader(bytes.subarray(8, dataStart).toString('utf8'), where);
  const { [checksumKey]: expected, ...plain } = metadata;
  const end = Object.values(entries).reduce((most, entry) => Math.max(most, entry.data_offsets[1]), 0);
  if (end !== data.length)
    throw new UserError(`${where}: tensor data must have ${end} bytes, got ${data.length}`);
  if (expected !== undefined && checksum(plain, entries, data) !== expected)
    throw new UserError(`${where}: checksum must match, the file is damaged`);
  const { [untrainedKey]: notTrainable = '[]', ...rest } = plain;
  const untrained = new Set(jsonMetadata(plain, untrainedKey, z.array(z.string()), where, notTrainable));
  const tensors = new Map(
    Object.entries(entries)
      .filter(([name]) => !skip(name))
      .map(
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
            throw new UserError(
              `${where}: tensor ${JSON.stringify(name)} must be F32, got ${JSON.stringify(dtype)}`,
            );
          if (from > to || to - from !== 4 * size)
            throw new UserError(
              `${where}: tensor ${JSON.stringify(name)} of shape [${shape.join(', ')}] needs ${4 * size} ` +
                `bytes, got ${to - from}`,
            );
          const values = new Float32Array(size);
          new Uint8Array(values.buffer).set(data.subarray(from, to));
          return [name, { shape, values, trainable: !untrained.has(name) }];
        },
      ),
  );
  return { tensors, metadata: rest };
}

const size = z.int().min(0);
const entryForm = z.object({
  dtype: z.string(),
  shape: z.array(size).max(8).readonly(),
  data_offsets: z.tuple([size, size]),
});
type Entries = Record<string, z.infer<typeof entryForm>>;
const headerForm = z
  .object({ __metadata__: z.record(z.string(), z.string()).optional() })
  .catchall(entryForm);

interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: Entries;
}

function parseHeader(text: string, where: string): Header {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${where}: header must be JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  const parsed = headerForm.safeParse(value);
  if (!parsed.success) throw new UserError(`${where}: header: ${formProblem(parsed.error, value)}`);
  // The checksum covers the entries in the order and with the keys that the file has.
  const { __metadata__: metadata = {}, ...entries } = value as Entries & {
    __metadata__?: Record<string, string>;
  };
  return { metadata, entries };
}

/** The path of the first wrong value, the rule and the value. */
function formProblem(error: z.ZodError, value: unknown): string {
  const { path, message } = error.issues[0]!;
  const got = path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const shown = (JSON.stringify(got) ?? 'nothing').slice(0, 60);
  const rule = message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
  return (
    `${path.map(String).join('.') || 'all'}: ` +
    `${rule.charAt(0).toLowerCase()}${rule.slice(1)}, got ${shown}`
  );
}

/**
 * A metadata text that holds JSON of a form.
 * @param absent the text where there is none; without it, the entry must be there
 * @throws UserError naming file and entry
 */
export function jsonMetadata<V>(
  metadata: Readonly<Record<string, string>>,
  key: string,
  schema: z.ZodType<V>,
  where: string,
  absent?: string,
): V {
  const text = metadata[key] ?? absent;
  if (text === undefined)
    throw new UserError(`${where}: metadata must have ${JSON.stringify(key)}, got none`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${where}: metadata ${key}: must be JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError(`${where}: metadata ${key}: ${formProblem(parsed.error, value)}`);
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
