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

const isSize = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
/** Quick tests of the usual values of the forms above, member by member, for tables of many rows. */
export function isUsualEstimate(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const found = value as {
    value?: unknown;
    low?: unknown;
    high?: unknown;
    samples?: unknown;
    unknown?: unknown;
  };
  return (
    isSize(found.value) &&
    Number.isFinite(found.low) &&
    Number.isFinite(found.high) &&
    isSize(found.samples) &&
    found.unknown === undefined
  );
}
export function isUsualLatency(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { p50, p90, p99, samples } = value as {
    p50?: unknown;
    p90?: unknown;
    p99?: unknown;
    samples?: unknown;
  };
  return isSize(p50) && isSize(p90) && isSize(p99) && isSize(samples);
}
export function isUsualEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((each) => typeof each === 'string' || Number.isFinite(each));
}
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
