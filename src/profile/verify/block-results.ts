/**
 * What a runtime computes for one small network: logits of fixed images with the initial weights, and one
 * step of SGD on them, from which the gradient is the difference of the weights.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { Execution, Model, Precision, Runtime, WeightSet } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';

export interface Mode {
  readonly execution: Execution;
  /** Absent: the runtime's own. */
  readonly precision?: Precision;
}

export interface BlockResults {
  /** `[batch, classes]` */
  readonly logits: Float32Array;
  /** Absent where the runtime does not train. */
  readonly step?: {
    readonly loss: number;
    /** Gradients of weights, and new running statistics, by path. */
    readonly changes: ReadonlyMap<string, Float32Array>;
  };
}

const batch = 4;
const weightSeed = 11;
/** Large beside rounding of the weights, which the gradient is read from. */
const learningRate = 1;

function imagesFor({ input: { height, width, channels } }: Architecture): Float32Array {
  const random = seededRandom('verify images');
  return Float32Array.from({ length: batch * height * width * channels }, () => random.normal());
}

/** @throws what the runtime throws */
export async function blockResults(
  runtime: Runtime,
  architecture: Architecture,
  mode: Mode,
): Promise<BlockResults> {
  const model = runtime.instantiate(architecture, { seed: weightSeed });
  try {
    const images = imagesFor(architecture);
    const inference = model.inference({ batch, ...mode });
    const logits = await inference.logits(images);
    inference.dispose();
    if (!runtime.supports.training) return { logits };
    return { logits, step: await stepOf(model, images, mode) };
  } finally {
    model.dispose();
  }
}

async function stepOf(
  model: Model,
  images: Float32Array,
  mode: Mode,
): Promise<NonNullable<BlockResults['step']>> {
  const before = await model.readWeights();
  const training = model.training({
    batch,
    ...mode,
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
    labelSmoothing: 0,
    clipNorm: 0,
    dropPath: 0,
    seed: 1,
    ...(mode.precision === 'float16' && { lossScale: { initial: 256 } }),
  });
  const labels = Int32Array.from({ length: batch }, (_, index) => index % model.architecture.classes);
  const { loss } = await training.step(images, labels, { learningRate });
  const after = await model.readWeights();
  training.dispose();
  return { loss, changes: changesOf(before, after) };
}

function changesOf(before: WeightSet, after: WeightSet): Map<string, Float32Array> {
  return new Map(
    [...before].map(([path, { values, trainable }]) => {
      const now = after.get(path)!.values;
      return [path, trainable ? values.map((value, at) => (value - now[at]!) / learningRate) : now.slice()];
    }),
  );
}
