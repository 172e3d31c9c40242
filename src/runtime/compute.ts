/**
 * Precision, XLA and what else a runtime can be opened with. All are settings of the whole process, fixed
 * when its runtime is opened. What changes the code that runs is part of the device key: such rows are never
 * ranked together.
 */
import type { ParamTable } from '../util/params.js';
import type { DeviceKey, Execution, Precision, RuntimeId } from './runtime.js';

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
  /** PyTorch only: maps in channels-last order; default false. */
  readonly channelsLast?: boolean;
  /** PyTorch only: compiled passes replay CUDA graphs (`reduce-overhead`); default false. */
  readonly cudaGraphs?: boolean;
  /**
   * PyTorch only: processes of a training, each with a GPU of its own and an equal part of every batch.
   * torchrun starts them. Default 1.
   */
  readonly ranks?: number;
  /** PyTorch only; default: CUDA, else Metal (`mps`), else the CPU. */
  readonly device?: 'cpu' | 'cuda' | 'mps';
  /** ONNX Runtime only; default: CUDA where it is installed and a GPU is seen, else the CPU. */
  readonly provider?: OnnxProvider;
  /** Python interpreter of PyTorch and ONNX Runtime; default: STAGECRAFT_PYTHON, else `python3`. */
  readonly python?: string;
}

/** Execution providers of ONNX Runtime. */
export const onnxProviders = ['cpu', 'cuda', 'tensorrt', 'coreml', 'webgpu'] as const;
export type OnnxProvider = (typeof onnxProviders)[number];

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

const pythonParam = {
  kind: 'text',
  default: '',
  doc: 'Python interpreter: a command or path; default: STAGECRAFT_PYTHON, else python3',
} as const;

/** Parameters of `runtime pytorch(…)` in experiments, besides `execution`. */
export const pytorchParams = {
  precision: {
    kind: 'choice',
    oneOf: ['auto', ...precisions],
    default: 'auto',
    doc: 'precision of products and convolutions; auto: float32, or TF32 on a GPU that supports it',
  },
  'channels-last': { kind: 'bool', default: false, doc: 'keep maps in channels-last order' },
  'cuda-graphs': {
    kind: 'bool',
    default: false,
    doc: 'compiled on CUDA: replay CUDA graphs (torch.compile mode reduce-overhead)',
  },
  device: {
    kind: 'choice',
    oneOf: ['auto', 'cpu', 'cuda', 'mps'],
    default: 'auto',
    doc: 'auto: CUDA, else Metal, else the CPU',
  },
  ranks: {
    kind: 'int',
    min: 1,
    max: 1024,
    default: 1,
    doc: 'processes of a training, started by torchrun, each with a GPU and an equal part of every batch',
  },
  python: pythonParam,
} as const satisfies ParamTable;

/** Parameters of `runtime onnxruntime(…)` in experiments. */
export const onnxruntimeParams = {
  precision: {
    kind: 'choice',
    oneOf: ['auto', 'float32', 'tf32'],
    default: 'auto',
    doc: 'float32, or TF32 on CUDA; auto: as the provider computes by itself',
  },
  provider: {
    kind: 'choice',
    oneOf: ['auto', ...onnxProviders],
    default: 'auto',
    doc: 'execution provider, as it is installed; auto: CUDA where it works, else the CPU',
  },
  python: pythonParam,
} as const satisfies ParamTable;

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

type Choices<Options> = { readonly [Name in keyof Options]?: Options[Name] | 'auto' | undefined };
/** Options as they are given: `auto` and absent are the same. */
export interface ComputeChoices
  extends Choices<Omit<ComputeOptions, 'xla' | 'channelsLast' | 'cudaGraphs' | 'ranks'>> {
  readonly xla?: boolean | undefined;
  readonly channelsLast?: boolean | undefined;
  readonly cudaGraphs?: boolean | undefined;
  readonly ranks?: number | undefined;
}

