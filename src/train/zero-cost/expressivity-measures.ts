/** Measures of expressivity: Zen score, DeepMAD's entropy and effectiveness. */
import type { Architecture } from '../../architecture/architecture.js';
import { forwardNetwork } from '../../network/forward-network.js';
import { SymbolicOps, type SymbolicTensor } from '../../tensor/infer/symbolic-ops.js';
import type { Conv2dOptions } from '../../tensor/tensor-ops.js';
import type { ZeroCostMeasure } from './zero-cost-measure.js';

const [zenStep, zenRepeats] = [0.01, 8];

/**
 * log E‖f(x) − f(x + 0.01·ε)‖ over normal x, ε and weights, f up to the head, plus the log deviations of what
 * batch norms are given. https://arxiv.org/abs/2102.01063 Residual sums stay, where the paper scores the
 * network without them; layer norms, which the paper does not treat, are left uncorrected. Mean of 8 draws.
 */
export const zen = {
  summary: 'Zen score: sensitivity of the features to the input, for Gaussian weights',
  source: 'https://arxiv.org/abs/2102.01063',
  needsModel: true,
  async score({ model, weights, batch, random, architecture: { input } }) {
    const normals = (count: number, scale = 1): Float32Array =>
      Float32Array.from({ length: count }, () => scale * random.normal());
    const size = batch * input.height * input.width * input.channels;
    let sum = 0;
    for (let repeat = 0; repeat < zenRepeats; repeat++) {
      model.writeWeights(
        new Map(
          [...weights].map(([path, weight]) => [
            path,
            weight.trainable && weight.shape.length > 1
              ? { ...weight, values: normals(weight.values.length) }
              : weight,
          ]),
        ),
      );
      const x = normals(size);
      const moved = x.map((value) => value + zenStep * random.normal());
      const at = await model.examine({ images: x, of: 'sum', wants: ['features', 'norm-deviations'] });
      const beside = await model.examine({ images: moved, of: 'sum', wants: ['features'] });
      const [a, b] = [at.features!.values, beside.features!.values];
      const perImage = a.length / batch;
      let distance = 0;
      for (let image = 0; image < batch; image++) {
        let squares = 0;
        for (let index = image * perImage; index < (image + 1) * perImage; index++)
          squares += (a[index]! - b[index]!) ** 2;
        distance += Math.sqrt(squares) / batch;
      }
      sum +=
        Math.log(distance) + at.normDeviations!.reduce((logs, deviation) => logs + Math.log(deviation), 0);
    }
    return sum / zenRepeats;
  },
} as const satisfies ZeroCostMeasure;

export interface WeightLayer {
  /** From 1; 0: the stem; the head is left out. */
  readonly stage: number;
  /** Inputs of one output: c·k²/g. */
  readonly fanIn: number;
  /** Of its output. */
  readonly channels: number;
  readonly positions: number;
}

/**
 * Convolutions and products with weights along the forward pass; squeeze-excitation gates are side branches
 * and do not count.
 */
class LayerOps extends SymbolicOps {
  readonly layers: WeightLayer[] = [];
  private layer(y: SymbolicTensor): SymbolicTensor {
    const { scope, macs, shape } = this.operations.at(-1)!;
    const names = scope.split('/');
    if (names[0] === 'head' || names.includes('se')) return y;
    const size = shape.reduce((product, axis) => product * axis, 1);
    this.layers.push({
      stage: Number(/^stage(\d+)$/.exec(names[0]!)?.[1] ?? 0),
      fanIn: macs / size,
      channels: shape.at(-1)!,
      positions: size / shape.at(-1)!,
    });
    return y;
  }
  override conv2d(x: SymbolicTensor, filter: SymbolicTensor, options?: Conv2dOptions): SymbolicTensor {
    return this.layer(super.conv2d(x, filter, options));
  }
  override depthwiseConv2d(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options?: Omit<Conv2dOptions, 'groups'>,
  ): SymbolicTensor {
    return this.layer(super.depthwiseConv2d(x, filter, options));
  }
  override matmul(
    a: SymbolicTensor,
    b: SymbolicTensor,
    options?: { readonly transposeA?: boolean; readonly transposeB?: boolean },
  ): SymbolicTensor {
    const y = super.matmul(a, b, options);
    return b.perImage ? y : this.layer(y);
  }
}

export function weightLayers(architecture: Architecture): WeightLayer[] {
  const ops = new LayerOps();
  const { height, width, channels } = architecture.input;
  forwardNetwork(ops, architecture, ops.tensor([1, height, width, channels], true));
  return ops.layers;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Σ over stages of α·log(r²·c)·Σ½·log(c·k²/g) over the layers up to the stage's end, α = 1 and 8 for the last
 * stage. https://arxiv.org/abs/2303.02165 Attention and MLP count as 1×1 layers, which is this project's
 * extension: the paper has convolutions only.
 */
export const deepmadEntropy = {
  summary: "DeepMAD's multi-scale entropy of layer widths",
  source: 'https://arxiv.org/abs/2303.02165',
  needsModel: false,
  score: ({ architecture }) => {
    const layers = weightLayers(architecture);
    const stages = architecture.stages.length;
    const entropies = architecture.stages.map((_, index) => {
      const until = layers.filter(({ stage }) => stage <= index + 1);
      const last = until.at(-1);
      return last
        ? (index === stages - 1 ? 8 : 1) *
            Math.log(last.positions * last.channels) *
            sum(until.map(({ fanIn }) => 0.5 * Math.log(fanIn)))
        : 0;
    });
    return Promise.resolve(sum(entropies));
  },
} as const satisfies ZeroCostMeasure;

/**
 * ρ = L / w̄, depth over the geometric mean of layer widths c·k²/g: a network is taken to be trainable while
 * it is small, so the score is −ρ. https://arxiv.org/abs/2303.02165
 */
export const deepmadEffectiveness = {
  summary: "DeepMAD's effectiveness, depth over mean width, negated",
  source: 'https://arxiv.org/abs/2303.02165',
  needsModel: false,
  score: ({ architecture }) => {
    const layers = weightLayers(architecture);
    return Promise.resolve(
      -layers.length / Math.exp(sum(layers.map(({ fanIn }) => Math.log(fanIn))) / layers.length),
    );
  },
} as const satisfies ZeroCostMeasure;
