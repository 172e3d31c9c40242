/**
 * Every block, stem, downsampling layer and head on every runtime: TensorFlow and wasm answer as the cpu
 * reference does; MACs that were inferred are those of the operations that ran; gradients are those of finite
 * differences; texts and weights carry the network over.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { canonicalText, parseArchitecture } from '../../src/architecture/canonical.js';
import { blockNetworks } from '../../src/network/block-networks.js';
import { forwardNetwork } from '../../src/network/forward-network.js';
import { networkCost } from '../../src/network/network-cost.js';
import { runPass, weightStream } from '../../src/runtime/tfjs/model/run-pass.js';
import { StateStore } from '../../src/runtime/tfjs/model/state-store.js';
import type { Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { infer } from '../../src/tensor/infer/infer.js';
import { overrideOps } from '../../src/tensor/override-ops.js';
import type { TensorOps } from '../../src/tensor/tensor-ops.js';
import { layerNetworks } from '../fixtures/part-networks.js';
import { engineFolder, noise, openPlatform, product, relativeDifference } from '../runtime/platforms.js';

const networks = Object.entries({ ...blockNetworks([14]), ...layerNetworks });

/** MACs of what runs, from the tensors that went in and came out. */
function counting(ops: TensorOps<Tensor>, add: (macs: number) => void): TensorOps<Tensor> {
  const noted = (y: Tensor, perValue: number): Tensor => {
    add(product(y.shape) * perValue);
    return y;
  };
  return overrideOps(ops, {
    conv2d: (x, filter, options) => noted(ops.conv2d(x, filter, options), product(filter.shape.slice(0, 3))),
    depthwiseConv2d: (x, filter, options) =>
      noted(ops.depthwiseConv2d(x, filter, options), product(filter.shape.slice(0, 2))),
    matmul: (a, b, options = {}) =>
      noted(ops.matmul(a, b, options), a.shape.at(options.transposeA ? -2 : -1)!),
    conv2dTranspose(x, filter, options) {
      add(product(x.shape) * product(filter.shape.slice(0, 3)));
      return ops.conv2dTranspose(x, filter, options);
    },
  });
}

interface Ran {
  readonly values: Float32Array;
  readonly macs: number;
  readonly params: number;
}

function run(platform: Platform, architecture: Architecture): Ran {
  const { height, width, channels } = architecture.input;
  const store = new StateStore(platform.createVariable);
  let macs = 0;
  const values = platform.tf.tidy(() => {
    const x = platform.tf.tensor(noise('image', height * width * channels), [1, height, width, channels]);
    return runPass(platform, store, { training: false, initial: weightStream(5) }, (ops) =>
      forwardNetwork(
        counting(ops, (more) => {
          macs += more;
        }),
        architecture,
        x as Tensor,
      ),
    ).dataSync() as Float32Array;
  });
  const params = store.trainable().reduce((sum, { shape }) => sum + product(shape), 0);
  store.dispose();
  return { values, macs, params };
}

const reference = new Map<string, Ran>();

describe('cpu reference', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await openPlatform('cpu');
  });

  it.each(networks)('%s: weights and MACs of what ran are those inferred; the same twice', (name, make) => {
    const architecture = make();
    const ran = run(platform, architecture);
    reference.set(name, ran);
    const { params, macs } = networkCost(architecture).total;
    expect({ params: ran.params, macs: ran.macs }).toEqual({ params, macs });
    expect(ran.values.every(Number.isFinite)).toBe(true);
    expect(Math.max(...ran.values.map(Math.abs))).toBeGreaterThan(1e-4);
  });

  it.each(networks)('%s: read back from its text it is the same network', (_, make) => {
    const architecture = make();
    const again = parseArchitecture(canonicalText(architecture));
    expect(canonicalText(again)).toBe(canonicalText(architecture));
    const { height, width, channels } = architecture.input;
    const read = (network: Architecture): unknown =>
      infer([1, height, width, channels], (ops, x) => forwardNetwork(ops, network, x)).operations;
    expect(read(again)).toEqual(read(architecture));
  });
});

describe.skipIf(engineFolder === undefined)('TensorFlow', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await openPlatform('native');
  });
  it.each(networks)('%s answers as the reference, and the same twice', (name, make) => {
    const { values } = run(platform, make());
    expect(relativeDifference(values, reference.get(name)!.values)).toBeLessThan(1e-4);
    expect(run(platform, make()).values).toEqual(values);
  });
});

