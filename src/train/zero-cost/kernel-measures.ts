/**
 * Measures from pairwise similarity of a network's responses to one batch: NASWOT and Jacobian covariance.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { ZeroCostMeasure } from './zero-cost-measure.js';

const symmetricEigenvalues = (matrix: Matrix): number[] =>
  new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;

/** log|K| of a symmetric matrix with the magnitudes of its eigenvalues; −∞ where it is singular. */
export const logDeterminant = (matrix: Matrix): number =>
  symmetricEigenvalues(matrix).reduce((sum, value) => sum + Math.log(Math.abs(value)), 0);

/**
 * For each pair of images how many units agree on being on or off. @param codes `[images][units]`, 1 on, 0
 * off
 */
export function agreement(codes: readonly Uint8Array[]): Matrix {
  const matrix = new Matrix(codes.length, codes.length);
  for (let i = 0; i < codes.length; i++) {
    for (let j = i; j < codes.length; j++) {
      let same = 0;
      const [a, b] = [codes[i]!, codes[j]!];
      for (let unit = 0; unit < a.length; unit++) if (a[unit] === b[unit]) same++;
      matrix.set(i, j, same);
      matrix.set(j, i, same);
    }
  }
  return matrix;
}

/**
 * log|K|, K counting for each pair of images the units that agree on being on or off.
 * https://arxiv.org/abs/2006.04647 (version 3) A unit is on where its activation function is given a positive
 * number, whichever function it is.
 */
export const naswot = {
  summary: 'how different the patterns of active units of a batch are',
  source: 'https://arxiv.org/abs/2006.04647',
  needsModel: true,
  async score({ model, images, labels, batch }) {
    const { nonlinearities } = await model.examine({ images, labels, of: 'sum', wants: ['nonlinearities'] });
    const codes = Array.from({ length: batch }, (_, image) =>
      Uint8Array.from(
        nonlinearities!.flatMap(({ values }) => {
          const size = values.length / batch;
          return Array.from(values.subarray(image * size, (image + 1) * size), (value) =>
            value > 0 ? 1 : 0,
          );
        }),
      ),
    );
    return logDeterminant(agreement(codes));
  },
} as const satisfies ZeroCostMeasure;

const stabiliser = 1e-5;

/** −Σ(log(λ+k) + 1/(λ+k)) over the eigenvalues of the rows' correlation matrix, k = 1e-5. */
export function jacobianScore(rows: readonly ArrayLike<number>[]): number {
  const centred = rows.map((row) => {
    const values = Float64Array.from(row);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const shifted = values.map((value) => value - mean);
    const norm = Math.sqrt(shifted.reduce((sum, value) => sum + value * value, 0));
    return norm === 0 ? shifted : shifted.map((value) => value / norm);
  });
  const correlation = new Matrix(
    centred.map((a) => centred.map((b) => a.reduce((sum, value, index) => sum + value * b[index]!, 0))),
  );
  return -symmetricEigenvalues(correlation).reduce(
    (sum, value) => sum + Math.log(value + stabiliser) + 1 / (value + stabiliser),
    0,
  );
}

/**
 * How uncorrelated the slopes of the output at the images of a batch are. https://arxiv.org/abs/2006.04647
 * (version 1)
 */
export const jacobianCovariance = {
  summary: 'how uncorrelated the input gradients of different images are',
  source: 'https://arxiv.org/abs/2006.04647v1',
  needsModel: true,
  async score({ model, images, labels, batch }) {
    const { imageGradients } = await model.examine({ images, labels, of: 'sum', wants: ['image-gradients'] });
    const size = imageGradients!.length / batch;
    return jacobianScore(
      Array.from({ length: batch }, (_, image) => imageGradients!.subarray(image * size, (image + 1) * size)),
    );
  },
} as const satisfies ZeroCostMeasure;
