/** Opens tfjs on native TensorFlow, from an engine folder. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadEngine } from '../../setup/engine/load-engine.js';
import type { Engine } from '../../setup/engine/locate-engine.js';
import { assertNamedDevice } from '../../setup/engine/named-device.js';
import { loadKernels } from '../../setup/engine/processor-kernels.js';
import { usedGpu, watchDeviceMemory } from '../../setup/host/used-gpu.js';
import type { Precision } from '../runtime.js';
import { NativeEngine } from './native-engine.js';
import { nativePlatform } from './native-platform.js';
import { TfjsRuntime } from './tfjs-runtime.js';

/**
 * The variables for threads, XLA and TF32 must be set before.
 * @param ownKernels whether the engine's own kernels may be used, default true
 * @param precision of compiled graphs; default: the device's own
 * @throws UserError where the engine's libraries do not load, or do not use the named GPU
 */
export function openNative(
  found: Engine,
  threads: number,
  precision?: Precision,
  ownKernels = true,
): TfjsRuntime {
  const gpu = found.info.kind === 'cpu' ? undefined : usedGpu();
  const memory = gpu && watchDeviceMemory(gpu.uuid);
  const loaded = loadEngine({ engine: found });
  assertNamedDevice(loaded.usesGpu);
  const { TF_Version: tensorflowVersion } = new NativeEngine(loaded).binding;
  const kernels = loaded.usesGpu || !ownKernels ? undefined : loadKernels(found, threads, tensorflowVersion);
  const engine = new NativeEngine(loaded, kernels?.enabled);
  const { version } = createRequire(join(engine.packageFolder, 'package.json'))('./package.json') as {
    version: string;
  };
  return new TfjsRuntime(
    nativePlatform(engine),
    threads,
    `tfjs-node-gpu ${version}, ` +
      `TensorFlow ${tensorflowVersion}${kernels === undefined ? '' : `, kernels ${kernels.name}`}`,
    precision,
    loaded.usesGpu ? memory : undefined,
  );
}
