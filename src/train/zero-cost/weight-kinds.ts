/** Kinds of weights that zero-cost measures tell apart, by the last part of their path. */
import type { WeightSet } from '../../runtime/runtime.js';

const additive = /(^|\/)(bias|beta|position|bias-table|class-token|class-table)$/;

/** Whether the weight is added to a feature map: bias, shift of a norm, table of positions, token. */
export const isAdditive = (path: string): boolean => additive.test(path);

/**
 * Paths of convolution filters and matrices. The reference implementation of https://arxiv.org/abs/2101.08134
 * scores these alone: neither biases and norms nor positions.
 */
export const kernelPaths = (weights: WeightSet): string[] =>
  [...weights].filter(([path, { shape }]) => shape.length > 1 && !isAdditive(path)).map(([path]) => path);
