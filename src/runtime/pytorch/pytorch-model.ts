/** A network in a PyTorch worker: the exported module with the lab's weights. */
import type { Architecture } from '../../architecture/architecture.js';
import { pytorchModule } from '../../export/pytorch/network-module.js';
import { toTorch, type WeightForm, weightForms } from '../../export/pytorch/weight-names.js';
import { weightsFromTorch } from '../../export/pytorch/weights-from-torch.js';
import type { SparsityMasks } from '../../network/sparsity-masks.js';
import { UserError } from '../../util/errors.js';
import { checkedWeights } from '../checked-weights.js';
import { initialWeights } from '../initial-weights.js';
import type { PythonWorker, Tensors } from '../python-worker/python-worker.js';
import { WorkerInference } from '../python-worker/worker-inference.js';
import type {
  Examination,
  Execution,
  Inference,
  InferenceOptions,
  Model,
  Precision,
  Runtime,
  Training,
  WeightSet,
} from '../runtime.js';

export class PytorchModel implements Model {
  readonly parameterCount: number;
  /** Number in the worker. */
  readonly network: number;
  readonly forms: readonly WeightForm[];

  constructor(
    readonly worker: PythonWorker,
    private readonly supports: Runtime['supports'],
    readonly architecture: Architecture,
    seed: number,
    masks?: SparsityMasks,
  ) {
    this.forms = weightForms(architecture);
    const initial = initialWeights(this.forms, seed);
    const { fields } = worker.request<{ network: number; parameters: number }>(
      'network',
      { source: pytorchModule(architecture) },
      new Map([
        ...this.inTorch((path) => initial.get(path)!),
        ...(masks ? this.masksInTorch(masks) : new Map()),
      ]),
    );
    this.network = fields.network;
    this.parameterCount = fields.parameters;
  }

  async readWeights(): Promise<WeightSet> {
    const { tensors } = this.worker.request('read-weights', { network: this.network });
    return weightsFromTorch(this.architecture, tensors, 'runtime pytorch');
  }

  writeWeights(weights: WeightSet): void {
    const given = checkedWeights(new Map(this.forms.map((form) => [form.path, form])), weights);
    const tensors = this.inTorch((path) => given.get(path)!.values);
    this.worker.request('write-weights', { network: this.network }, tensors);
  }

  inference({ batch, execution, precision }: InferenceOptions): Inference {
    const { height, width, channels } = this.architecture.input;
    const { fields } = this.worker.request<{ inference: number }>('inference', {
      network: this.network,
      shape: [batch, height, width, channels],
      execution,
      precision: this.choosePrecision('inference', execution, precision),
    });
    return new WorkerInference(this.worker, fields.inference, this.architecture, batch);
  }

  training(): Training {
    throw new UserError('runtime pytorch: training is not supported yet', { fix: 'runtime tensorflow' });
  }

  examine(): Promise<Examination> {
    throw new UserError('runtime pytorch: scores of untrained networks need TensorFlow or wasm', {
      fix: 'runtime tensorflow',
    });
  }

  dispose(): void {
    if (!this.worker.isLost) this.worker.request('dispose', { number: this.network });
  }

  /** The precision to compute in: the requested one, else the one that the runtime was opened with. */
  choosePrecision(where: string, execution: Execution, precision?: Precision): Precision {
    const { compiled, precisions } = this.supports;
    if (execution === 'compiled' && !compiled)
      throw new Error(
        `${where}: torch.compile needs a C++ compiler on a CPU and Triton on a GPU, got neither; ` +
          'check runtime.supports.compiled',
      );
    if (precision && !precisions.includes(precision))
      throw new Error(
        `${where}: this device computes in ${precisions.join(', ')}, got ${JSON.stringify(precision)}`,
      );
    return precision ?? precisions[0]!;
  }

  /** Values of every weight by its name in the module. */
  private inTorch(valuesOf: (path: string) => Float32Array): Tensors {
    return new Map(
      this.forms.map((form) => [
        form.name,
        { shape: form.torchShape, values: toTorch(form, valuesOf(form.path)) },
      ]),
    );
  }

  private masksInTorch(masks: SparsityMasks): Tensors {
    const masked = this.forms.filter(({ path }) => masks.has(path));
    return new Map(
      masked.map((form) => [
        `mask:${form.name}`,
        { shape: form.torchShape, values: toTorch(form, Float32Array.from(masks.get(form.path)!)) },
      ]),
    );
  }
}
