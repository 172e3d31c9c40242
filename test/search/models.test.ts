/** Models: predictions of what they have not seen, and the calibration of their deviations. */
import { describe, expect, it } from 'vitest';
import { candidatePool } from '../../src/search/models/candidate-pool.js';
import { packedRow } from '../../src/search/models/cholesky.js';
import { featureTable, grouped } from '../../src/search/models/features.js';
import { GaussianProcess } from '../../src/search/models/gaussian-process.js';
import { CovarianceFamily, leaveOneOut } from '../../src/search/models/hyperparameters.js';
import { kernels } from '../../src/search/models/kernel.js';
import { NetworkEnsemble } from '../../src/search/models/network-ensemble.js';
import { outputWarp, unwarped } from '../../src/search/models/output-warp.js';
import type { Surrogate } from '../../src/search/models/surrogate.js';
import { WarpedProcess } from '../../src/search/models/warped-process.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { seededRandom } from '../../src/util/random.js';

const table = plantedTable({ seed: 3, genes: 6, noise: 0.002 });
const random = seededRandom('models');
const pool = candidatePool(table.space, 1000, [], random);
const order = random.shuffled(pool.candidates.map((_, at) => at));
const [seen, unseen] = [order.slice(0, 120), order.slice(120, 500)];
const xs = seen.map((at) => pool.reader.of(pool.candidates[at]!));
const ys = seen.map((at) => table.runs(pool.candidates[at]!)[0]!.values['score']!);
const everywhere = pool.candidates.map((_, at) => at);
const truth = (at: number) => table.truth(pool.candidates[at]!);

const models: Readonly<Record<string, () => Surrogate>> = {
  'gaussian-process': () => GaussianProcess.of({ kernel: 'product', pool: pool.features, xs, ys }),
  ridge: () => GaussianProcess.of({ kernel: 'pairs', pool: pool.features, xs, ys }),
  ensemble: () => new NetworkEnsemble({ pool: pool.features, xs, ys, random: seededRandom(1) }),
};

describe.each(Object.keys(models))('%s', (name) => {
  const model = models[name]!();
  const { mean, deviation } = model.posterior(everywhere);
  it('explains most of the variance of networks that it has not seen', () => {
    const centre = unseen.reduce((sum, at) => sum + truth(at), 0) / unseen.length;
    const error = unseen.reduce((sum, at) => sum + (mean[at]! - truth(at)) ** 2, 0);
    const total = unseen.reduce((sum, at) => sum + (centre - truth(at)) ** 2, 0);
    expect(1 - error / total).toBeGreaterThan(0.8);
    expect(Math.abs(model.quality.explained - (1 - error / total))).toBeLessThan(0.15);
  });
  it('covers the truth of unseen networks with its intervals of 95 %', () => {
    const inside = unseen.filter((at) => Math.abs(mean[at]! - truth(at)) < 1.96 * deviation[at]!).length;
    expect(inside / unseen.length).toBeGreaterThan(0.85);
    expect(inside / unseen.length).toBeLessThan(1);
    expect(model.quality.spread).toBeGreaterThan(0.5);
    expect(model.quality.spread).toBeLessThan(1.6);
  });
});

describe('GaussianProcess', () => {
  const process = GaussianProcess.of({ kernel: 'product', pool: pool.features, xs, ys });
  it('screens with exact means, and deviations that bound those of the posterior', () => {
    const [screened, exact] = [process.screened(), process.posterior(everywhere)];
    let tighter = 0;
    for (const at of everywhere) {
      expect(screened.mean[at]).toBeCloseTo(exact.mean[at]!, 8);
      expect(screened.deviation[at]).toBeGreaterThanOrEqual(exact.deviation[at]! - 1e-12);
      if (exact.deviation[at]! < 0.99 * screened.deviation[at]!) tighter++;
    }
    expect(tighter).toBeGreaterThan(100); // 120 observations, of which 60 lead
  });
  it('is the same over another pool as if it had been made over it, bit for bit', () => {
    const other = candidatePool(table.space, 50, [], seededRandom('other'));
    const whole = GaussianProcess.of({ kernel: 'product', pool: other.features, xs, ys });
    const some = [0, 3, 17];
    expect(process.over(other.features).posterior(some)).toEqual(whole.posterior(some));
  });
});

