/**
 * One differentiated look at a network: gradients, inputs of nonlinearities, the last map. Eager; nothing
 * moves.
 */
import { forwardNetwork } from '../../network/forward-network.js';
import { overrideOps } from '../../tensor/override-ops.js';
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { seededRandom } from '../../util/random.js';
import type { Examination, ExamineRequest, SeenTensor, WeightSet } from '../runtime.js';
import { classificationLoss } from './loss.js';
import { readStore, type TfjsModel, writeStore } from './model.js';
import type { Tensor } from './native-engine.js';
import { runPass } from './pass.js';

interface Seen {
  readonly path: string;
  readonly tensor: Tensor;
}

const gates: ReadonlySet<string> = new Set(['sigmoid', 'hard-sigmoid', 'tanh']);

export async function examine(model: TfjsModel, request: ExamineRequest): Promise<Examination> {
  const { platform, architecture, store } = model;
  const { tf } = platform;
  const { height, width, channels } = architecture.input;
  const batch = request.images.length / (height * width * channels);
  if (!Number.isInteger(batch) || batch < 1)
    throw new Error(
      `examine: images must fill whole [${height},${width},${channels}], got ${request.images.length} values`,
    );
  if (request.labels && request.labels.length !== batch)
    throw new Error(`examine: one label per image is needed (${batch}), got ${request.labels.length}`);
  await model.readWeights(); // the engine's variables are current
  const wants = new Set(request.wants);
  const training = request.batchStatistics ?? true;
  const statistics = training ? readStore(store) : undefined;
  const trainable = store.trainable();

  let found: Examination | undefined;
  tf.tidy(() => {
    const images = tf.tensor(request.images.slice(), [batch, height, width, channels], 'float32') as Tensor;
    const values = trainable.map((variable) => variable.read());
    const reads = new Map(trainable.map(({ path }, index) => [path, values[index]!]));
    const nonlinear: Seen[] = [];
    const linear: Seen[] = [];
    const deviations: number[] = [];
    let features: Tensor | undefined;
    /** Linear outputs get zeros added, whose gradients are theirs. */
    const zeros: Tensor[] = [];
    let counted = 0;

    const watched = (ops: TensorOps<Tensor>): TensorOps<Tensor> => {
      let path: readonly string[] = [];
      let inHead = false;
      const seen = (list: Seen[], tensor: Tensor): void => {
        list.push({ path: path.join('/'), tensor: tf.keep(tensor.clone()) as Tensor });
      };
      const output = (y: Tensor): Tensor => {
        if (!wants.has('linear-outputs')) return y;
        seen(linear, y);
        const zero = zeros[counted++];
        return zero ? tf.add(y, zero) : y;
      };
      const beforeHead = (x: Tensor): void => {
        if (inHead && !features && wants.has('features')) features = tf.keep(x.clone()) as Tensor;
      };
      const own: Partial<TensorOps<Tensor>> = {
        scope(name, body) {
          const [outer, outerHead] = [path, inHead];
          path = [...path, name];
          inHead ||= path[0] === 'head';
          try {
            return ops.scope(name, body);
          } finally {
            [path, inHead] = [outer, outerHead];
          }
        },
        activation(x, kind) {
          beforeHead(x);
          if (wants.has('nonlinearities')) seen(nonlinear, x);
          return request.linearised && !gates.has(kind) ? x : ops.activation(x, kind);
        },
        conv2d(x, filter, options) {
          beforeHead(x);
          return output(ops.conv2d(x, filter, options));
        },
        depthwiseConv2d(x, filter, options) {
          beforeHead(x);
          return output(ops.depthwiseConv2d(x, filter, options));
        },
        matmul(a, b, options) {
          const y = ops.matmul(a, b, options);
          return [...reads.values()].includes(b) ? output(y) : y;
        },
        reduce(x, kind, axes, options) {
          beforeHead(x);
          return ops.reduce(x, kind, axes, options);
        },
        layerNorm(x, affine, options) {
          beforeHead(x);
          return request.linearised
            ? tf.add(tf.mul(x, affine.gamma), affine.beta)
            : ops.layerNorm(x, affine, options);
        },
        batchNorm(x, affine, options) {
          beforeHead(x);
          if (wants.has('norm-deviations')) {
            const { variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
            deviations.push(Math.sqrt(tf.mean(variance).dataSync()[0]!));
          }
          return request.linearised
            ? tf.add(tf.mul(x, affine.gamma), affine.beta)
            : ops.batchNorm(x, affine, options);
        },
      };
      return overrideOps(ops, own);
    };

    const forward = (x: Tensor): Tensor =>
      runPass(
        platform,
        store,
        {
          training,
          initial: seededRandom(0),
          weights: reads,
          chance: { seed: 0, step: tf.scalar(0, 'int32') as Tensor },
        },
        (ops) => forwardNetwork(watched(ops), architecture, x),
      );
    const objective = (logits: Tensor): Tensor =>
      request.of === 'sum'
        ? tf.sum(logits)
        : classificationLoss(platform, architecture, { labelSmoothing: 0 }, logits, {
            labels: tf.tensor1d(request.labels!, 'int32') as Tensor,
          }).loss;
    const forget = (): void => {
      for (const { tensor } of [...nonlinear.splice(0), ...linear.splice(0)]) tensor.dispose();
      features?.dispose();
      features = undefined;
      deviations.length = 0;
      counted = 0;
    };

    if (wants.has('linear-outputs')) {
      // a first pass tells their shapes
      forward(images);
      zeros.push(...linear.map(({ tensor }) => tf.zeros(tensor.shape) as Tensor));
      forget();
    }
    const [wantsWeights, wantsImages] = [wants.has('weight-gradients'), wants.has('image-gradients')];
    const inputs = [...(wantsWeights ? values : []), ...(wantsImages ? [images] : []), ...zeros];
    let value: Tensor;
    let grads: readonly (Tensor | null)[] = [];
    if (inputs.length > 0)
      ({ value, grads } = tf
        .engine()
        .gradients(
          (() => objective(forward(images))) as never,
          inputs as never,
          undefined,
          true,
        ) as unknown as { value: Tensor; grads: (Tensor | null)[] });
    else value = objective(forward(images));
    const data = (tensor: Tensor | null | undefined, like: Tensor): Float32Array =>
      (tensor ? (tensor.dataSync() as Float32Array) : new Float32Array(like.size)).slice();
    const shown = (list: readonly Seen[], gradients?: readonly (Tensor | null)[]): SeenTensor[] =>
      list.map(({ path, tensor }, index) => ({
        path,
        shape: tensor.shape,
        values: data(tensor, tensor),
        ...(gradients && { gradient: data(gradients[index], tensor) }),
      }));
    const weightGradients: WeightSet | undefined = wantsWeights
      ? new Map(
          trainable.map(({ path, shape }, index) => [
            path,
            { shape, trainable: true, values: data(grads[index], values[index]!) },
          ]),
        )
      : undefined;
    const at = wantsWeights ? values.length : 0;
    found = {
      value: value.dataSync()[0]!,
      ...(weightGradients && { weightGradients }),
      ...(wantsImages && { imageGradients: data(grads[at], images) }),
      ...(wants.has('nonlinearities') && { nonlinearities: shown(nonlinear) }),
      ...(wants.has('linear-outputs') && {
        linearOutputs: shown(linear, grads.slice(at + (wantsImages ? 1 : 0))),
      }),
      ...(features && {
        features: { path: 'head', shape: (features as Tensor).shape, values: data(features, features) },
      }),
      ...(wants.has('norm-deviations') && { normDeviations: [...deviations] }),
    };
    forget();
  });
  if (statistics) writeStore(store, statistics, 'examine');
  return found!;
}
