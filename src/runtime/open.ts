/** Opens the runtime of this process. Threads are fixed in the environment before the engine loads, so once per process. */
import { UserError } from '../util/errors.js';
import type { Runtime, RuntimeId } from './contract.js';
import { locateEngine } from './engine/locate.js';
import { openNative } from './tfjs/open-native.js';
import { openWasm } from './tfjs/open-wasm.js';

export interface OpenOptions {
  /** `auto`: TensorFlow where an engine is set up, else wasm. */
  readonly runtime: RuntimeId | 'auto';
  readonly threads: number;
  /** Let XLA cluster and compile graphs. On CPUs it was measured slower for training; on GPUs it usually gains. Default false. */
  readonly xla?: boolean;
  /** false: products on a GPU in full float32 (Ampere and later use TF32 otherwise). Default true. */
  readonly tf32?: boolean;
}

let opened: { readonly key: string; readonly runtime: Runtime } | undefined;

/**
 * The runtime, opened on the first call; later calls must ask for the same.
 * @throws UserError where TensorFlow is asked for and no engine is set up
 */
export async function openRuntime(options: OpenOptions): Promise<Runtime> {
  const { threads } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new UserError(`open runtime: threads must be an integer of at least 1, got ${threads}`);
  const engine = options.runtime === 'wasm' ? undefined : locateEngine();
  if (options.runtime === 'tensorflow' && !engine) throw new UserError('open runtime: the TensorFlow engine is not set up, got runtime "tensorflow"', { fix: 'stagecraft setup' });
  const key = `${engine?.folder ?? 'wasm'} ${threads}${options.xla ? ' xla' : ''}${options.tf32 === false ? ' no tf32' : ''}`;
  if (opened) {
    if (opened.key !== key) throw new Error(`open runtime: this process runs ${JSON.stringify(opened.key)}, got ${JSON.stringify(key)}; use another process`);
    return opened.runtime;
  }
  const count = String(threads);
  Object.assign(process.env, { OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count });
  if (options.xla) process.env['TF_XLA_FLAGS'] = `${process.env['TF_XLA_FLAGS'] ?? ''} --tf_xla_auto_jit=2 --tf_xla_cpu_global_jit`.trim();
  if (options.tf32 === false) process.env['NVIDIA_TF32_OVERRIDE'] = '0';
  const runtime = engine ? openNative(engine, threads) : await openWasm();
  opened = { key, runtime };
  return runtime;
}
