/**
 * Opens the runtime of this process, once: threads, XLA and TF32 are environment variables that the engine
 * reads when it loads.
 */

import { locateEngine } from '../setup/engine/locate-engine.js';
import { applyNamedDevice } from '../setup/engine/named-device.js';
import { UserError } from '../util/errors.js';
import { type ComputeOptions, computeOf, computeProblem } from './compute.js';
import type { Precision, Runtime, RuntimeId } from './runtime.js';
import { openNative } from './tfjs/open-native.js';
import { openWasm } from './tfjs/open-wasm.js';

export interface OpenOptions extends ComputeOptions {
  /** `auto`: TensorFlow where an engine is set up, else wasm. */
  readonly runtime: RuntimeId | 'auto';
  readonly threads: number;
}

/** Type of `openRuntime`: a parameter of every job, so that tests can pass another. */
export type OpenRuntime = (options: OpenOptions) => Promise<Runtime>;

let opened: { readonly key: string; readonly runtime: Runtime } | undefined;

/**
 * Opens the runtime on the first call; later calls must have the same options.
 * @throws UserError where TensorFlow is requested and no engine is set up, or the device does not support the
 * precision
 */
export async function openRuntime(options: OpenOptions): Promise<Runtime> {
  const { threads } = options;
  if (!Number.isInteger(threads) || threads < 1)
    throw new UserError(`open runtime: threads must be an integer of at least 1, got ${threads}`);
  return options.runtime === 'pytorch' || options.runtime === 'onnxruntime'
    ? openInPython(options.runtime, options)
    : openTfjs(options);
}

/** The open runtime, where it is of this key. @throws where it is of another */
function alreadyOpen(key: string): Runtime | undefined {
  if (opened && opened.key !== key)
    throw new Error(
      `open runtime: this process runs ${JSON.stringify(opened.key)}, got ${JSON.stringify(key)}; ` +
        'use another process',
    );
  return opened?.runtime;
}

async function openInPython(id: 'pytorch' | 'onnxruntime', options: OpenOptions): Promise<Runtime> {
  const compute = computeOf(options);
  const problem = computeProblem(id, 'auto', compute);
  if (problem) throw new UserError(`open runtime: ${problem.message}`, { fix: problem.fix });
  const key = `${id} ${options.threads} ${JSON.stringify(compute)}`;
  const known = alreadyOpen(key);
  if (known) return known;
  await applyNamedDevice();
  const runtime: Runtime =
    id === 'pytorch'
      ? (await import('./pytorch/open-pytorch.js')).openPytorch(options.threads, compute)
      : (await import('./onnxruntime/open-onnxruntime.js')).openOnnxruntime(options.threads, compute);
  assertComputes(runtime, compute.precision);
  opened = { key, runtime };
  return runtime;
}

async function openTfjs(options: OpenOptions): Promise<Runtime> {
  const { threads } = options;
  const { precision, xla = false, kernels } = computeOf(options);
  const engine = options.runtime === 'wasm' ? undefined : locateEngine();
  if (options.runtime === 'tensorflow' && !engine)
    throw new UserError('open runtime: the TensorFlow engine is not set up, got runtime "tensorflow"', {
      fix: 'npx stagecraft setup',
    });
  const problem = computeProblem(engine ? 'tensorflow' : 'wasm', 'auto', options);
  if (problem)
    throw new UserError(`open runtime: ${problem.message}`, {
      fix:
        options.runtime === 'auto' && !engine
          ? 'run `npx stagecraft setup` for the native engine'
          : problem.fix,
    });
  const key =
    `${engine?.folder ?? 'wasm'} ${threads} ` +
    `${precision ?? 'auto'}${xla ? ' xla' : ''}${kernels ? ' kernels off' : ''}`;
  const known = alreadyOpen(key);
  if (known) return known;
  if (engine) await applyNamedDevice();
  const count = String(threads);
  Object.assign(process.env, {
    OMP_NUM_THREADS: count,
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
  });
  if (xla)
    process.env['TF_XLA_FLAGS'] =
      `${process.env['TF_XLA_FLAGS'] ?? ''} --tf_xla_auto_jit=2 --tf_xla_cpu_global_jit`.trim();
  // TensorFlow and cuBLAS read the variable when they load; cuBLAS turns TF32 on only where it is absent
  if (precision === 'float32') process.env['NVIDIA_TF32_OVERRIDE'] = '0';
  // XLA's own products (Triton) do not read it and would take TF32
  if (precision === 'float32' && xla)
    process.env['XLA_FLAGS'] = `${process.env['XLA_FLAGS'] ?? ''} --xla_gpu_enable_triton_gemm=false`.trim();
  else if (precision === 'tf32') delete process.env['NVIDIA_TF32_OVERRIDE'];
  const runtime = engine ? openNative(engine, threads, precision, kernels !== 'off') : await openWasm();
  assertComputes(runtime, precision);
  opened = { key, runtime };
  return runtime;
}

function assertComputes({ supports }: Runtime, precision: Precision | undefined): void {
  if (precision === undefined || supports.precisions.includes(precision)) return;
  throw new UserError(
    `open runtime: this device computes in ${supports.precisions.join(', ')}, ` +
      `got precision ${JSON.stringify(precision)}`,
    {
      fix:
        precision === 'tf32'
          ? 'precision float32; TF32 needs an NVIDIA GPU of compute capability 8.0 or later'
          : `precision ${supports.precisions[0]}`,
    },
  );
}
