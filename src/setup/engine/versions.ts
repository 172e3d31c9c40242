/** Versions of what the native engine is made of. */
export const tensorflowVersion = '2.21.0';
/** Of `@tensorflow/tfjs-node-gpu`. */
export const bindingVersion = '4.22.0';

/** The oldest NVIDIA driver that runs CUDA 12 libraries (NVIDIA's table of minor-version compatibility). */
export const oldestDriver = { linux: '525.60.13' } as const;
