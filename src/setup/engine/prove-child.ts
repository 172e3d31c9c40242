/**
 * Entry point of the child process that proves an engine: loads it, checks a convolution and its gradient
 * against known values, times them, and prints one JSON line `{measured}` or `{error}`. Arguments: the engine
 * folder.
 */
import { availableParallelism } from 'node:os';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type EngineMeasurement, readEngineInfo } from './engine-info.js';
import { type LoadedEngine, loadEngine } from './load-engine.js';

/**
 * Billions of operations per second of `run`, which does `operations` and returns a tensor that is read back.
 */
function gflops(operations: number, run: () => { dataSync(): unknown; dispose(): void }): number {
  const once = () => {
    const result = run();
    result.dataSync();
    result.dispose();
  };
  once();
  once();
  let best = Infinity;
  const until = performance.now() + 400;
  for (let i = 0; i < 3 || (performance.now() < until && i < 100); i++) {
    const start = performance.now();
    once();
    best = Math.min(best, performance.now() - start);
  }
  return Math.round(operations / best / 1e4) / 100;
}

function prove({ tf, usesGpu }: LoadedEngine): EngineMeasurement {
  // a convolution of ones with ones counts the taps inside the image: 4 in a corner, 9 in the middle, times
  // the channels
  const convolve = (x: unknown, filter: unknown) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same');
  const ones = convolve(tf.ones([1, 8, 8, 16]), tf.ones([3, 3, 16, 4])).dataSync();
  if (ones[0] !== 64 || ones[9 * 4] !== 144)
    throw new Error(
      `a convolution of ones must be 64 in the corner and 144 inside, got ${ones[0]} and ${ones[9 * 4]}`,
    );
  const filterGradient = tf
    .grad((filter) => tf.sum(convolve(tf.ones([1, 8, 8, 2]), filter)))(tf.ones([3, 3, 2, 4]))
    .dataSync();
  // the corner tap of the filter covers 7 × 7 positions, the middle tap 8 × 8
  if (filterGradient[0] !== 49 || filterGradient[4 * 8] !== 64)
    throw new Error(
      'the gradient of that convolution must be 49 and 64, ' +
        `got ${filterGradient[0]} and ${filterGradient[4 * 8]}`,
    );
  const [batch, size, channels, n] = usesGpu ? [64, 32, 256, 4096] : [16, 32, 64, 1024];
  const x = tf.randomNormal([batch, size, size, channels]);
  const filter = tf.randomNormal([3, 3, channels, channels]);
  const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
  const macs = batch * size * size * 9 * channels * channels;
  const both = tf.grads((image, weights) => tf.sum(convolve(image, weights)));
  return {
    matmulGflops: gflops(2 * n ** 3, () => tf.tidy(() => tf.sum(tf.matMul(a, b)))),
    convGflops: gflops(2 * macs, () => tf.tidy(() => tf.sum(convolve(x, filter)))),
    // Forward, and the gradients by image and by filter: three convolutions' work.
    convGradientGflops: gflops(6 * macs, () =>
      tf.tidy(() => {
        const [byImage, byFilter] = both([x, filter]);
        return tf.add(tf.sum(byImage!), tf.sum(byFilter!));
      }),
    ),
    threads: Number(process.env['OMP_NUM_THREADS']) || availableParallelism(),
    device: usesGpu ? 'gpu' : 'cpu',
  };
}

const folder = process.argv[2]!;
try {
  const info = readEngineInfo(folder);
  const engine = loadEngine({ verbose: true, engine: { folder, info: info! } });
  process.stdout.write(`${JSON.stringify({ measured: prove(engine) })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exitCode = 1;
}
