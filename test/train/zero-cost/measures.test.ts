/** Each zero-cost measure on a case worked by hand, with a model that answers what the case says. */
import { describe, expect, it } from 'vitest';
import type { Examination, ExamineRequest, Model, WeightSet } from '../../../src/runtime/runtime.js';
import { weightLayers } from '../../../src/train/zero-cost/expressivity-measures.js';
import { agreement, jacobianScore, logDeterminant } from '../../../src/train/zero-cost/kernel-measures.js';
import type { ZeroCostInputs } from '../../../src/train/zero-cost/zero-cost-measure.js';
import { zeroCostMeasures as measures } from '../../../src/train/zero-cost/zero-cost-table.js';
import { seededRandom } from '../../../src/util/random.js';
import { smallNetwork } from '../../fixtures/small-network.js';

/** A path with a slash is a vector, any other a matrix. */
const weightsOf = (values: Readonly<Record<string, readonly number[]>>): WeightSet =>
  new Map(
    Object.entries(values).map(([path, list]) => [
      path,
      {
        shape: path.includes('/') ? [list.length] : [1, list.length],
        values: Float32Array.from(list),
        trainable: true,
      },
    ]),
  );

/** A model whose weights are a value and which answers by `answer`. */
function look(
  weights: WeightSet,
  answer: (weights: WeightSet, request: ExamineRequest) => Partial<Examination>,
  batch = 2,
): ZeroCostInputs {
  let present = weights;
  const model = {
    writeWeights: (next: WeightSet) => {
      present = next;
    },
    examine: (request: ExamineRequest) => Promise.resolve({ value: 0, ...answer(present, request) }),
  } as unknown as Model;
  return {
    architecture: smallNetwork({ layout: 'C', widths: [8] }),
    model,
    weights,
    images: new Float32Array(batch),
    labels: new Int32Array(batch),
    batch,
    random: seededRandom(1),
  };
}

describe('from gradients', () => {
  const weights = weightsOf({ a: [3, -4], b: [2], 'a/bias': [7], 'norm/gamma': [1, 1] });
  const at = look(weights, () => ({
    weightGradients: weightsOf({ a: [3, 4], b: [-2], 'a/bias': [100], 'norm/gamma': [50, 50] }),
  }));
  it('gradient norm: √(9 + 16) + √4, kernels alone', async () =>
    expect(await measures['gradient-norm'].score(at)).toBe(7));
  it('SNIP: |3·3| + |−4·4| + |2·−2|, kernels alone', async () =>
    expect(await measures.snip.score(at)).toBe(29));
  it('GraSP of L = ½(θ₁² + 3θ₂²) at (1, 2): H = diag(1, 3), g = (1, 6), −θ·Hg = −(1 + 36)', async () => {
    const quadratic = look(weightsOf({ w: [1, 2] }), (present) => ({
      weightGradients: weightsOf({ w: [present.get('w')!.values[0]!, 3 * present.get('w')!.values[1]!] }),
    }));
    expect(await measures.grasp.score(quadratic)).toBeCloseTo(-37, 2);
  });
  it('SynFlow of R = |θ₁|·|θ₂|·|θ₃|: every weight has the flow 24, three times', async () => {
    const chain = look(weightsOf({ w: [-2, 3, -4] }), (present, { images, of, linearised }) => {
      expect([of, linearised, new Set(images).size]).toEqual(['sum', true, 1]);
      const [a, b, c] = present.get('w')!.values as unknown as [number, number, number];
      return {
        weightGradients: weightsOf({ w: [images[0]! * b * c, images[0]! * a * c, images[0]! * a * b] }),
      };
    });
    expect(await measures.synflow.score(chain)).toBeCloseTo(72, 4);
  });
  it('SynFlow of θ₁·(x + p)·θ₂ + b: what is added is zero, so the flow is that of |θ₁|·|θ₂|, twice', async () => {
    const added = look(
      weightsOf({ u: [-2], v: [5], 'stem/position': [0.02], 'v/bias': [0.3] }),
      (present, { images }) => {
        const value = (path: string): number => present.get(path)!.values[0]!;
        expect([value('stem/position'), value('v/bias')]).toEqual([0, 0]);
        const x = images[0]! + value('stem/position');
        return {
          weightGradients: weightsOf({
            u: [x * value('v')],
            v: [x * value('u')],
            'stem/position': [value('u') * value('v')],
            'v/bias': [1],
          }),
        };
      },
    );
    expect(await measures.synflow.score(added)).toBeCloseTo(20, 4);
  });
  it('Fisher: one layer, two images of two pixels and two channels', async () => {
    // image 1: channel 0 sums 1·1 + 2·1 = 3, channel 1 sums 0; image 2: channel 0 sums 0, channel 1 sums 1·2
    // + 1·0 = 2. gradients of the mean loss are half an image's own: (2·3)² + (2·2)² over 2·2
    const seen = {
      path: 'c',
      shape: [2, 1, 2, 2],
      values: Float32Array.of(1, 5, 2, 5, 3, 1, 3, 1),
      gradient: Float32Array.of(1, 0, 1, 0, 0, 2, 0, 0),
    };
    expect(await measures.fisher.score(look(weights, () => ({ linearOutputs: [seen] })))).toBe((36 + 16) / 4);
  });
});

