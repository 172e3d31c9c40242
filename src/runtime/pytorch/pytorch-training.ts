/**
 * Training steps in a PyTorch worker, by the formulas of the lab's own trainer. Weights and the optimizer's
 * state stay there; a batch goes there as raw bytes.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { fromTorch, toTorch, type WeightForm } from '../../export/pytorch/weight-names.js';
import { conditionClasses, taskOf } from '../../network/task.js';
import { UserError } from '../../util/errors.js';
import { alphaBars, unconditionalShare } from '../diffusion.js';
import type { PythonWorker, Tensors } from '../python-worker/python-worker.js';
import type { StepResult, StepSettings, Training, TrainingOptions, WeightSet } from '../runtime.js';
import { assertEarlierMicroBatch, assertLastMicroBatch, assertStepBatch } from '../step-batch.js';
import { isDecayed } from '../weight-decay.js';

/** A network in a worker. */
export interface TrainedNetwork {
  readonly worker: PythonWorker;
  readonly architecture: Architecture;
  /** Number in the worker. */
  readonly network: number;
  readonly forms: readonly WeightForm[];
  /** Processes that train together; default 1. */
  readonly ranks?: number | undefined;
}

interface StepReply {
  readonly firstRunMs: number;
  readonly lossScale?: number;
  readonly skipped?: boolean;
}

export class PytorchTraining implements Training {
  readonly buildMs: number;
  private firstRun = 0;
  private readonly training: number;
  private readonly microBatches: number;
  private microBatchesDone = 0;
  private disposed = false;

  /**
   * @param options with the precision to compute in
   * @param guide of the options' guidance, in the same worker
   */
  constructor(
    private readonly model: TrainedNetwork,
    private readonly options: TrainingOptions,
    private readonly onDispose: () => void,
    guide?: TrainedNetwork,
  ) {
    const { guidance, ...sent } = options;
    const { ranks = 1 } = model;
    if (options.batch % ranks !== 0)
      throw new UserError(
        `training: ${ranks} ranks need equal parts of a batch, got ${options.batch} images`,
        {
          fix: `a batch that is a multiple of ${ranks} (times accumulate)`,
        },
      );
    if (guidance && ranks > 1)
      throw new UserError(`training: guidance compares whole batches, got ${ranks} ranks`, {
        fix: 'ranks: 1',
      });
    this.microBatches = options.accumulate ?? 1;
    const { fields } = model.worker.request<{ training: number; buildMs: number }>('training', {
      network: model.network,
      weights: model.forms.map(({ name, path, shape, trainable }) => ({
        name,
        trainable,
        decays: options.decay === 'all' || isDecayed(path, shape),
      })),
      options: {
        ...sent,
        task: taskOptions(model.architecture),
        ...(guidance && { guidance: { weight: guidance.weight } }),
      },
      ...(guide && { guide: guide.network }),
    });
    this.training = fields.training;
    this.buildMs = fields.buildMs;
  }

  /** Milliseconds of the first step; 0 before it. */
  get firstRunMs(): number {
    return this.firstRun;
  }

  async step(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    assertLastMicroBatch(this.microBatchesDone, this.microBatches);
    const result = this.compute(false, images, labels, settings);
    this.microBatchesDone = 0;
    return result;
  }

  async accumulate(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    assertEarlierMicroBatch(this.microBatchesDone, this.microBatches);
    const result = this.compute(true, images, labels, settings);
    this.microBatchesDone++;
    return result;
  }

  async readState(): Promise<{ step: number; slots: WeightSet }> {
    const { fields, tensors } = this.model.worker.request<{ step: number }>('read-training', {
      training: this.training,
    });
    const forms = new Map(this.model.forms.map((form) => [form.name, form]));
    const slots = new Map(
      [...tensors].map(([name, { shape, values }]) => {
        const [weight, slot] = splitSlot(name);
        const form = forms.get(weight);
        return form
          ? [`${form.path}/${slot}`, { shape: form.shape, values: fromTorch(form, values), trainable: false }]
          : [name, { shape, values, trainable: false }];
      }),
    );
    return { step: fields.step, slots };
  }

  writeState({ step, slots }: { readonly step: number; readonly slots: WeightSet }): void {
    const forms = new Map(this.model.forms.map((form) => [form.path, form]));
    const tensors: Tensors = new Map(
      [...slots].map(([path, { shape, values }]) => {
        const [weight, slot] = splitSlot(path);
        const form = forms.get(weight);
        return form
          ? [`${form.name}/${slot}`, { shape: form.torchShape, values: toTorch(form, values) }]
          : [path, { shape, values }];
      }),
    );
    this.model.worker.request('write-training', { training: this.training, step }, tensors);
    this.microBatchesDone = 0;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (!this.model.worker.isLost) this.model.worker.request('end-training', { training: this.training });
    this.onDispose();
  }

  private compute(
    accumulates: boolean,
    images: Float32Array,
    labels: Int32Array,
    { mixed, ...settings }: StepSettings,
  ): StepResult {
    if (this.disposed) throw new Error('training.step: this training was disposed of');
    const { architecture, worker } = this.model;
    assertStepBatch(architecture, this.options, { images, labels, mixed });
    const { height, width, channels } = architecture.input;
    const { fields, tensors } = worker.request<StepReply>(
      'train-step',
      { training: this.training, accumulates, settings: { ...settings, share: mixed?.share } },
      new Map([
        ['images', { shape: [this.options.batch, height, width, channels], values: images }],
        ['labels', { shape: [labels.length], values: labels }],
        ...(this.options.mixesLabels
          ? [['others', { shape: [labels.length], values: mixed!.labels }] as const]
          : []),
      ] as const),
    );
    this.firstRun = fields.firstRunMs;
    const [loss, correct, gradientNorm] = tensors.get('result')!.values;
    const { lossScale, skipped } = fields;
    return {
      loss: loss!,
      correct: Math.round(correct!),
      gradientNorm: gradientNorm!,
      ...(lossScale !== undefined && { lossScale, skipped: skipped === true }),
    };
  }
}

/** What the worker must know of the task. */
export function taskOptions(architecture: Architecture): object {
  const { input, classes } = architecture;
  const kind = taskOf(architecture);
  const diffusion = {
    conditionClasses: conditionClasses(architecture),
    alphaBars: [...alphaBars],
    unconditionalShare,
  };
  return { kind, classes, ...input, ...(kind === 'denoising' && diffusion) };
}

/** `stage1.0.conv.weight/momentum` → the weight's name, and the slot's. */
function splitSlot(path: string): readonly [weight: string, slot: string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, at), path.slice(at + 1)];
}
