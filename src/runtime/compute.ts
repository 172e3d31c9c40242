/**
 * What a process computes in beside its execution: precision and XLA. Both are settings of the whole process,
 * asked for when its runtime is opened, and part of the device key: rows that differ in them never share a
 * ranking.
 */
import type { ParamTable } from '../util/params.js';
import type { Execution, Precision, RuntimeId } from './runtime.js';

export interface ComputeOptions {
  /** Absent: the device's own, which is float32, or TF32 on a GPU that has it. */
  readonly precision?: Precision;
  /**
   * Let XLA cluster and compile graphs; default false. Its random numbers differ from TensorFlow's: dropout
   * and drop-path draw others from the same seed.
   */
  readonly xla?: boolean;
}

export const precisions = ['float32', 'tf32', 'bfloat16', 'float16'] as const satisfies readonly Precision[];

/** The most that a precision may lie from float32, the same network and seed. */
export interface Accuracy {
  /** Root mean square of the difference of logits, of that of float32's; fresh weights. */
  readonly logits: number;
  /** Relative difference of the loss at each step of a short training. */
  readonly trainingLoss: number;
}

/**
 * Stated bounds, held by `test/runtime/precision.test.ts` on hybrids of every block; each is at least twice
 * what was measured of any block, layer or published network (`npm run bench -- precision`). TF32 is not
 * measured: no GPU was at hand.
 */
export const accuracyOf = {
  float32: { logits: 0, trainingLoss: 0 },
  tf32: undefined,
  bfloat16: { logits: 0.05, trainingLoss: 0.03 },
  float16: { logits: 0.015, trainingLoss: 0.005 },
} as const satisfies Readonly<Record<Precision, Accuracy | undefined>>;

/** How a person writes it: parameters of `runtime auto(…)`, and of the same names on the command line. */
export const computeParams = {
  precision: {
    kind: 'choice',
    oneOf: ['auto', ...precisions],
    default: 'auto',
    doc: 'what products and convolutions compute in; auto: float32, on a GPU that has it TF32',
  },
  xla: { kind: 'bool', default: false, doc: 'let XLA cluster and compile graphs' },
} as const satisfies ParamTable;

/**
 * The options alone, those that are off or not given left out: two requests that mean one thing are one text.
 */
export function computeOf({
  precision,
  xla,
}: {
  readonly precision?: Precision | 'auto' | undefined;
  readonly xla?: boolean | undefined;
}): ComputeOptions {
  return { ...(precision !== undefined && precision !== 'auto' && { precision }), ...(xla && { xla }) };
}

/**
 * What a short line about a device says of it beside `compiled`: nothing of plain float32. @example ',
 * bfloat16, XLA'
 */
export const computeText = ({
  precision,
  xla,
}: {
  readonly precision: Precision;
  readonly xla: boolean;
}): string => `${precision === 'float32' ? '' : `, ${precision}`}${xla ? ', XLA' : ''}`;

export const isLowPrecision = (precision: Precision | undefined): precision is 'bfloat16' | 'float16' =>
  precision === 'bfloat16' || precision === 'float16';

export interface PrecisionFacts {
  readonly runtime: RuntimeId;
  readonly kind: 'cpu' | 'gpu';
  /** e.g. `8.0`; undefined or '' where the driver does not say, which is taken for a recent one. */
  readonly computeCapability?: string | undefined;
  /** TF32 is switched off for the process (`NVIDIA_TF32_OVERRIDE=0`). */
  readonly tf32Off?: boolean;
}

/**
 * What compiled graphs can compute in on a device, its own first. TF32 and bfloat16 products came with
 * compute capability 8.0.
 */
export function devicePrecisions({
  runtime,
  kind,
  computeCapability,
  tf32Off = false,
}: PrecisionFacts): readonly Precision[] {
  if (runtime === 'wasm') return ['float32'];
  if (kind === 'cpu') return ['float32', 'bfloat16', 'float16'];
  if (computeCapability && Number(computeCapability) < 8) return ['float32', 'float16'];
  return [tf32Off ? 'float32' : 'tf32', 'bfloat16', 'float16'];
}

/** Why no device can do that, whatever it is; undefined where one may. */
export function computeProblem(
  runtime: RuntimeId | 'auto',
  execution: Execution | 'auto',
  { precision, xla }: ComputeOptions,
): { readonly message: string; readonly fix: string } | undefined {
  if (runtime === 'wasm' && precision !== undefined && precision !== 'float32')
    return {
      message: `the wasm runtime computes in float32 alone, got precision ${JSON.stringify(precision)}`,
      fix: 'runtime tensorflow, or precision float32',
    };
  if (runtime === 'wasm' && xla)
    return {
      message: 'the wasm runtime has no XLA, got xla true',
      fix: 'runtime tensorflow, or leave XLA off',
    };
  if (execution === 'eager' && isLowPrecision(precision))
    return {
      message: `16-bit products stand in compiled graphs alone, got precision ${JSON.stringify(precision)} with eager execution`,
      fix: 'execution compiled, or precision float32',
    };
  if (execution === 'eager' && xla)
    return {
      message: 'XLA compiles graphs, and eager execution has none, got xla true with eager execution',
      fix: 'execution compiled, or leave XLA off',
    };
  return undefined;
}
