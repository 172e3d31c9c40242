/** A network on the device and what can be done with it: inference, training, examination. */
import type { Architecture } from '../../../architecture/architecture.js';
import type { SparsityMasks } from '../../../network/sparsity-masks.js';
import type {
  Examination,
  ExamineRequest,
  Execution,
  Inference,
  InferenceOptions,
  Model,
  Precision,
  Training,
  TrainingOptions,
  WeightSet,
} from '../../runtime.js';
import type { Platform } from '../platform.js';
import { examine } from './examine.js';
import { NetworkWeights } from './network-weights.js';
import { TfjsInference } from './tfjs-inference.js';
import { TfjsTraining } from './tfjs-training.js';

export class TfjsModel implements Model {
  private readonly weights: NetworkWeights;
  private activeTraining: TfjsTraining | undefined;

  constructor(
    private readonly platform: Platform,
    readonly architecture: Architecture,
    seed: number,
    private readonly precisions: Readonly<Record<Execution, readonly Precision[]>>,
    masks?: SparsityMasks,
  ) {
    this.weights = new NetworkWeights(platform, architecture, seed, masks);
  }

  get parameterCount(): number {
    return this.weights.parameterCount;
  }

  readWeights(): Promise<WeightSet> {
    return Promise.resolve(this.weights.read());
  }

  writeWeights(weights: WeightSet): void {
    this.weights.write(weights);
  }

  inference(options: InferenceOptions): Inference {
    return new TfjsInference(this.weights, {
      ...options,
      precision: this.choosePrecision('inference', options),
    });
  }

  training(options: TrainingOptions): Training {
    const precision = this.choosePrecision('training', options);
    if (this.activeTraining)
      throw new Error('model.training: a model has one training at a time; dispose of the other first');
    const { guidance } = options;
    if (guidance && !(guidance.guide instanceof TfjsModel))
      throw new Error('model.training: the guide must be a model of the same runtime, got another');
    const guideTerm = guidance && { guide: (guidance.guide as TfjsModel).weights, weight: guidance.weight };
    guideTerm?.guide.settle();
    this.activeTraining = new TfjsTraining(
      this.weights,
      { ...options, precision },
      () => {
        this.activeTraining = undefined;
      },
      guideTerm,
    );
    return this.activeTraining;
  }

  async examine(request: ExamineRequest): Promise<Examination> {
    return examine(this.weights, request);
  }

  /** The precision to compute in: the requested one, else the first that is supported. */
  private choosePrecision(
    where: string,
    { execution, precision }: { readonly execution: Execution; readonly precision?: Precision },
  ): Precision {
    if (execution === 'compiled' && !this.platform.native)
      throw new Error(
        `${where}: the ${this.platform.id} runtime has no compiled execution; ` +
          'check runtime.supports.compiled',
      );
    const supported = this.precisions[execution];
    if (precision && !supported.includes(precision))
      throw new Error(
        `${where}: ${execution} execution on this device computes in ${supported.join(', ')}, ` +
          `got ${JSON.stringify(precision)}`,
      );
    return precision ?? supported[0]!;
  }

  dispose(): void {
    this.activeTraining?.dispose();
    this.weights.dispose();
  }
}
