/**
 * Measures from the gradient of the loss on one batch, at initialisation: gradient norm, SNIP, GraSP, Fisher;
 * SynFlow without data. As in the reference implementation of https://arxiv.org/abs/2101.08134, only kernels
 * count: filters and matrices. There they are the weights of its convolutional and linear layers.
 */
import type { WeightSet } from '../../runtime/runtime.js';
import { isAdditive, kernelPaths } from './weight-kinds.js';
import type { ZeroCostInputs, ZeroCostMeasure } from './zero-cost-measure.js';

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);
const sumOver = (gradients: WeightSet, term: (path: string, gradient: Float32Array) => number): number =>
  [...gradients].reduce((sum, [path, { values }]) => sum + term(path, values), 0);

const kernelsOf = (gradients: WeightSet): WeightSet =>
  new Map(kernelPaths(gradients).map((path) => [path, gradients.get(path)!]));

/** Of the mean cross-entropy of the batch, kernels only. */
async function lossGradients({ model, images, labels }: ZeroCostInputs): Promise<WeightSet> {
  const { weightGradients } = await model.examine({
    images,
    labels,
    of: 'cross-entropy',
    wants: ['weight-gradients'],
  });
  return kernelsOf(weightGradients!);
}

/** Σ‖∂L/∂θ‖, the norm of each kernel's gradient summed over kernels; https://arxiv.org/abs/2101.08134 */
export const gradientNorm = {
  summary: 'norm of the loss gradient, summed over kernels',
  source: 'https://arxiv.org/abs/2101.08134',
  needsModel: true,
  score: async (look) =>
    sumOver(await lossGradients(look), (_, gradient) => Math.sqrt(dot(gradient, gradient))),
} as const satisfies ZeroCostMeasure;

/**
 * Σ|θ·∂L/∂θ| over kernels: connection sensitivity. https://arxiv.org/abs/1810.02340 The paper divides each by
 * the sum, to prune; as a score the sum itself is kept.
 */
export const snip = {
  summary: 'connection sensitivity: change of the loss when weights are removed',
  source: 'https://arxiv.org/abs/1810.02340',
  needsModel: true,
  score: async (look) =>
    sumOver(await lossGradients(look), (path, gradient) => {
      const { values } = look.weights.get(path)!;
      return gradient.reduce((sum, slope, index) => sum + Math.abs(slope * values[index]!), 0);
    }),
} as const satisfies ZeroCostMeasure;

/**
 * −Σ θ·Hg over kernels, H the Hessian of the loss, g its gradient: change of gradient flow when weights are
 * removed. https://arxiv.org/abs/2002.07376 Unlike the reference, which differentiates twice, Hg is a central
 * difference of gradients along g, whose step moves the weights by a thousandth of their norm; both use one
 * batch and softmax of temperature 1, as in https://arxiv.org/abs/2101.08134 (the paper's own code has 200).
 */
export const grasp = {
  summary: 'preservation of gradient flow, by a Hessian-gradient product',
  source: 'https://arxiv.org/abs/2002.07376',
  needsModel: true,
  async score(look) {
    const { model, weights } = look;
    const gradients = await lossGradients(look);
    const norm = (values: Iterable<Float32Array>): number =>
      Math.sqrt([...values].reduce((sum, part) => sum + dot(part, part), 0));
    const size = norm([...gradients.values()].map(({ values }) => values));
    if (size === 0) return 0;
    const step = (1e-3 * norm([...gradients.keys()].map((path) => weights.get(path)!.values))) / size;
    const moved = (by: number): WeightSet =>
      new Map(
        [...weights].map(([path, weight]) => {
          const gradient = gradients.get(path)?.values;
          return [
            path,
            gradient
              ? { ...weight, values: weight.values.map((value, index) => value + by * gradient[index]!) }
              : weight,
          ];
        }),
      );
    model.writeWeights(moved(step));
    const above = await lossGradients(look);
    model.writeWeights(moved(-step));
    const below = await lossGradients(look);
    return -sumOver(above, (path, gradient) => {
      const [lower, { values }] = [below.get(path)!.values, weights.get(path)!];
      return gradient.reduce(
        (sum, slope, index) => sum + (values[index]! * (slope - lower[index]!)) / (2 * step),
        0,
      );
    });
  },
} as const satisfies ZeroCostMeasure;

/**
 * Fisher information of channels, ½·mean over images of (Σ over pixels of activation · gradient)², summed
 * over the outputs of convolutions and linear layers. https://arxiv.org/abs/1801.05787, as a network's score
 * https://arxiv.org/abs/1906.04113
 */
export const fisher = {
  summary: 'Fisher information of channels',
  source: 'https://arxiv.org/abs/1801.05787',
  needsModel: true,
  async score({ model, images, labels, batch }) {
    const { linearOutputs } = await model.examine({
      images,
      labels,
      of: 'cross-entropy',
      wants: ['linear-outputs'],
    });
    return linearOutputs!.reduce((total, { shape, values, gradient }) => {
      const [channels, perImage] = [shape.at(-1)!, values.length / batch];
      for (let image = 0; image < batch; image++) {
        const sums = new Float64Array(channels);
        for (let at = image * perImage; at < (image + 1) * perImage; at++)
          sums[at % channels]! += values[at]! * gradient![at]!;
        // the loss is a mean over the batch: an image's own gradient is `batch` times what reaches it
        total += sums.reduce((sum, value) => sum + (batch * value) ** 2, 0) / (2 * batch);
      }
      return total;
    }, 0);
  },
} as const satisfies ZeroCostMeasure;

/** In place of ones. */
const synflowInput = 1e-12;

/**
 * Σ|θ·∂R/∂θ| over kernels with all weights made positive and R the sum of the outputs for an image of ones:
 * synaptic flow. https://arxiv.org/abs/2006.05467 Weights that are added (biases, shifts, positions, tokens)
 * are zero: a path begins at the image. Norms do not normalise (as where it became a zero-cost score,
 * https://arxiv.org/abs/2101.08134), activation functions pass what is positive. The image is made small and
 * the score divided by as much, since float32 ends at 3e38; gates and attention weights, which the paper does
 * not treat, are then those of small inputs: one half, and even.
 */
export const synflow = {
  summary: 'synaptic flow: paths through positive weights, no data',
  source: 'https://arxiv.org/abs/2006.05467',
  needsModel: true,
  async score({ model, weights, architecture: { input } }) {
    const positive: WeightSet = new Map(
      [...weights].map(([path, weight]) => [
        path,
        { ...weight, values: isAdditive(path) ? weight.values.map(() => 0) : weight.values.map(Math.abs) },
      ]),
    );
    model.writeWeights(positive);
    const { weightGradients } = await model.examine({
      images: new Float32Array(input.height * input.width * input.channels).fill(synflowInput),
      of: 'sum',
      wants: ['weight-gradients'],
      batchStatistics: false,
      linearised: true,
    });
    return (
      sumOver(kernelsOf(weightGradients!), (path, gradient) => {
        const { values } = positive.get(path)!;
        return gradient.reduce((sum, slope, index) => sum + Math.abs(slope * values[index]!), 0);
      }) / synflowInput
    );
  },
} as const satisfies ZeroCostMeasure;
