/**
 * What set-up found out about the engine's own kernels on this machine: each against TensorFlow's own ops,
 * its result and its time. The table lies beside the binary; the runtime reads from it which kernels are
 * enabled.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { z } from 'zod';
import { limitsText } from './processor-limits.js';

/** Kernels that are enabled one by one. */
export const kernelNames = [
  'activation',
  'adamw',
  'batch-norm',
  'channels',
  'convolution',
  'depthwise',
  'layer-norm',
  'winograd',
] as const;
export type KernelName = (typeof kernelNames)[number];

/** Smallest gain that enables a kernel: below lies the scatter of two trials on one machine. */
export const leastGain = 1.05;

/** Largest difference between a kernel's result and TensorFlow's, relative to the largest magnitude. */
export const mostDifference = 1e-3;

const resultSchema = z.object({
  /** TensorFlow's time divided by the kernel's, forward and gradients; 0 where it could not run. */
  gain: z.number(),
  /** Relative to the largest magnitude; -1 where it could not run. */
  difference: z.number(),
  /** Why it could not run; '' where it did. */
  error: z.string(),
});
const tableSchema = z.object({
  format: z.literal(1),
  tensorflowVersion: z.string(),
  binarySha256: z.string(),
  processor: z.string(),
  /** Variables that limited the processor; absent: none. */
  limits: z.string().optional(),
  /** Why none could be tried; '' where they were. */
  failure: z.string(),
  results: z.partialRecord(z.enum(kernelNames), resultSchema),
});
export type KernelResult = z.infer<typeof resultSchema>;
export type KernelTable = z.infer<typeof tableSchema>;

export const isEnabled = ({ gain, difference, error }: KernelResult): boolean =>
  error === '' && gain >= leastGain && difference >= 0 && difference <= mostDifference;

export const enabledKernels = ({ results }: KernelTable): ReadonlySet<KernelName> =>
  new Set(kernelNames.filter((name) => results[name] !== undefined && isEnabled(results[name])));

/** One table for each set of limits, since a slower TensorFlow makes more kernels win. */
function tablePath(binary: string, env: NodeJS.ProcessEnv): string {
  const limits = limitsText(env);
  const name = limits === '' ? '' : `.${createHash('sha256').update(limits).digest('hex').slice(0, 8)}`;
  return `${binary}${name}.json`;
}

type TableKey = Pick<KernelTable, 'binarySha256' | 'processor' | 'limits'>;

/** What a table must agree in to be valid for a binary on this machine. */
function tableKey(binary: string, env: NodeJS.ProcessEnv): TableKey {
  const limits = limitsText(env);
  return {
    binarySha256: createHash('sha256').update(readFileSync(binary)).digest('hex'),
    processor: cpus()[0]?.model ?? '',
    ...(limits !== '' && { limits }),
  };
}

export type TableState =
  | { readonly state: 'proven'; readonly table: KernelTable }
  | { readonly state: 'absent' }
  /** Made for another TensorFlow, binary or processor. */
  | { readonly state: 'outdated'; readonly reason: string };

/** @param tensorflowVersion of the engine; `unknown` fits every table */
export function readKernelTable(
  binary: string,
  tensorflowVersion: string,
  env: NodeJS.ProcessEnv = process.env,
): TableState {
  let table: KernelTable;
  try {
    const read = tableSchema.safeParse(JSON.parse(readFileSync(tablePath(binary, env), 'utf8')));
    if (!read.success) return { state: 'outdated', reason: 'their table cannot be read' };
    table = read.data;
  } catch {
    return { state: 'absent' };
  }
  const key = tableKey(binary, env);
  if (table.binarySha256 !== key.binarySha256)
    return { state: 'outdated', reason: 'the binary is another than the one that was tried' };
  if (table.processor !== key.processor)
    return { state: 'outdated', reason: `they were tried on another processor (${table.processor})` };
  if (tensorflowVersion !== 'unknown' && table.tensorflowVersion !== tensorflowVersion)
    return {
      state: 'outdated',
      reason: `they were tried with TensorFlow ${table.tensorflowVersion}; this is ${tensorflowVersion}`,
    };
  return { state: 'proven', table };
}

/** Replaces the table in one step. */
export function writeKernelTable(
  binary: string,
  found: Pick<KernelTable, 'tensorflowVersion' | 'failure' | 'results'>,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const path = tablePath(binary, env);
  const made = `${path}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify({ format: 1, ...tableKey(binary, env), ...found }, undefined, 2)}\n`);
  renameSync(made, path);
}
