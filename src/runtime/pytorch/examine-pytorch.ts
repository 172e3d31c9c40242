/** Gradients of an untrained network in a PyTorch worker. Other results of an examination need tfjs's ops. */
import { fromTorch } from '../../export/pytorch/weight-names.js';
import { UserError } from '../../util/errors.js';
import type { Examination, Examined, ExamineRequest, WeightSet } from '../runtime.js';
import type { TrainedNetwork } from './pytorch-training.js';

const available: readonly Examined[] = ['weight-gradients', 'image-gradients'];

/** @throws UserError naming what PyTorch cannot give */
export function examinePytorch(model: TrainedNetwork, request: ExamineRequest): Examination {
  const { images, labels, of, wants, batchStatistics = true, linearised = false } = request;
  const other = linearised ? 'a linearised network' : wants.find((each) => !available.includes(each));
  if (other !== undefined)
    throw new UserError(
      `examine: runtime pytorch gives ${available.join(' and ')} of cross-entropy and sum, ` +
        `got a request for ${other}`,
      {
        fix: 'runtime tensorflow; synflow, naswot, zen and fisher alone need more',
      },
    );
  const { height, width, channels } = model.architecture.input;
  const batch = images.length / (height * width * channels);
  if (!Number.isInteger(batch) || batch < 1)
    throw new Error(
      `examine: images must fill whole [${height},${width},${channels}], got ${images.length} values`,
    );
  if (of === 'cross-entropy' && labels?.length !== batch)
    throw new Error(`examine: one label per image is needed (${batch}), got ${labels?.length ?? 0}`);
  const { tensors } = model.worker.request(
    'examine',
    { network: model.network, of, wants, batchStatistics },
    new Map([
      ['images', { shape: [batch, height, width, channels], values: images }],
      ...(labels ? [['labels', { shape: [batch], values: labels }] as const] : []),
    ] as const),
  );
  return {
    value: tensors.get('value')!.values[0]!,
    ...(wants.includes('weight-gradients') && { weightGradients: weightGradients(model, tensors) }),
    ...(wants.includes('image-gradients') && { imageGradients: tensors.get('images')!.values }),
  };
}

const weightGradients = (
  { forms }: TrainedNetwork,
  tensors: ReadonlyMap<string, { readonly values: Float32Array }>,
): WeightSet =>
  new Map(
    forms
      .filter(({ trainable }) => trainable)
      .map((form) => [
        form.path,
        {
          shape: form.shape,
          trainable: true,
          values: fromTorch(form, tensors.get(`weight:${form.name}`)!.values),
        },
      ]),
  );
