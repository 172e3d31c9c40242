/**
 * What the device reaches at most on the plainest work: matrix products, copies and launches. A network's
 * rates are judged against them.
 */
import { isLowPrecision } from '../compute.js';
import type { Precision } from '../runtime.js';
import { CompiledGraph } from './graph/compiled-graph.js';
import type { NativeEngine, Tensor } from './native-engine.js';
import type { Platform } from './platform.js';

/** The best of runs of `work` in about half a second, per second; each run does `amount`. */
function bestRate(amount: number, mostRuns: number, work: () => void): number {
  let best = 0;
  const start = performance.now();
  for (let run = 0; run < 3 || (run < mostRuns && performance.now() - start < 500); run++) {
    const before = performance.now();
    work();
    best = Math.max(best, amount / ((performance.now() - before) / 1000));
  }
  return best;
}

/**
 * Multiply-accumulates per second of the best large matrix product in that precision; takes about half a
 * second.
 */
export function matmulMacsPerSecond(platform: Platform, precision: Precision): number {
  const { tf, native } = platform;
  const size = matrixSize(native);
  if (isLowPrecision(precision)) return lowMacsPerSecond(platform, size, precision);
  return tf.tidy(() => {
    const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])];
    return bestRate(size ** 3, 200, () => {
      tf.tidy(() => tf.sum(tf.matMul(a, b)).dataSync());
    }); // the read-back waits for the product
  });
}

/** Large enough for the highest rate, small enough for half a second. */
function matrixSize(native: NativeEngine | undefined): number {
  if (!native) return 512;
  return native.backend.isUsingGpuDevice ? 4096 : 1024;
}

/**
 * Rate of a compiled graph in 16 bits: a chain of products, so that the casts of the first inputs take a
 * small share of the time.
 */
function lowMacsPerSecond(platform: Platform, size: number, precision: Precision): number {
  const { tf, native } = platform;
  const products = 16;
  const values = Float32Array.from({ length: size * size }, (_, index) => ((index % 7) - 3) / size);
  const [first, factor] = ['first', 'factor'].map((name) =>
    platform.createVariable(`ceiling/${name}`, [size, size], values, false),
  );
  const chain = (): Tensor[] => {
    const right = factor!.read() as never;
    let product = first!.read();
    for (let count = 0; count < products; count++) product = tf.matMul(product as never, right);
    return [tf.sum(product)];
  };
  const graph = new CompiledGraph(native!, { chain: { inputs: [], body: chain } }, { precision });
  try {
    return bestRate(products * size ** 3, 50, () => {
      graph.run('chain');
    });
  } finally {
    graph.dispose();
    first!.dispose();
    factor!.dispose();
  }
}

/**
 * Bytes read and written per second by the best of several element-wise copies, small ones that stay in a
 * cache included.
 */
export function copyBytesPerSecond({ tf }: Platform): number {
  let best = 0;
  for (const elements of [2 ** 16, 2 ** 19, 2 ** 22, 2 ** 24]) {
    tf.tidy(() => {
      const from = tf.randomUniform([elements]);
      const passes = Math.max(1, Math.round(2 ** 22 / elements));
      const start = performance.now();
      for (let trial = 0; trial < 3 || (trial < 50 && performance.now() - start < 80); trial++) {
        const before = performance.now();
        tf.tidy(() => {
          let last = from;
          for (let pass = 0; pass < passes; pass++) last = tf.neg(last);
          tf.slice(last, [0], [1]).dataSync(); // waits for all
        });
        best = Math.max(best, (8 * elements * passes) / ((performance.now() - before) / 1000));
      }
    });
  }
  return best;
}

/**
 * Milliseconds from one operation of a compiled graph to the next where each is of one element: the slope
 * between chains of two lengths, so that what a run of any graph costs does not count. No rewrite of
 * TensorFlow's joins the operation with its like.
 */
export function launchMs(platform: Platform): number {
  const value = platform.createVariable('launch/value', [1], Float32Array.of(0.25), false);
  try {
    const [short, long] = [64, 512].map((length) => {
      const body = (): Tensor[] => {
        const other = value.read();
        let last = other;
        for (let count = 0; count < length; count++) last = platform.tf.squaredDifference(last, other);
        return [last];
      };
      const graph = new CompiledGraph(platform.native!, { chain: { inputs: [], body } });
      try {
        graph.run('chain');
        return { length, ms: 1000 / bestRate(1, 200, () => graph.run('chain')) };
      } finally {
        graph.dispose();
      }
    }) as [{ length: number; ms: number }, { length: number; ms: number }];
    return Math.max(0, long.ms - short.ms) / (long.length - short.length);
  } finally {
    value.dispose();
  }
}
