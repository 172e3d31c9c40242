/**
 * Precision and XLA. Both are settings of the whole process, fixed when its runtime is opened, and part of
 * the device key: rows that differ in them are never ranked together.
 */
import type { ParamTable } from '../util/params.js';
import type { Execution, Precision, RuntimeId } from './runtime.js';

export interface ComputeOptions {
  /** Default: the device's own, which is float32, or TF32 on a GPU that supports it. */
  readonly precision?: Precision;
  /**
   * XLA clusters and compiles graphs; default false. Its random numbers differ from TensorFlow's, so dropout
   * and drop path differ under the same seed.
   */
  readonly xla?: boolean;
  /** TensorFlow's own ops alone, as they run elsewhere; default: the engine's own kernels where they win. */
  readonly kernels?: 'off';
}

export const precisions = ['float32', 'tf32', 'bfloat16', 'float16'] as const satisfies readonly Precision[];

/** Largest deviation of a precision from float32, same network and seed. */
export interface Accuracy {
  /** RMS of the difference of logits, relative to the RMS of float32's; initial weights. */
  readonly logits: number;
  /** Relative difference of the loss at each step of a short training. */
  readonly trainingLoss: number;
}

/**
 * Bounds that `test/runtime/precision.test.ts` checks on hybrids of every block. Each is at least twice the
 * deviation measured on any block, layer or published network (`npm run bench -- precision`). TF32 is not
 * measured: that needs a GPU.
 */
export const accuracyOf = {
  float32: { logits: 0, trainingLoss: 0 },
  tf32: undefined,
  bfloat16: { logits: 0.05, trainingLoss: 0.03 },
  float16: { logits: 0.015, trainingLoss: 0.005 },
} as const satisfies Readonly<Record<Precision, Accuracy | undefined>>;

/** Parameters of `runtime auto(…)` in experiments, and options of the command line. */
export const computeParams = {
  precision: {
    kind: 'choice',
    oneOf: ['auto', ...precisions],
    default: 'auto',
    doc: 'precision of products and convolutions; auto: float32, or TF32 on a GPU that supports it',
  },
  xla: { kind: 'bool', default: false, doc: 'let XLA cluster and compile graphs' },
  kernels: {
    kind: 'choice',
    oneOf: ['auto', 'off'],
    default: 'auto',
    doc: "auto: the engine's own CPU kernels where they beat TensorFlow's; off: TensorFlow's alone",
  },
} as const satisfies ParamTable;

/** Only the options that are on, so that equal requests have equal texts. */
export function computeOf({
  precision,
  xla,
  kernels,
}: {
  readonly precision?: Precision | 'auto' | undefined;
  readonly xla?: boolean | undefined;
  readonly kernels?: 'auto' | 'off' | undefined;
}): ComputeOptions {
  return {
    ...(kernels === 'off' && { kernels }),
    ...(precision !== undefined && precision !== 'auto' && { precision }),
    ...(xla && { xla }),
  };
}

/** Suffix of a device's description; '' for float32 without XLA. @example ', bfloat16, XLA' */
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
  /** e.g. `8.0`; undefined or '' where unknown, which counts as recent. */
  readonly computeCapability?: string | undefined;
  /** TF32 is switched off for the process (`NVIDIA_TF32_OVERRIDE=0`). */
  readonly tf32Off?: boolean;
}

/**
 * Precisions of compiled graphs on a device, its own first. TF32 and bfloat16 need compute capability 8.0.
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

/** Why these options are impossible on every device; undefined where they are not. */
export function computeProblem(
  runtime: RuntimeId | 'auto',
  execution: Execution | 'auto',
  { precision, xla }: ComputeOptions,
): { readonly message: string; readonly fix: string } | undefined {
  if (runtime === 'wasm' && precision !== undefined && precision !== 'float32')
    return {
      message: `the wasm runtime computes in float32 only, got precision ${JSON.stringify(precision)}`,
      fix: 'runtime tensorflow, or precision float32',
    };
  if (runtime === 'wasm' && xla)
    return {
      message: 'the wasm runtime has no XLA, got xla true',
      fix: 'runtime tensorflow, or leave XLA off',
    };
  if (execution === 'eager' && isLowPrecision(precision))
    return {
      message:
        '16-bit precision needs compiled execution, ' +
        `got precision ${JSON.stringify(precision)} with eager execution`,
      fix: 'execution compiled, or precision float32',
    };
  if (execution === 'eager' && xla)
    return {
      message: 'XLA needs compiled execution, got xla true with eager execution',
      fix: 'execution compiled, or leave XLA off',
    };
  return undefined;
}
