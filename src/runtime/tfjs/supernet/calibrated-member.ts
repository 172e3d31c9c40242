/**
 * A member of a supernet with running statistics of its own. Those gathered while other paths were trained
 * would be wrong for it, so they are computed anew: the mean over batches of the mean, and the variance
 * within and between batches (slimmable networks, https://arxiv.org/abs/1903.05134).
 */
import type { Architecture } from '../../../architecture/architecture.js';
import type { SupernetMember, WeightSet } from '../../runtime.js';
import type { Tensor } from '../native-engine.js';
import { meanName, varianceName } from '../ops/portable/norm-ops.js';
import { passStatistics, slicedWeights } from './member-pass.js';
import type { SupernetWeights } from './supernet-weights.js';

interface Statistic {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export class CalibratedMember implements SupernetMember {
  /** The member's weights, on the device. */
  private readonly weights: ReadonlyMap<string, Tensor>;
  private readonly statistics: ReadonlyMap<string, Statistic>;

  constructor(
    private readonly supernet: SupernetWeights,
    readonly architecture: Architecture,
  ) {
    const { tf } = supernet.platform;
    const slices = supernet.slicesOf(architecture);
    const kept = tf.tidy(() => {
      const shared = new Map(
        [...new Set([...slices.values()].map((slice) => slice.shared))].map((path) => [
          path,
          supernet.store.get(path)!.read(),
        ]),
      );
      return [...slicedWeights(tf, slices, shared)].map(
        ([path, tensor]) => [path, tf.keep(tf.clone(tensor as never) as never) as Tensor] as const,
      ) as never;
    }) as readonly (readonly [string, Tensor])[];
    this.weights = new Map(kept);
    this.statistics = this.calibrated(supernet.options.calibration);
  }

  private images(values: Float32Array): Tensor {
    const { height, width, channels } = this.architecture.input;
    const count = values.length / (height * width * channels);
    if (!Number.isInteger(count) || count < 1)
      throw new Error(
        `supernet: images must fill [b,${height},${width},${channels}], got ${values.length} values`,
      );
    const { tf } = this.supernet.platform;
    return tf.tensor(values.slice(), [count, height, width, channels], 'float32') as Tensor;
  }

  /** Statistics of each batch norm over the batches. */
  private calibrated(batches: readonly Float32Array[]): ReadonlyMap<string, Statistic> {
    const { tf } = this.supernet.platform;
    const seen = new Map<string, Float32Array[]>();
    for (const batch of batches)
      tf.tidy(() => {
        const statistics = passStatistics(
          (_path, shape, initial) => tf.tensor(initial(), [...shape], 'float32') as Tensor,
          (path, value) => {
            const values = value.dataSync() as Float32Array;
            seen.set(path, [...(seen.get(path) ?? []), values.slice()]);
          },
        );
        this.supernet.forward(this.architecture, this.images(batch), this.weights, statistics, true);
      });
    return pooled(seen);
  }

  logits(images: Float32Array): Promise<Float32Array> {
    const { tf } = this.supernet.platform;
    const statistics = passStatistics((path) => {
      const { shape, values } = this.statistics.get(path)!;
      return tf.tensor(values.slice(), [...shape], 'float32') as Tensor;
    });
    return Promise.resolve(
      tf.tidy(
        () =>
          this.supernet
            .forward(this.architecture, this.images(images), this.weights, statistics, false)
            .dataSync() as Float32Array,
      ),
    );
  }

  readWeights(): WeightSet {
    const weights: Map<string, Statistic & { readonly trainable: boolean }> = new Map();
    for (const [path, { shape, values }] of this.supernet.slicedValues(this.architecture))
      weights.set(path, { shape, values, trainable: true });
    for (const [path, statistic] of this.statistics) weights.set(path, { ...statistic, trainable: false });
    return weights;
  }

  dispose(): void {
    for (const tensor of this.weights.values()) tensor.dispose();
  }
}

/** Mean of the means; mean of the variances and variance of the means. */
function pooled(seen: ReadonlyMap<string, readonly Float32Array[]>): ReadonlyMap<string, Statistic> {
  const meanOf = (batches: readonly Float32Array[]): Float32Array =>
    batches[0]!.map((_, channel) => batches.reduce((sum, each) => sum + each[channel]!, 0) / batches.length);
  return new Map(
    [...seen].map(([path, batches]) => {
      const values = meanOf(batches);
      if (path.endsWith(varianceName)) {
        const means = seen.get(path.slice(0, -varianceName.length) + meanName)!;
        const centre = meanOf(means);
        for (let channel = 0; channel < values.length; channel++)
          values[channel]! +=
            means.reduce((sum, each) => sum + (each[channel]! - centre[channel]!) ** 2, 0) / means.length;
      }
      return [path, { shape: [values.length], values }];
    }),
  );
}
