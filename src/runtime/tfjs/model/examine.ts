/**
 * Differentiates a network once and returns gradients and activations, for scores of untrained networks.
 * Eager; changes no weight and no running statistic.
 */
import { forwardNetwork } from '../../../network/forward-network.js';
import { seededRandom } from '../../../util/random.js';
import type { Examination, ExaminedTensor, ExamineRequest, WeightSet } from '../../runtime.js';
import type { Tensor, Tf } from '../native-engine.js';
import { ActivationRecorder, type RecordedTensor } from './activation-recorder.js';
import type { NetworkWeights } from './network-weights.js';
import { runPass } from './run-pass.js';
import { readStore, type StateVariable, writeStore } from './state-store.js';
import { classificationLoss } from './task-loss.js';

/** @throws Error where images or labels do not fit the network */
export function examine(weights: NetworkWeights, request: ExamineRequest): Examination {
  const { platform, store } = weights;
  const { tf } = platform;
  const imageShape = shapeOfImages(weights, request);
  weights.settle();
  const changesStatistics = request.batchStatistics ?? true;
  const statistics = changesStatistics ? readStore(store) : undefined;
  let found: Examination | undefined; // as the tidy's result it would be searched for tensors, value by value
  tf.tidy(() => {
    const images = tf.tensor(request.images.slice(), [...imageShape], 'float32') as Tensor;
    const trainable = store.trainable();
    const values = trainable.map((variable) => variable.read());
    const recorder = new ActivationRecorder({
      tf,
      wants: new Set(request.wants),
      linearised: request.linearised ?? false,
      isWeight: (tensor) => values.includes(tensor),
    });
    try {
      found = differentiate(weights, request, { images, trainable, values, recorder });
    } finally {
      recorder.clear();
    }
  });
  if (statistics) writeStore(store, statistics, 'examine');
  return found!;
}

interface Inputs {
  readonly images: Tensor;
  readonly trainable: readonly StateVariable[];
  /** Of the trainable variables, in the same order. */
  readonly values: readonly Tensor[];
  readonly recorder: ActivationRecorder;
}

function shapeOfImages(
  { architecture: { input } }: NetworkWeights,
  { images, labels }: ExamineRequest,
): readonly [number, number, number, number] {
  const { height, width, channels } = input;
  const batch = images.length / (height * width * channels);
  if (!Number.isInteger(batch) || batch < 1)
    throw new Error(
      `examine: images must fill whole [${height},${width},${channels}], got ${images.length} values`,
    );
  if (labels && labels.length !== batch)
    throw new Error(`examine: one label per image is needed (${batch}), got ${labels.length}`);
  return [batch, height, width, channels];
}

function differentiate(weights: NetworkWeights, request: ExamineRequest, inputs: Inputs): Examination {
  const { tf } = weights.platform;
  const { images, trainable, values, recorder } = inputs;
  const wants = new Set(request.wants);
  const forward = (): Tensor => recordedPass(weights, request, inputs);
  if (wants.has('linear-outputs')) {
    forward(); // a first pass determines the outputs' shapes
    const zeros = recorder.linearOutputs.map(({ tensor }) => tf.zeros(tensor.shape) as Tensor);
    recorder.clear();
    recorder.zeros = zeros;
  }
  const differentiated = {
    weights: wants.has('weight-gradients') ? values : [],
    images: wants.has('image-gradients') ? [images] : [],
    zeros: recorder.zeros,
  };
  const [value, gradients] = valueAndGradients(tf, () => objective(weights, request, forward()), [
    ...differentiated.weights,
    ...differentiated.images,
    ...differentiated.zeros,
  ]);
  const imagesAt = differentiated.weights.length;
  const zerosAt = imagesAt + differentiated.images.length;
  return {
    value: value.dataSync()[0]!,
    ...(wants.has('weight-gradients') && {
      weightGradients: weightGradients(trainable, values, gradients),
    }),
    ...(wants.has('image-gradients') && { imageGradients: dataOf(gradients[imagesAt], images) }),
    ...(wants.has('nonlinearities') && { nonlinearities: examinedTensors(recorder.nonlinearities) }),
    ...(wants.has('linear-outputs') && {
      linearOutputs: examinedTensors(recorder.linearOutputs, gradients.slice(zerosAt)),
    }),
    ...(recorder.features && {
      features: {
        path: 'head',
        shape: recorder.features.shape,
        values: dataOf(recorder.features, recorder.features),
      },
    }),
    ...(wants.has('norm-deviations') && { normDeviations: [...recorder.normDeviations] }),
  };
}

function recordedPass(
  { platform, store, architecture }: NetworkWeights,
  request: ExamineRequest,
  { images, trainable, values, recorder }: Inputs,
): Tensor {
  return runPass(
    platform,
    store,
    {
      training: request.batchStatistics ?? true,
      initial: seededRandom(0),
      weights: new Map(trainable.map(({ path }, index) => [path, values[index]!])),
      random: { seed: 0, step: platform.tf.scalar(0, 'int32') as Tensor },
    },
    (ops) => forwardNetwork(recorder.watch(ops), architecture, images),
  );
}

function objective(
  { platform, architecture }: NetworkWeights,
  { of, labels }: ExamineRequest,
  logits: Tensor,
): Tensor {
  const { tf } = platform;
  if (of === 'sum') return tf.sum(logits);
  const targets = { labels: tf.tensor1d(labels!, 'int32') as Tensor };
  return classificationLoss(platform, architecture, { labelSmoothing: 0 }, logits, targets).loss;
}

type Gradient = Tensor | null;

function valueAndGradients(
  tf: Tf,
  body: () => Tensor,
  inputs: readonly Tensor[],
): [value: Tensor, gradients: readonly Gradient[]] {
  if (inputs.length === 0) return [body(), []];
  const { value, grads } = tf
    .engine()
    .gradients(body as never, inputs as never, undefined, true) as unknown as {
    value: Tensor;
    grads: Gradient[];
  };
  return [value, grads];
}

const weightGradients = (
  trainable: readonly StateVariable[],
  values: readonly Tensor[],
  gradients: readonly Gradient[],
): WeightSet =>
  new Map(
    trainable.map(({ path, shape }, index) => [
      path,
      { shape, trainable: true, values: dataOf(gradients[index], values[index]!) },
    ]),
  );

const examinedTensors = (
  list: readonly RecordedTensor[],
  gradients?: readonly Gradient[],
): ExaminedTensor[] =>
  list.map(({ path, tensor }, index) => ({
    path,
    shape: tensor.shape,
    values: dataOf(tensor, tensor),
    ...(gradients && { gradient: dataOf(gradients[index], tensor) }),
  }));

/** A copy of the values; zeros of the size of `like` where there is no tensor. */
const dataOf = (tensor: Gradient | undefined, like: Tensor): Float32Array =>
  (tensor ? (tensor.dataSync() as Float32Array) : new Float32Array(like.size)).slice();
