/** What a training step is given, checked alike by every runtime. */
import type { Architecture } from '../architecture/architecture.js';
import { taskOf } from '../network/task.js';
import type { StepSettings, TrainingOptions } from './runtime.js';

/** Labels of a micro-batch: one an image, for dense tasks one a pixel. */
export function labelsOf(architecture: Architecture, { batch }: Pick<TrainingOptions, 'batch'>): number {
  const { height, width } = architecture.input;
  return taskOf(architecture) === 'dense' ? batch * height * width : batch;
}

/** @throws Error where images, labels or second labels do not fill a micro-batch */
export function assertStepBatch(
  architecture: Architecture,
  options: Pick<TrainingOptions, 'batch' | 'mixesLabels'>,
  {
    images,
    labels,
    mixed,
  }: {
    readonly images: Float32Array;
    readonly labels: Int32Array;
    readonly mixed: StepSettings['mixed'] | undefined;
  },
): void {
  const { height, width, channels } = architecture.input;
  const shape = [options.batch, height, width, channels];
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (images.length !== size)
    throw new Error(
      `training.step: images must fill [${shape.join()}] (${size} values), got ${images.length}`,
    );
  const count = labelsOf(architecture, options);
  if (labels.length !== count)
    throw new Error(
      `training.step: one label per ${count === options.batch ? 'image' : 'pixel'} ` +
        `is needed (${count}), got ${labels.length}`,
    );
  if (options.mixesLabels && mixed?.labels.length !== labels.length)
    throw new Error('training.step: settings.mixed is needed since this training mixes labels, got none');
}

/** @throws Error where the micro-batch that goes to `step` is not the last of a step */
export function assertLastMicroBatch(done: number, microBatches: number): void {
  if (done !== microBatches - 1)
    throw new Error(
      `training.step: a step has ${microBatches} micro-batches, ` +
        `got ${done + 1}; pass the others to accumulate`,
    );
}

/** @throws Error where the micro-batch that goes to `accumulate` is the last of a step */
export function assertEarlierMicroBatch(done: number, microBatches: number): void {
  if (done >= microBatches - 1)
    throw new Error(
      `training.accumulate: a step has ${microBatches} micro-batches and the last goes to step, ` +
        `got ${done + 1} before it`,
    );
}
