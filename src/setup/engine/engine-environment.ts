/** Environment variables that a child process needs before it loads the engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bindingPaths } from './engine-paths.js';
import { type Engine, locateEngine } from './locate-engine.js';

export interface EngineEnvironmentOptions {
  readonly engine?: Engine | undefined;
  /** Threads of each of TensorFlow's pools and of OpenMP; by default TensorFlow's own choice. */
  readonly threads?: number | undefined;
  /** `cpu`, or a GPU by UUID; default: the environment's, else every GPU. */
  readonly device?: string | undefined;
  /** Allocate GPU memory as it is needed (default) or all at once. */
  readonly memoryGrowth?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * This process's environment with the variables of a child that loads the engine. TensorFlow's libraries find
 * CUDA's (`deps/nvidia/…/lib`) through their own search path, so LD_LIBRARY_PATH is not set. XLA_FLAGS names
 * the folder of `ptxas` and `libdevice`. Devices are numbered as in `nvidia-smi`.
 */
export function engineEnvironment(options: EngineEnvironmentOptions = {}): NodeJS.ProcessEnv {
  const base = options.env ?? process.env;
  const engine = options.engine ?? locateEngine(base);
  const environment: NodeJS.ProcessEnv = {
    ...base,
    CUDA_DEVICE_ORDER: base['CUDA_DEVICE_ORDER'] ?? 'PCI_BUS_ID',
  };
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // kernels that the driver compiles from PTX are kept between processes; its default holds a part of them
  environment['CUDA_CACHE_MAXSIZE'] ??= String(2 ** 32 - 1);
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] =
    options.memoryGrowth === false ? 'false' : (base['TF_FORCE_GPU_ALLOW_GROWTH'] ?? 'true');
  if (options.threads !== undefined && options.threads > 0) {
    for (const name of ['OMP_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'])
      environment[name] = String(options.threads);
  }
  if (options.device !== undefined)
    environment['CUDA_VISIBLE_DEVICES'] = options.device === 'cpu' ? '-1' : options.device;
  const nvcc = engine && join(bindingPaths(engine.folder).deps, 'nvidia', 'cuda_nvcc');
  if (
    nvcc !== undefined &&
    existsSync(nvcc) &&
    !(base['XLA_FLAGS'] ?? '').includes('xla_gpu_cuda_data_dir')
  ) {
    environment['XLA_FLAGS'] = `${base['XLA_FLAGS'] ?? ''} --xla_gpu_cuda_data_dir=${nvcc}`.trim();
  }
  return environment;
}

/**
 * How many times longer a child may be silent than its job says: on a GPU the driver may compile TensorFlow's
 * kernels at their first run, for minutes, during which the process cannot send.
 */
export const silenceFactor = (engine: Engine | undefined = locateEngine()): number =>
  engine === undefined || engine.info.kind === 'cpu' ? 1 : 10;

/** For a child whose log is parsed: TensorFlow logs each library that it loads or fails to load. */
export const provingEnvironment = (engine: Engine, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  engineEnvironment({ engine, env: { ...env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'dso_loader=1' } });