describe('from a batch', () => {
  it('NASWOT: K counts agreeing units; patterns 110 and 100 give [[3, 2], [2, 3]], determinant 5', async () => {
    expect(agreement([Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 0)]).to2DArray()).toEqual([
      [3, 2],
      [2, 3],
    ]);
    const seen = [
      { path: 'r', shape: [2, 2], values: Float32Array.of(0.5, 2, 0.1, -1) },
      { path: 's', shape: [2, 1], values: Float32Array.of(-1, 0) },
    ];
    expect(
      await measures.naswot.score(look(weightsOf({ a: [1] }), () => ({ nonlinearities: seen }))),
    ).toBeCloseTo(Math.log(5), 6);
  });
  it('equal patterns have no determinant', () =>
    expect(logDeterminant(agreement([Uint8Array.of(1), Uint8Array.of(1)]))).toBeLessThan(-30));
  it('Jacobian covariance: rows of correlation ½ have eigenvalues 1.5 and 0.5', () => {
    // centred: (1,−1,0) and (0,−1,1): correlation 1/2
    const expected = -[1.5, 0.5].reduce((sum, value) => sum + Math.log(value + 1e-5) + 1 / (value + 1e-5), 0);
    expect(
      jacobianScore([
        [1, -1, 0],
        [0, -1, 1],
      ]),
    ).toBeCloseTo(expected, 8);
    expect(
      jacobianScore([
        [1, -1, 0],
        [1, 1, -2],
      ]),
    ).toBeGreaterThan(expected); // uncorrelated: eigenvalues 1 and 1
  });
  it('Zen: log of the distance plus the log deviations', async () => {
    let call = 0;
    const two = look(weightsOf({ a: [1] }), () =>
      call++ % 2 === 0
        ? {
            features: { path: 'head', shape: [2, 2], values: Float32Array.of(0, 0, 0, 0) },
            normDeviations: [2, 0.5, 3],
          }
        : { features: { path: 'head', shape: [2, 2], values: Float32Array.of(3, 4, 0, 1) } },
    ); // distances 5 and 1, mean 3
    expect(await measures.zen.score(two)).toBeCloseTo(Math.log(3) + Math.log(3), 5);
  });
});

describe('from the architecture', () => {
  // stem 3×3 of 1 and of 8 channels; expand 3×3 of 8, project 1×1 of 16; head and gates left out
  const architecture = smallNetwork({ layout: 'C', widths: [8] });
  it('layers', () =>
    expect(
      weightLayers(architecture).map(({ stage, fanIn, channels, positions: pixels }) => [
        stage,
        fanIn,
        channels,
        pixels,
      ]),
    ).toEqual([
      [0, 9, 8, 64],
      [0, 72, 8, 64],
      [1, 72, 16, 64],
      [1, 16, 8, 64],
    ]));
  const at = { architecture } as unknown as ZeroCostInputs;
  it('DeepMAD: 8·log(64·8)·½(log 9 + 2·log 72 + log 16)', async () =>
    expect(await measures['deepmad-entropy'].score(at)).toBeCloseTo(
      8 * Math.log(512) * 0.5 * Math.log(9 * 72 * 72 * 16),
      8,
    ));
  it('effectiveness: 4 layers over the fourth root of 9·72·72·16', async () =>
    expect(await measures['deepmad-effectiveness'].score(at)).toBeCloseTo(
      -4 / (9 * 72 * 72 * 16) ** 0.25,
      8,
    ));
  it('params and MACs', async () => {
    expect(await measures.params.score(at)).toBeGreaterThan(0);
    expect(await measures.macs.score(at)).toBeGreaterThan(64 * (9 * 8 + 72 * 16));
  });
});