describe.each(['product', 'pairs'] as const)('covariances of the kernel %s', (name) => {
  const kernel = kernels[name];
  const { dimensions } = pool.reader;
  const some = featureTable(dimensions, xs.slice(0, 30));
  const differences = kernel.differences(some);
  const theta = kernel.initial(dimensions.length).map((value, at) => value * (1 + 0.3 * at));
  const packed = (own: readonly number[]): Float64Array => {
    const into = new Float64Array(packedRow(30));
    kernel.covariances(differences, own, into);
    return into;
  };
  it('are those of its columns, in groups or not', () => {
    const covariances = packed(theta);
    for (const of of [some, grouped(some)])
      for (const row of [1, 7, 29]) {
        const into = new Float64Array(30);
        kernel.column(xs[row]!, of, theta, into);
        for (let column = 0; column < row; column++)
          expect(into[column]).toBeCloseTo(covariances[packedRow(row) + column]!, 12);
        expect(into[row]).toBeCloseTo(1, 12);
      }
  });
  it('have the derivatives by the logarithms of the hyperparameters that differences show', () => {
    const draws = seededRandom('weights');
    const weights = Float64Array.from({ length: packedRow(30) }, () => draws.normal());
    for (let row = 0; row < 30; row++) weights[packedRow(row) + row] = 0;
    const sum = (own: readonly number[]): number =>
      packed(own).reduce((total, value, at) => total + value * weights[at]!, 0);
    const gradient = kernel.gradient(differences, theta, packed(theta), weights.slice());
    theta.forEach((_, at) => {
      const moved = (by: number): number[] =>
        theta.map((value, other) => (other === at ? value * Math.exp(by) : value));
      expect(gradient[at]).toBeCloseTo((sum(moved(1e-5)) - sum(moved(-1e-5))) / 2e-5, 5);
    });
  });
});

describe('outputWarp', () => {
  const draws = seededRandom('warp');
  const skewed = Array.from({ length: 200 }, () => 1 - 0.05 * Math.exp(draws.normal()));
  it.each([0, 0.5, 1, 1.5, 2])('of power %s is undone by unwarp, and its Jacobian is the slope', (power) => {
    const warp = outputWarp(skewed, power);
    const slopes = skewed.map((y) => {
      expect(warp.unwarp(warp.warp(y))).toBeCloseTo(y, 10);
      return Math.log((warp.warp(y + 1e-6) - warp.warp(y - 1e-6)) / 2e-6);
    });
    expect(warp.logJacobian).toBeCloseTo(slopes.reduce((sum, slope) => sum + slope, 0) / 200, 3);
  });
  it('gives the mean and deviation of the quantity, as draws have them', () => {
    for (const power of [0.5, 1.5, 2]) {
      const warp = outputWarp(skewed, power);
      const values = Array.from({ length: 40_000 }, () => warp.unwarp(0.3 + 0.5 * draws.normal()));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const result = unwarped(warp, 0.3, 0.5);
      expect(Math.abs(result.mean - mean)).toBeLessThan(0.02 * result.deviation);
      expect(result.deviation / Math.sqrt(square)).toBeCloseTo(1, 1);
    }
  });
  it('is chosen where a long tail of poor scores hides what tells good ones apart', () => {
    const tailed = ys.map((y) => -Math.exp(-12 * (y - 0.6)));
    const plain = GaussianProcess.of({ kernel: 'product', pool: pool.features, xs, ys: tailed });
    const warped = WarpedProcess.of(['product'], { pool: pool.features, xs, ys: tailed });
    expect(warped.quality.logDensity).toBeGreaterThan(plain.quality.logDensity + 0.2);
  });
});

describe('leaveOneOut', () => {
  it('equals predictions of models that never saw the observation', () => {
    const hyper = { theta: new Array<number>(pool.reader.dimensions.length).fill(0.2), noise: 0.01 };
    const few = { dimensions: pool.reader.dimensions, xs: xs.slice(0, 12), ys: ys.slice(0, 12) };
    const family = new CovarianceFamily(kernels.product, few.dimensions, few.xs);
    const { predictions } = leaveOneOut(family.at(hyper).inverse, few.ys);
    // Generalised least squares and kriging with the first observation left out, written out by hand.
    const rest = few.xs.slice(1);
    const covariance = (a: readonly number[], b: readonly number[]) => {
      const row = { dimensions: few.dimensions, rows: 1, columns: b.map((value) => Float64Array.of(value)) };
      const into = new Float64Array(1);
      kernels.product.column(a, row, hyper.theta, into);
      return into[0]!;
    };
    const n = rest.length;
    const size = n + 1;
    const system = rest.map((a, i) => [
      ...rest.map((b, j) => covariance(a, b) + (i === j ? hyper.noise : 0)),
      1,
      few.ys[i + 1]!,
    ]);
    system.push([...new Array<number>(n).fill(1), 0, 0]);
    for (let at = 0; at < size; at++) {
      let pivot = at;
      for (let row = at; row < size; row++)
        if (Math.abs(system[row]![at]!) > Math.abs(system[pivot]![at]!)) pivot = row;
      [system[at], system[pivot]] = [system[pivot]!, system[at]!];
      for (let row = 0; row < size; row++) {
        if (row === at) continue;
        const factor = system[row]![at]! / system[at]![at]!;
        for (let column = at; column <= size; column++)
          system[row]![column]! -= factor * system[at]![column]!;
      }
    }
    const weights = system.map((row, at) => row[size]! / row[at]!);
    const expected =
      weights[n]! + rest.reduce((sum, x, at) => sum + weights[at]! * covariance(x, few.xs[0]!), 0);
    expect(predictions[0]!.mean).toBeCloseTo(expected, 4);
  });
});
