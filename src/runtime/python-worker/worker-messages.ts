/**
 * Messages between this process and a Python worker: one line of JSON, then the raw bytes of the tensors that
 * its entry `tensors` lists, in that order. The worker's side is `python/channel.py`.
 */

/** Increased when a worker of before could not answer. */
export const workerProtocol = 1;

export type WorkerValues = Float32Array | Int32Array | Uint8Array;

export interface WorkerTensor {
  readonly shape: readonly number[];
  readonly values: WorkerValues;
}

interface TensorHeader {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** A received message: the object of its line, and the bytes after it. */
export interface RawMessage {
  readonly line: string;
  readonly payload: Uint8Array;
}

function dtypeOf(values: WorkerValues): string {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'uint8'; // a Buffer, too
}

/** A part of a larger buffer is copied, since a message to a thread takes the whole buffer along. */
function bytesOf(values: WorkerValues): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return bytes.length === values.buffer.byteLength ? bytes : bytes.slice();
}

/** The line and the bytes of a message. */
export function encodeMessage(
  message: object,
  tensors: ReadonlyMap<string, WorkerTensor>,
): { readonly line: string; readonly buffers: readonly Uint8Array[] } {
  const headers = [...tensors].map(
    ([name, { shape, values }]): TensorHeader => ({
      name,
      dtype: dtypeOf(values),
      shape,
      bytes: values.byteLength,
    }),
  );
  return {
    line: `${JSON.stringify({ ...message, tensors: headers })}\n`,
    buffers: [...tensors.values()].map(({ values }) => bytesOf(values)),
  };
}

const isHeader = (value: unknown): value is TensorHeader => {
  const { name, dtype, shape, bytes } = (value ?? {}) as Partial<TensorHeader>;
  const size = Array.isArray(shape) ? shape.reduce((product, dim) => product * dim, 4) : Number.NaN;
  return typeof name === 'string' && dtype === 'float32' && bytes === size;
};

/** Tensors listed on a line; undefined where it is no line of the protocol. */
export function tensorHeaders(line: string): readonly TensorHeader[] | undefined {
  try {
    const tensors: unknown = (JSON.parse(line) as { tensors?: unknown } | null)?.tensors;
    return Array.isArray(tensors) && tensors.every(isHeader) ? tensors : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The fields of a message and its tensors by name. */
export function decodeMessage({ line, payload }: RawMessage): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, WorkerTensor & { readonly values: Float32Array }>;
} {
  let offset = 0;
  const tensors = new Map(
    tensorHeaders(line)!.map(({ name, shape, bytes }) => {
      const from = payload.byteOffset + offset;
      offset += bytes;
      return [name, { shape, values: new Float32Array(payload.buffer.slice(from, from + bytes)) }] as const;
    }),
  );
  return { fields: JSON.parse(line) as Record<string, unknown>, tensors };
}
