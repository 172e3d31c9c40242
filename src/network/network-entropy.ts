/**
 * Entropy score of a network, known without training: Shen et al. 2023 (DeepMAD),
 * https://arxiv.org/abs/2303.02165. A layer is a product with weights: a convolution or linear layer of a
 * stem, downsampling layer or block, with its multiply-accumulates per output value as its width `w`, i.e.
 * `channels · kernel² / groups`. Gates that see one value per channel (squeeze-and-excitation) are left out,
 * as in the paper's code. Transformer blocks are outside of the paper: their linear layers count, their
 * products of two activations do not.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { InputSizes } from '../blocks/block.js';
import type { Operation } from '../tensor/infer/infer.js';
import { elementCount } from '../tensor/infer/shape-rules.js';
import { keptOutputsOf, sizesAfterPart, sizesAfterStage } from './input-sizes.js';
import { conditionSizeOf, costOfPart, inferPart, partKey } from './network-cost.js';
import { type NetworkPart, networkParts, walkParts } from './network-parts.js';

export interface NetworkEntropy {
  /**
   * Weighted sum over the stages of `log(channels · resolution²) · Σ ½ log w`, the inner sum over all layers
   * up to the end of the stage; the last stage weighs 8, the others 1. Less ten times `exp` of the standard
   * deviation of the stages' numbers of layers.
   */
  readonly entropy: number;
  /** Layers of the deepest stage over the geometric mean of the widths: above about 0.5 training is hard. */
  readonly effectiveness: number;
}

const LAST_STAGE_WEIGHT = 8;
const DEPTH_PENALTY = 10;

/** Logarithms of layer widths by part, as costs are cached. */
const known = new Map<string, readonly number[]>();
const LIMIT = 50_000;

/** @throws ShapeError for an invalid architecture */
export function networkEntropy(architecture: Architecture): NetworkEntropy {
  const parts = networkParts(architecture);
  const needs = keptOutputsOf(parts);
  let sizes: InputSizes = architecture.input;
  let [sum, layers, ownLayers, weighted] = [0, 0, 0, 0];
  const perStage: number[] = [];
  walkParts(
    parts,
    (part) => {
      const { output } = costOfPart(part, sizes);
      if (part.kind !== 'head') {
        const logs = logWidths(part, sizes);
        sum += logs.reduce((total, log) => total + log, 0);
        layers += logs.length;
        ownLayers += logs.length;
      }
      sizes = sizesAfterPart(sizes, part, output, needs, conditionSizeOf(part));
    },
    (stage) => {
      const weight = stage === architecture.stages.length ? LAST_STAGE_WEIGHT : 1;
      const { height, width, channels } = sizes;
      weighted += (weight * Math.log(channels * height * width) * sum) / 2;
      perStage.push(ownLayers);
      ownLayers = 0;
      sizes = sizesAfterStage(sizes, stage, needs);
    },
  );
  const mean = layers / Math.max(1, perStage.length);
  const spread = Math.sqrt(
    perStage.reduce((total, count) => total + (count - mean) ** 2, 0) / Math.max(1, perStage.length),
  );
  return {
    entropy: weighted - DEPTH_PENALTY * Math.exp(spread),
    effectiveness: Math.max(...perStage) / Math.exp(sum / Math.max(1, layers)),
  };
}

function logWidths(part: NetworkPart, input: InputSizes): readonly number[] {
  const key = partKey(part, input);
  const found = known.get(key);
  if (found) return found;
  const logs = widthsOf(inferPart(part, input).operations).map(Math.log);
  if (known.size >= LIMIT) known.clear();
  known.set(key, logs);
  return logs;
}

/** Multiply-accumulates per output value of the products of one activation and weights. */
function widthsOf(operations: readonly Operation[]): number[] {
  const made = new Map(operations.map(({ output }) => [output, false]));
  const widths: number[] = [];
  // The first input of a part is tensor 0; what derives from it is an activation, everything else weights.
  const isActivation = (tensor: number): boolean => tensor === 0 || made.get(tensor) === true;
  for (const { inputs, output, shape, macs } of operations) {
    const activations = inputs.filter(isActivation).length;
    if (activations > 0) made.set(output, true);
    // One image: with a single place the product is a gate of channels.
    const places = elementCount(shape) / shape.at(-1)!;
    if (macs > 0 && activations === 1 && places > 1) widths.push(macs / elementCount(shape));
  }
  return widths;
}
