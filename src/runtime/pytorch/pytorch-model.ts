/** A network in a PyTorch worker: the exported module with the lab's weights. */
import type { Architecture } from '../../architecture/architecture.js';
import { pytorchModule } from '../../export/pytorch/network-module.js';
import { toTorch, type WeightForm, weightForms } from '../../export/pytorch/weight-names.js';
import { weightsFromTorch } from '../../export/pytorch/weights-from-torch.js';
import type { SparsityMasks } from '../../network/sparsity-masks.js';
import { checkedWeights } from '../checked-weights.js';
import { initialWeights } from '../initial-weights.js';
import type { PythonWorker, Tensors } from '../python-worker/python-worker.js';
import { WorkerInference } from '../python-worker/worker-inference.js';
import type {
  Examination,
  ExamineRequest,
  Execution,
  Inference,
  InferenceOptions,
  Model,
  Precision,
  Runtime,
  Training,
  TrainingOptions,
  WeightSet,
} from '../runtime.js';
import { examinePytorch } from './examine-pytorch.js';
import { PytorchTraining } from './pytorch-training.js';

export class PytorchModel implements Model {
  readonly parameterCount: number;
  /** Number in the worker. */
  readonly network: number;
  readonly forms: readonly WeightForm[];
  private activeTraining: PytorchTraining | undefined;

  constructor(
    readonly worker: PythonWorker,
    private readonly supports: Runtime['supports'],
    readonly architecture: Architecture,
    { seed, masks }: { readonly seed: number; readonly masks?: SparsityMasks },
    readonly ranks: number,
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

  training(options: TrainingOptions): Training {
    const precision = this.choosePrecision('training', options.execution, options.precision);
    if (this.activeTraining)
      throw new Error('model.training: a model has one training at a time; dispose of the other first');
    const guide = options.guidance?.guide;
    if (guide && !(guide instanceof PytorchModel))
      throw new Error('model.training: the guide must be a model of the same runtime, got another');
    const forget = (): void => {
      this.activeTraining = undefined;
    };
    this.activeTraining = new PytorchTraining(this, { ...options, precision }, forget, guide);
    return this.activeTraining;
  }

  async examine(request: ExamineRequest): Promise<Examination> {
    return examinePytorch(this, request);
  }

  dispose(): void {
    this.activeTraining?.dispose();
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
