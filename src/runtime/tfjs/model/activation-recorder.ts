/** Records what a pass feeds to nonlinearities and gets from linear operations, for `examine`. */
import { overrideOps } from '../../../tensor/override-ops.js';
import type { TensorOps } from '../../../tensor/tensor-ops.js';
import type { Examined } from '../../runtime.js';
import type { Tensor, Tf } from '../native-engine.js';

export interface RecordedTensor {
  readonly path: string;
  readonly tensor: Tensor;
}

export interface RecorderOptions {
  readonly tf: Tf;
  readonly wants: ReadonlySet<Examined>;
  /** Norms scale and shift without normalising; activation functions but for gates pass their input. */
  readonly linearised: boolean;
  /** Whether a tensor is a weight: a product with one counts as a linear operation. */
  isWeight(tensor: Tensor): boolean;
}

const gates: ReadonlySet<string> = new Set(['sigmoid', 'hard-sigmoid', 'tanh']);

export class ActivationRecorder {
  /** Inputs of activation functions, in order of execution. */
  readonly nonlinearities: RecordedTensor[] = [];
  /** Outputs of convolutions and of products with a weight. */
  readonly linearOutputs: RecordedTensor[] = [];
  /** By batch norm: root of the mean variance of its input's channels. */
  readonly normDeviations: number[] = [];
  /** Input of the head. */
  features: Tensor | undefined;
  /** Added to the linear outputs in order: the gradients of these zeros are the outputs' gradients. */
  zeros: readonly Tensor[] = [];
  private added = 0;
  private path: readonly string[] = [];
  private inHead = false;

  constructor(private readonly options: RecorderOptions) {}

  /** `ops` with recording. */
  watch(ops: TensorOps<Tensor>): TensorOps<Tensor> {
    return overrideOps(ops, { ...this.linearOverrides(ops), ...this.otherOverrides(ops) });
  }

  /** Disposes of everything recorded. */
  clear(): void {
    for (const { tensor } of [...this.nonlinearities.splice(0), ...this.linearOutputs.splice(0)])
      tensor.dispose();
    this.features?.dispose();
    this.features = undefined;
    this.normDeviations.length = 0;
    this.added = 0;
  }

  private linearOverrides(ops: TensorOps<Tensor>): Partial<TensorOps<Tensor>> {
    return {
      conv2d: (x, filter, options) => {
        this.recordFeatures(x);
        return this.recordOutput(ops.conv2d(x, filter, options));
      },
      depthwiseConv2d: (x, filter, options) => {
        this.recordFeatures(x);
        return this.recordOutput(ops.depthwiseConv2d(x, filter, options));
      },
      matmul: (a, b, options) => {
        const y = ops.matmul(a, b, options);
        return this.options.isWeight(b) ? this.recordOutput(y) : y;
      },
    };
  }

  private otherOverrides(ops: TensorOps<Tensor>): Partial<TensorOps<Tensor>> {
    const { tf, wants, linearised } = this.options;
    return {
      scope: (name, body) => this.inScope(name, () => ops.scope(name, body)),
      activation: (x, kind) => {
        this.recordFeatures(x);
        if (wants.has('nonlinearities')) this.record(this.nonlinearities, x);
        return linearised && !gates.has(kind) ? x : ops.activation(x, kind);
      },
      geluTanh: undefined, // its parts are recorded
      reduce: (x, kind, axes, options) => {
        this.recordFeatures(x);
        return ops.reduce(x, kind, axes, options);
      },
      layerNorm: (x, affine, options) => {
        this.recordFeatures(x);
        return linearised ? tf.add(tf.mul(x, affine.gamma), affine.beta) : ops.layerNorm(x, affine, options);
      },
      batchNorm: (x, affine, options) => {
        this.recordFeatures(x);
        if (wants.has('norm-deviations')) {
          const { variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
          this.normDeviations.push(Math.sqrt(tf.mean(variance).dataSync()[0]!));
        }
        return linearised ? tf.add(tf.mul(x, affine.gamma), affine.beta) : ops.batchNorm(x, affine, options);
      },
    };
  }

  private inScope<R>(name: string, body: () => R): R {
    const { path, inHead } = this;
    this.path = [...path, name];
    this.inHead ||= this.path[0] === 'head';
    try {
      return body();
    } finally {
      this.path = path;
      this.inHead = inHead;
    }
  }

  private record(list: RecordedTensor[], tensor: Tensor): void {
    list.push({ path: this.path.join('/'), tensor: this.options.tf.keep(tensor.clone()) });
  }

  private recordOutput(y: Tensor): Tensor {
    if (!this.options.wants.has('linear-outputs')) return y;
    this.record(this.linearOutputs, y);
    const zero = this.zeros[this.added++];
    return zero ? this.options.tf.add(y, zero) : y;
  }

  private recordFeatures(x: Tensor): void {
    if (this.inHead && !this.features && this.options.wants.has('features'))
      this.features = this.options.tf.keep(x.clone());
  }
}
