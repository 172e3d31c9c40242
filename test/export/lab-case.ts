/**
 * What the lab's own forward pass computes for a network on hashed weights: outputs in evaluation and training
 * mode, running statistics after the training step, and gradients.
 */
import type { Architecture } from '../../src/architecture/architecture.js';
import { forwardNetwork } from '../../src/network/forward-network.js';
import type { WeightSet } from '../../src/runtime/runtime.js';
import { runPass, weightStream } from '../../src/runtime/tfjs/model/run-pass.js';
import { readStore, StateStore, writeStore } from '../../src/runtime/tfjs/model/state-store.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { valuesOf } from '../parity/values.js';
import { noise } from '../runtime/platforms.js';

export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface LabCase {
  readonly weights: WeightSet;
  /** Images `[b,h,w,c]`, and what the stem of a denoising network is given. */
  readonly images: Values;
  readonly time?: Values;
  readonly given?: Values;
  readonly evaluated: Values;
  readonly trained: Values;
  /** Running statistics after the training step, by path. */
  readonly statistics: ReadonlyMap<string, Values>;
  /** Gradient of the sum of outputs times `coefficients`, in evaluation mode, by path. */
  readonly gradients: ReadonlyMap<string, Values>;
  readonly coefficients: Values;
}

const batch = 2;
const valuesIn = (tensor: Tensor): Values => ({
  shape: [...tensor.shape],
  values: (tensor.dataSync() as Float32Array).slice(),
});

/** Condition inputs of a denoising stem; undefined for other stems. */
function conditionOf({ stem }: Architecture): { time: Values; given?: Values } | undefined {
  if (stem.type !== 'denoise') return undefined;
  const time = { shape: [batch], values: Float32Array.of(3, 417) };
  const { labels, tokens, 'token-width': width, condition } = stem.params as Record<string, number | string>;
  if (condition === 'time') return { time };
  const shape = condition === 'class' ? [batch, Number(labels)] : [batch, Number(tokens), Number(width)];
  return {
    time,
    given: {
      shape,
      values: noise(
        'given',
        shape.reduce((a, b) => a * b),
      ),
    },
  };
}

export function labCase(platform: Platform, architecture: Architecture, withGradients: boolean): LabCase {
  const { tf } = platform;
  const { height, width, channels } = architecture.input;
  const images = {
    shape: [batch, height, width, channels],
    values: noise('images', batch * height * width * channels),
  };
  const condition = conditionOf(architecture);
  const tensorOf = ({ values, shape }: Values): Tensor => tf.tensor(values, [...shape]) as Tensor;
  const store = new StateStore(platform.createVariable);
  const pass = (training: boolean, weights?: ReadonlyMap<string, Tensor>): Tensor =>
    runPass(
      platform,
      store,
      {
        training,
        initial: weightStream(1),
        ...(weights && { weights }),
        random: { seed: 0, step: tf.scalar(0, 'int32') as Tensor },
      },
      (ops) =>
        forwardNetwork(ops, architecture, tensorOf(images), {
          condition: {
            ...(condition && { time: tensorOf(condition.time) }),
            ...(condition?.given && {
              [architecture.stem.params['condition'] === 'class' ? 'labels' : 'tokens']: tensorOf(
                condition.given,
              ),
            }),
          },
        }),
    );
  const computed = (body: () => Tensor): Values => {
    const y = tf.tidy(body as never) as Tensor;
    const values = valuesIn(y);
    y.dispose();
    return values;
  };
  computed(() => pass(false)); // declares every weight
  const weights: WeightSet = new Map(
    [...readStore(store)].map(([path, weight]) => [
      path,
      { ...weight, values: valuesOf(path, weight.shape) },
    ]),
  );
  writeStore(store, weights, 'labCase');
  const evaluated = computed(() => pass(false));
  const coefficients = { shape: evaluated.shape, values: noise('coefficients', evaluated.values.length) };
  const trainable = [...weights].filter(([, { trainable: learns }]) => learns);
  const gradients = new Map<string, Values>();
  if (withGradients)
    tf.tidy(() => {
      const objective = (...given: Tensor[]): Tensor =>
        tf.sum(
          tf.mul(
            pass(false, new Map(trainable.map(([path], at) => [path, given[at]!]))),
            tensorOf(coefficients),
          ),
        ) as Tensor;
      const found = tf.grads(objective as never)(trainable.map(([, weight]) => tensorOf(weight)));
      trainable.forEach(([path], at) => {
        gradients.set(path, valuesIn(found[at] as Tensor));
      });
    });
  const trained = computed(() => pass(true));
  const statistics = new Map([...readStore(store)].filter(([, { trainable: learns }]) => !learns));
  store.dispose();
  return { weights, images, ...condition, evaluated, trained, statistics, gradients, coefficients };
}