/** Only the options that are on, so that equal requests have equal texts. */
export function computeOf({
  precision,
  xla,
  kernels,
  channelsLast,
  cudaGraphs,
  ranks,
  device,
  provider,
  python,
}: ComputeChoices): ComputeOptions {
  return {
    ...(kernels === 'off' && { kernels }),
    ...(precision !== undefined && precision !== 'auto' && { precision }),
    ...(xla && { xla }),
    ...(channelsLast && { channelsLast }),
    ...(cudaGraphs && { cudaGraphs }),
    ...(ranks !== undefined && ranks > 1 && { ranks }),
    ...(device !== undefined && device !== 'auto' && { device }),
    ...(provider !== undefined && provider !== 'auto' && { provider }),
    ...(python && { python }),
  };
}

/** `xla: false` where it is written, which `computeOf` leaves out: then no probe chooses it either. */
export const xlaOf = ({ xla }: Pick<ComputeOptions, 'xla'>): Pick<ComputeOptions, 'xla'> =>
  xla === undefined ? {} : { xla };

/** Of the options, those that say where a network runs and not how; scores are float32 and eager. */
export const placeOf = ({ device, python }: ComputeOptions): ComputeOptions => computeOf({ device, python });

type KeyOptions = Pick<DeviceKey, 'xla' | 'layout' | 'graphs' | 'ranks'>;

/** Suffix of a device's description; '' for float32 without options. @example ', bfloat16, XLA' */
export const computeText = (key: Pick<DeviceKey, 'precision'> & KeyOptions): string =>
  `${key.precision === 'float32' ? '' : `, ${key.precision}`}${optionsText(key)}`;

/** What is switched on, as a suffix. @example ', channels-last' */
export const optionsText = ({ xla, layout, graphs, ranks }: KeyOptions): string =>
  [
    xla && 'XLA',
    layout === 'channels-last' && layout,
    graphs && 'CUDA graphs',
    ranks !== undefined && `${ranks} ranks`,
  ]
    .map((text) => (text ? `, ${text}` : ''))
    .join('');

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
  options: ComputeOptions,
): { readonly message: string; readonly fix: string } | undefined {
  const { precision, xla } = options;
  const foreign = foreignOption(runtime, options);
  if (foreign) return foreign;
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
  if (runtime === 'onnxruntime' && isLowPrecision(precision))
    return {
      message: `the models of ONNX Runtime are float32, got precision ${JSON.stringify(precision)}`,
      fix: 'runtime pytorch, or precision float32',
    };
  if (runtime === 'onnxruntime' && execution === 'eager')
    return {
      message: 'ONNX Runtime compiles its graphs, got execution "eager"',
      fix: 'execution compiled or auto',
    };
  if (runtime !== 'pytorch' && execution === 'eager' && isLowPrecision(precision))
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

/** Options by the runtimes that have them; all others are refused. */
const optionRuntimes: Readonly<Record<string, readonly (RuntimeId | 'auto')[]>> = {
  xla: ['auto', 'tensorflow', 'wasm'], // wasm has a message of its own
  kernels: ['auto', 'tensorflow', 'wasm'],
  channelsLast: ['pytorch'],
  cudaGraphs: ['pytorch'],
  ranks: ['pytorch'],
  device: ['pytorch'],
  provider: ['onnxruntime'],
  python: ['pytorch', 'onnxruntime'],
};

function foreignOption(
  runtime: RuntimeId | 'auto',
  options: ComputeOptions,
): { readonly message: string; readonly fix: string } | undefined {
  for (const [name, runtimes] of Object.entries(optionRuntimes)) {
    const value = options[name as keyof ComputeOptions];
    if (value === undefined || value === false || runtimes.includes(runtime)) continue;
    const written = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return {
      message: `the ${runtime} runtime has no ${written}, got ${written} ${JSON.stringify(value)}`,
      fix: `runtime ${runtimes.filter((each) => each !== 'auto')[0]}, or leave ${written} out`,
    };
  }
  return undefined;
}