describe('wasm', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await openPlatform('wasm');
  });
  it.each(networks)('%s answers as the reference', (name, make) => {
    expect(relativeDifference(run(platform, make()).values, reference.get(name)!.values)).toBeLessThan(1e-4);
  });
});

/**
 * Slopes of Σ y·r, r random: by the engine's gradient, and by differences along the gradient and along random
 * directions.
 */
function slopes(
  platform: Platform,
  architecture: Architecture,
  directions: number,
): {
  readonly length: number;
  readonly along: number;
  readonly expected: number[];
  readonly measured: number[];
} {
  const { tf } = platform;
  const { height, width, channels } = architecture.input;
  const store = new StateStore(platform.createVariable);
  const shape = [2, height, width, channels];
  const image = noise('image', product(shape));
  const loss = (weights: ReadonlyMap<string, Tensor>): Tensor => {
    const y = runPass(
      platform,
      store,
      { training: true, initial: weightStream(5), weights, random: { seed: 1, step: tf.scalar(0, 'int32') } },
      (ops) => forwardNetwork(ops, architecture, tf.tensor(image, shape) as Tensor),
    );
    return tf.mean(tf.mul(y, tf.tensor(noise('weighing', product(y.shape)), y.shape))) as Tensor;
  };
  tf.tidy(() => loss(new Map())); // declares
  const paths = store.trainable().map(({ path }) => path);
  const values = store.trainable().map((variable) => variable.values());
  const shapes = store.trainable().map((variable) => variable.shape as number[]);
  const gradient = tf.tidy(() => {
    const tensors = values.map((value, index) => tf.tensor(value, shapes[index]!) as Tensor);
    const { grads } = tf
      .engine()
      .gradients(
        () => loss(new Map(paths.map((path, index) => [path, tensors[index]!]))) as never,
        tensors,
        undefined,
        true,
      );
    return grads.map((one, index) =>
      one ? ((one as Tensor).dataSync().slice() as Float32Array) : new Float32Array(values[index]!.length),
    );
  });
  const at = (direction: readonly Float32Array[], by: number): number =>
    tf.tidy(
      () =>
        loss(
          new Map(
            paths.map((path, index) => [
              path,
              tf.tensor(
                values[index]!.map((value, k) => value + by * direction[index]![k]!),
                shapes[index]!,
              ) as Tensor,
            ]),
          ),
        ).dataSync()[0]!,
    );
  const slope = (direction: readonly Float32Array[], by: number): number =>
    (at(direction, by) - at(direction, -by)) / (2 * by);
  const dot = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
    a.reduce((sum, one, index) => sum + one.reduce((inner, value, k) => inner + value * b[index]![k]!, 0), 0);
  const length = Math.sqrt(dot(gradient, gradient));
  const random = Array.from({ length: directions }, (_, each) => {
    const drawn = values.map((value, index) => noise(`direction ${each} ${index}`, value.length));
    const scale = 1 / Math.sqrt(dot(drawn, drawn));
    return drawn.map((one) => one.map((value) => value * scale * 30)); // long, so that its slope stands out of rounding
  });
  const result = {
    length,
    along: slope(
      gradient.map((one) => one.map((value) => value / length)),
      5e-3,
    ),
    expected: random.map((direction) => dot(direction, gradient)),
    measured: random.map((direction) => slope(direction, 1e-3)),
  };
  store.dispose();
  return result;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('gradients on the cpu reference', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await openPlatform('cpu');
  });
  it.each(
    Object.entries({ ...blockNetworks([7, 8, 14], { one: true, widths: [32, 64] }), ...layerNetworks }),
  )('%s: those of finite differences', (_, make) => {
    const { length, along, expected, measured } = slopes(platform, make(), 3);
    expect(length).toBeGreaterThan(0);
    expect(Math.abs(along / length - 1)).toBeLessThan(0.05);
    // the median: where a channel is chosen by its value (SpaRTAN's argMax) one direction in some may cross a
    // jump
    expect(
      median(expected.map((value, index) => Math.abs(value - measured[index]!) / (Math.abs(value) + length))),
    ).toBeLessThan(0.05);
  });
});
