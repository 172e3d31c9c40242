/** Running experiments from programs: whole ones, or the measurement and training of single networks. */
import type { Architecture } from '../architecture/architecture.js';
import { executeExperiment } from '../lab/execute-experiment.js';
import type { Experiment } from '../lab/experiment.js';
import { type ExperimentValues, experiment, optionText } from '../lab/experiment-builder.js';
import { experimentFromOptions, loadExperiment } from '../lab/load-experiment.js';
import type { RunEvent } from '../lab/run/run-event.js';
import { computeOf } from '../runtime/compute.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';

export interface RunOptions {
  /** SQLite file that keeps every result, and from which stored ones are taken. Default: none is kept. */
  readonly database?: string;
  /** Runs failed jobs again; default false. */
  readonly retryFailed?: boolean;
  /** Longest wait for other work on the machine to pause before launches, ms over the run; default 60,000. */
  readonly quietWaitMs?: number;
  /** Aborting rejects with InterruptedError; finished jobs stay in the database. */
  readonly signal?: AbortSignal;
  /** Progress: `started`, `job`, `epoch` and others by `event.type`. */
  onEvent?(event: RunEvent): void;
}

/** Where networks run; defaults `auto`. */
export interface RuntimeOptions {
  /** Default: `tensorflow` after `stagecraft setup`, else `wasm`. */
  readonly runtime?: 'auto' | 'tensorflow' | 'wasm' | 'pytorch' | 'onnxruntime';
  readonly execution?: 'auto' | 'compiled' | 'eager';
  readonly precision?: 'float32' | 'tf32' | 'bfloat16' | 'float16';
  readonly xla?: boolean;
  /** `off`: TensorFlow's own CPU ops alone. */
  readonly kernels?: 'auto' | 'off';
  /** PyTorch: maps in channels-last order. */
  readonly channelsLast?: boolean;
  /** PyTorch, compiled on CUDA: replay CUDA graphs. */
  readonly cudaGraphs?: boolean;
  /** Python interpreter of PyTorch and ONNX Runtime; default: STAGECRAFT_PYTHON, else `python3`. */
  readonly python?: string;
}

/** The experiment of a file. @throws UserError where it cannot be read, DiagnosticError for its errors */
export const openExperiment = (file: string): Experiment => loadExperiment(file);

/**
 * An experiment from typed values, as a file states them; `folder`: its paths are relative to it, default the
 * working folder.
 * @throws DiagnosticError with every error
 * @example experimentOf({ name: 'tiny', space: 'small.space', sample: call('random', { size: 4 }),
 *   profile: { batches: [1] } })
 */
export const experimentOf = (values: ExperimentValues, folder = '.'): Experiment =>
  experimentFromOptions(experiment(values), undefined, folder);

/**
 * Runs every job that the database lacks, in child processes, and reads the result back.
 * @throws UserError where the database is locked or the experiment cannot run here; InterruptedError
 * @example await runExperiment(openExperiment('quickstart.experiment'), { database: 'results.sqlite' })
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions = {},
): Promise<ExperimentResult> {
  const { result } = await executeExperiment(experiment, {
    database: options.database,
    retryFailed: options.retryFailed ?? false,
    quietWaitMs: options.quietWaitMs,
    signal: options.signal ?? new AbortController().signal,
    onEvent: (event) => options.onEvent?.(event),
  });
  return result;
}

const runtimeOf = ({ runtime, execution, ...options }: RuntimeOptions) => ({
  id: runtime ?? 'auto',
  ...(execution && { execution }),
  ...computeOf(options),
});

export interface ProfileOptions extends RunOptions, RuntimeOptions {
  /** Images per pass; default 1, 16 and 64. */
  readonly batches?: readonly number[];
  /** Processes per network; default 3. */
  readonly launches?: number;
  /** Threads of the engine; 0, the default, for all cores. */
  readonly threads?: number;
  /** Changes to the protocol, as files write them: `half-width: 0.01, cap-ms: 2000`. */
  readonly protocol?: string;
}

/**
 * Measures networks: `profiles` of each result hold, per batch size, `stepMs`, `imagesPerSecond`, `latencyMs`
 * (milliseconds) and `peakBytes` with 95 % intervals. A network that fails has `failures` instead.
 * @throws UserError, DiagnosticError for wrong options; InterruptedError
 * @example const [measured] = await profile(member, { batches: [16] }); measured.profiles[0].stepMs.value
 */
export async function profile(
  networks: Architecture | readonly Architecture[],
  options: ProfileOptions = {},
): Promise<readonly CandidateResult[]> {
  const architectures = 'stages' in networks ? [networks] : networks;
  const { batches = [1, 16, 64], launches = 3, threads = 0, protocol } = options;
  const values: ExperimentValues = {
    name: 'profile',
    profile: {
      batches,
      launches,
      threads,
      ...(protocol !== undefined && { protocol: optionText('protocol', protocol) }),
    },
    runtime: runtimeOf(options),
  };
  const result = await runExperiment(experimentFromOptions(experiment(values), architectures), options);
  return result.candidates;
}

export interface TrainOptions extends RunOptions, RuntimeOptions {
  /** Data set with its parameters, as files write it: `motif(train: 4000, validation: 1000)`. */
  readonly data: string;
  /** Recipe with its parameters; default `adamw`. */
  readonly recipe?: string;
  /** One training each; default 1. A seed fixes weights, data order and augmentation. */
  readonly seeds?: readonly number[];
  /** Threads of each training; default 1. */
  readonly threads?: number;
}

/**
 * Trains a network once per seed: `scores` hold `top1`, `miou` (fractions) or `loss`, the `curve` by epoch
 * and `seconds`; `top1`, `miou` and `loss` of the result are means with 95 % intervals.
 * @throws UserError, DiagnosticError for wrong options; InterruptedError
 * @example await train(member, { data: 'motif(train: 500, validation: 200)', recipe: 'adamw(epochs: 1)' })
 */
export async function train(architecture: Architecture, options: TrainOptions): Promise<CandidateResult> {
  const { data, recipe = 'adamw', seeds = [1], threads = 1 } = options;
  const values: ExperimentValues = {
    name: 'train',
    data: optionText('data', data),
    train: { recipe: optionText('recipe', recipe), seeds },
    workers: { threads },
    runtime: runtimeOf(options),
  };
  const result = await runExperiment(experimentFromOptions(experiment(values), [architecture]), options);
  return result.candidates[0]!;
}
