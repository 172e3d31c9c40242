/** Platforms for tests. tfjs has one engine per process, so native, wasm and the cpu reference take turns. */
import { createRequire } from 'node:module';
import type { Architecture, BlockSpec, PartSpec } from '../../src/architecture/architecture.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';
import { NativeEngine, type Tensor, type Tf } from '../../src/runtime/tfjs/native-engine.js';
import { nativePlatform } from '../../src/runtime/tfjs/native-platform.js';
import { openWasm } from '../../src/runtime/tfjs/open-wasm.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { portablePlatform } from '../../src/runtime/tfjs/portable-platform.js';
import { registerGradients } from '../../src/runtime/tfjs/tfjs-gradients.js';
import { kernelNames } from '../../src/setup/engine/kernel-table.js';
import { loadEngine } from '../../src/setup/engine/load-engine.js';
import { locateEngine } from '../../src/setup/engine/locate-engine.js';
import { loadKernels } from '../../src/setup/engine/processor-kernels.js';
import { seededRandom } from '../../src/util/random.js';

/** Folder of the native engine; tests of native execution skip visibly without one. */
export const engineFolder = locateEngine()?.folder;

for (const name of ['OMP_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'])
  process.env[name] ??= '2';

let native: NativeEngine | undefined;
let plain: NativeEngine | undefined;
const require = createRequire(import.meta.url);
const core = require('@tensorflow/tfjs-core') as Tf;

function openEngine(): NativeEngine {
  const loaded = loadEngine();
  return new NativeEngine(loaded, new Set(!loaded.usesGpu && loadKernels(loaded, 2) ? kernelNames : []));
}

/** `plain`: TensorFlow's own ops alone, as on a GPU or where the kernels could not be built. */
export async function openPlatform(kind: 'native' | 'plain' | 'wasm' | 'cpu'): Promise<Platform> {
  if (engineFolder)
    native ??= openEngine(); // brings tfjs's cpu backend along
  else require('@tensorflow/tfjs-backend-cpu');
  if (kind === 'wasm') return (await openWasm()).platform;
  await core.setBackend(kind === 'native' || kind === 'plain' ? 'tensorflow' : 'cpu');
  if (kind === 'native') return nativePlatform(native!);
  if (kind === 'plain')
    return nativePlatform((plain ??= new NativeEngine({ tf: native!.tf, folder: engineFolder! })));
  await registerGradients();
  return portablePlatform('wasm', core);
}

const withDefaults = (
  definition: { name: string; params: Readonly<Record<string, { default?: unknown }>> },
  params: PartSpec['params'] = {},
): PartSpec => ({
  type: definition.name,
  params: {
    ...Object.fromEntries(Object.entries(definition.params).map(([key, spec]) => [key, spec.default])),
    ...params,
  } as PartSpec['params'],
});
const block = (letter: string, type: keyof typeof blocks, params: PartSpec['params'] = {}): BlockSpec => ({
  letter,
  ...withDefaults(blocks[type], params),
});

/** A small hybrid: stem, a C stage, a CT stage behind a downsampling layer, linear head. */
export const smallNetwork: Architecture = {
  input: { height: 8, width: 8, channels: 3 },
  classes: 5,
  stem: { ...withDefaults(stems.conv), width: 8 },
  stages: [
    { width: 8, downsample: null, firstStride: 1, blocks: [block('C', 'fused-mbconv', { expand: 2 })] },
    {
      width: 16,
      downsample: withDefaults(downsamples.conv),
      firstStride: 1,
      blocks: [block('M', 'mbconv', { expand: 2 }), block('T', 'transformer', { 'head-dim': 8, mlp: 2 })],
    },
  ],
  head: withDefaults(heads['pool-linear']),
};

/** Normal values from a seed. */
export function noise(seed: string | number, size: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => random.normal());
}

export const product = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

/** Largest difference, relative to the largest magnitude of `expected` (at least 1e-3). */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [difference, magnitude] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    difference = Number.isNaN(distance) ? Infinity : Math.max(difference, distance);
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return difference / magnitude;
}

export const valuesOf = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;
