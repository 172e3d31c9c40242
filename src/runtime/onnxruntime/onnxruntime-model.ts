/** A network as an ONNX model in a worker. Weights stay here; changed ones go there as a new model. */
import type { Architecture } from '../../architecture/architecture.js';
import { onnxModel } from '../../export/onnx/onnx-model.js';
import { weightForms } from '../../export/pytorch/weight-names.js';
import type { SparsityMasks } from '../../network/sparsity-masks.js';
import { UserError } from '../../util/errors.js';
import { checkedWeights } from '../checked-weights.js';
import { initialWeights } from '../initial-weights.js';
import type { PythonWorker, Tensors } from '../python-worker/python-worker.js';
import { WorkerInference } from '../python-worker/worker-inference.js';
import type {
  Examination,
  Inference,
  InferenceOptions,
  Model,
  Precision,
  Training,
  WeightSet,
} from '../runtime.js';

export class OnnxruntimeModel implements Model {
  readonly parameterCount: number;
  private weights: WeightSet;
  private readonly network: number;

  constructor(
    private readonly worker: PythonWorker,
    private readonly precisions: readonly Precision[],
    readonly architecture: Architecture,
    seed: number,
    private readonly masks?: SparsityMasks,
  ) {
    const forms = weightForms(architecture);
    const initial = initialWeights(forms, seed);
    this.weights = new Map(
      forms.map(({ path, shape, trainable }) => [path, { shape, values: initial.get(path)!, trainable }]),
    );
    this.parameterCount = [...this.weights.values()]
      .filter(({ trainable }) => trainable)
      .reduce((sum, { values }) => sum + values.length, 0);
    this.weights = this.pruned(this.weights);
    this.network = worker.request<{ network: number }>('network', {}, this.model()).fields.network;
  }

  readWeights(): Promise<WeightSet> {
    return Promise.resolve(this.weights);
  }

  writeWeights(weights: WeightSet): void {
    this.weights = this.pruned(checkedWeights(this.weights, weights));
    this.worker.request('write-weights', { network: this.network }, this.model());
  }

  inference({ batch, execution, precision }: InferenceOptions): Inference {
    if (precision && !this.precisions.includes(precision))
      throw new Error(
        `inference: this provider computes in ${this.precisions.join(', ')}, ` +
          `got ${JSON.stringify(precision)}`,
      );
    const { height, width, channels } = this.architecture.input;
    const { fields } = this.worker.request<{ inference: number }>('inference', {
      network: this.network,
      shape: [batch, height, width, channels],
      execution,
      precision: precision ?? this.precisions[0]!,
    });
    return new WorkerInference(this.worker, fields.inference, this.architecture, batch);
  }

  training(): Training {
    throw new UserError('runtime onnxruntime: it runs networks and does not train', {
      fix: 'runtime pytorch',
    });
  }

  examine(): Promise<Examination> {
    throw new UserError(
      'runtime onnxruntime: it does not differentiate; scores of untrained networks need it',
      {
        fix: 'runtime tensorflow',
      },
    );
  }

  dispose(): void {
    if (!this.worker.isLost) this.worker.request('dispose', { number: this.network });
  }

  private model(): Tensors {
    const { model } = onnxModel(
      this.architecture,
      new Map([...this.weights].map(([path, { values }]) => [path, values])),
    );
    return new Map([['model', { shape: [model.length], values: model }]]);
  }

  private pruned(weights: WeightSet): WeightSet {
    const { masks } = this;
    if (!masks) return weights;
    return new Map(
      [...weights].map(([path, weight]) => {
        const mask = masks.get(path);
        const values = mask ? weight.values.map((value, index) => value * mask[index]!) : weight.values;
        return [path, { ...weight, values }];
      }),
    );
  }
}
