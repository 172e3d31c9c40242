/**
 * Learned filter in the frequency domain (GFNet): 2-D Fourier transform, product with a complex weight per
 * frequency and channel, inverse transform. https://arxiv.org/abs/2107.00645
 * The transforms are products with constant cosine and sine matrices, so that every runtime supports them.
 * These products count as MACs; published counts leave Fourier transforms out.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/**
 * Matrix `[count,size]` of the orthonormal transform: entry (k, n) is weight(k) · wave(2π·k·n/size) / √size.
 */
function waves(
  count: number,
  size: number,
  wave: (angle: number) => number,
  weight: (frequency: number) => number = () => 1,
): Float32Array {
  const scale = 1 / Math.sqrt(size);
  return Float32Array.from({ length: count * size }, (_, index) => {
    const frequency = Math.floor(index / size);
    return weight(frequency) * wave((2 * Math.PI * frequency * (index % size)) / size) * scale;
  });
}

/** x `[b,h,w,c]` → `[b,h,w,c]`; weight `name` `[h,w/2+1,c,2]` (real, imaginary). */
export function frequencyFilter<T>(ops: TensorOps<T>, x: T, name: string): T {
  const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const half = Math.floor(width / 2) + 1; // the other half of a real signal's spectrum mirrors this one
  const add = (a: T, b: T): T => ops.binary(a, b, 'add');
  const sub = (a: T, b: T): T => ops.binary(a, b, 'sub');
  const mul = (a: T, b: T): T => ops.binary(a, b, 'mul');
  /** Product with a matrix `[k,m]` along axis 2: y `[b,n,m,c]` → `[b,n,k,c]`. */
  const along = (matrix: T, y: T): T => ops.matmul(matrix, y);
  const swapped = (y: T): T => ops.transpose(y, [0, 2, 1, 3]);

  const rowCos = ops.constant(waves(half, width, Math.cos), [half, width]);
  const rowSin = ops.constant(waves(half, width, Math.sin), [half, width]);
  const columnCos = ops.constant(waves(height, height, Math.cos), [height, height]);
  const columnSin = ops.constant(waves(height, height, Math.sin), [height, height]);
  const [a, b] = [along(rowCos, x), along(rowSin, x)].map(swapped) as [T, T]; // spectrum a − ib, [b,half,h,c]
  const real = sub(along(columnCos, a), along(columnSin, b));
  const imaginary = ops.unary(add(along(columnSin, a), along(columnCos, b)), 'neg');

  const weight = ops.weight(name, [height, half, channels, 2], { kind: 'truncated-normal', std: 0.02 });
  const [weightReal, weightImaginary] = [0, 1].map((part) =>
    ops.transpose(
      ops.reshape(ops.slice(weight, [0, 0, 0, part], [-1, -1, -1, 1]), [1, height, half, channels]),
      [0, 2, 1, 3],
    ),
  ) as [T, T];
  const outReal = sub(mul(real, weightReal), mul(imaginary, weightImaginary));
  const outImaginary = add(mul(real, weightImaginary), mul(imaginary, weightReal));

  const backReal = swapped(sub(along(columnCos, outReal), along(columnSin, outImaginary))); // [b,h,half,c]
  const backImaginary = swapped(add(along(columnSin, outReal), along(columnCos, outImaginary)));
  // Mirrored frequencies count twice; the constant one and, at even sizes, the highest count once.
  const twice = (frequency: number): number => (frequency === 0 || 2 * frequency === width ? 1 : 2);
  const cosines = ops.constant(waves(half, width, Math.cos, twice), [half, width]);
  const sines = ops.constant(waves(half, width, Math.sin, twice), [half, width]);
  const inverse = (matrix: T, y: T): T => ops.matmul(matrix, y, { transposeA: true });
  return sub(inverse(cosines, backReal), inverse(sines, backImaginary));
}
