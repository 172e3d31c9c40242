/** The forms of JSON columns. */
import { z } from 'zod';
import { type DeviceKey, runtimeIds } from '../../runtime/runtime.js';

const size = z.number().min(0);
const call = z.record(z.string(), z.unknown());

/** JSON writes Infinity as null. */
const highForm = z.union([z.number(), z.null().transform(() => Number.POSITIVE_INFINITY)]);
/** `{value, low, high, samples}`, of times and rates. */
export const estimateForm = z.object({
  value: size,
  low: z.number(),
  high: highForm,
  samples: size,
  unknown: z.literal(true).exactOptional(),
});
/** Of a time that is a difference, and may be below 0. */
export const differenceForm = z.object({
  value: z.number(),
  low: z.number(),
  high: highForm,
  samples: size,
});
export const latencyForm = z.object({ p50: size, p90: size, p99: size, samples: size });

/** Whether a value is an object whose members of these names are finite, and those of `sizes` at least 0. */
const hasNumbers = (value: unknown, names: readonly string[], sizes: readonly string[]): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return (
    names.every((name) => Number.isFinite(members[name])) &&
    sizes.every((name) => (members[name] as number) >= 0)
  );
};
/** Quick tests of the usual values of the forms above: a tenth of their cost, for tables of many rows. */
export const isUsualEstimate = (value: unknown): boolean =>
  hasNumbers(value, ['value', 'low', 'high', 'samples'], ['value', 'samples']) &&
  (value as { unknown?: unknown }).unknown === undefined;
export const isUsualLatency = (value: unknown): boolean =>
  hasNumbers(value, ['p50', 'p90', 'p99', 'samples'], ['p50', 'p90', 'p99', 'samples']);
export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
/** Of every block or call. */
export const millisecondsForm = z.array(size);
export const namesForm = z.array(z.string());
export const indicesForm = z.array(z.int().min(0));
export const settingsForm = call;
/** What could not be read is null in JSON, and left out here. */
export const environmentForm = z
  .record(z.string(), z.union([z.number(), z.string(), z.null()]))
  .transform(
    (values) =>
      Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Record<
        string,
        number | string
      >,
  );

export const deviceKeyForm: z.ZodType<DeviceKey> = z.looseObject({
  device: z.string(),
  kind: z.enum(['cpu', 'gpu']),
  threads: size,
  driver: z.string(),
  runtime: z.enum(runtimeIds),
  runtimeVersion: z.string(),
  execution: z.enum(['eager', 'compiled']),
  precision: z.enum(['float32', 'tf32', 'bfloat16', 'float16']),
  xla: z.boolean(),
  layout: z.enum(['NHWC', 'NCHW', 'channels-last']),
});

/** Stands for a device key that cannot be read; rows of its device stay apart by the id. */
export const damagedDeviceKey: DeviceKey = {
  device: 'device (its row is damaged)',
  kind: 'cpu',
  threads: 0,
  driver: '',
  runtime: 'tensorflow',
  runtimeVersion: 'unknown',
  execution: 'eager',
  precision: 'float32',
  xla: false,
  layout: 'NHWC',
};
