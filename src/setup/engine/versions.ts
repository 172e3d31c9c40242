/** Versions of what the native engine is made of: the table `pinned` of package.json states them. */
import { createRequire } from 'node:module';

interface Package {
  readonly pinned: Readonly<Record<'tensorflow' | '@tensorflow/tfjs-node-gpu' | 'node-api-headers', string>>;
}

const { pinned } = createRequire(import.meta.url)('../../../package.json') as Package;

export const tensorflowVersion = pinned.tensorflow;
/** Of `@tensorflow/tfjs-node-gpu`. */
export const bindingVersion = pinned['@tensorflow/tfjs-node-gpu'];

/**
 * The oldest NVIDIA drivers. `binary`: runs CUDA 12 libraries, by NVIDIA's table of minor-version
 * compatibility, which excludes PTX. `ptx`: also compiles the PTX of CUDA 12.5, the only form in which
 * TensorFlow's wheel has its kernels for GPUs of compute capability 9.0 and later.
 * https://docs.nvidia.com/deploy/cuda-compatibility/
 */
export const oldestDriver = { binary: '525.60.13', ptx: '555.42.02' } as const;

/** The oldest driver that runs one of the GPUs of these compute capabilities; '' is an unknown one. */
export const driverFloor = (capabilities: readonly string[]): string =>
  capabilities.length > 0 && capabilities.every((capability) => Number(capability) >= 9)
    ? oldestDriver.ptx
    : oldestDriver.binary;
