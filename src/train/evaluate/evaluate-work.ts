/** The work of an evaluation child: evaluates weights on the test or validation split. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Dataset, ImageSet } from '../../data/dataset.js';
import { loadDataset } from '../../data/dataset-table.js';
import { splitRecord } from '../../data/images/image-set.js';
import { resizeSet } from '../../data/images/resize-set.js';
import { conditionClasses, taskOf } from '../../network/task.js';
import type { JobWork } from '../../runtime/child/serve.js';
import { computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import { readWeightsFile } from '../weights/weights-file.js';
import { withClassesOf } from './class-names.js';
import { denoisingError } from './denoising-error.js';
import type { EvaluateMessage, EvaluateRequest } from './evaluate-job.js';
import { evaluateSet } from './evaluate-set.js';

export const evaluateWork =
  (open: OpenRuntime): JobWork<EvaluateRequest, EvaluateMessage> =>
  async (request, send) =>
    send(await test(open, request));

async function test(
  open: OpenRuntime,
  {
    weights: { file, sha256 },
    dataset: call,
    datasetHash,
    split = 'test',
    batch,
    runtime: id,
    execution,
    threads,
    ...compute
  }: EvaluateRequest,
): Promise<EvaluateMessage> {
  const found = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (sha256 !== undefined && found !== sha256)
    throw new Error(
      `${file}: must be the weights that the training wrote (SHA-256 ${sha256.slice(0, 12)}), ` +
        `got ${found.slice(0, 12)}`,
    );
  const { architecture, mean, std, classes, weights } = readWeightsFile(file);
  const dataset = await loadDataset(call);
  if (datasetHash !== undefined && dataset.hash !== datasetHash)
    throw new Error(
      `test: data must be what was trained on (hash ${datasetHash.slice(0, 12)}), ` +
        `got ${dataset.hash.slice(0, 12)} in ${dataset.name}`,
    );
  const whole = withClassesOf({ names: classes, dataset, set: await splitOf(dataset, split) });
  const runtime = await open({ runtime: id, threads, ...computeOf(compute) });
  const model = runtime.instantiate(architecture, { seed: 0 });
  model.writeWeights(weights);
  const set = resizeSet(whole, architecture.input.height, architecture.input.width);
  const inference = model.inference({ batch, execution });
  const pause = async (): Promise<void> => {};
  const score =
    taskOf(architecture) === 'denoising'
      ? await denoisingError(inference, set, { mean, std }, batch, conditionClasses(architecture), pause)
      : await evaluateSet(inference, set, { mean, std, classes }, batch, pause);
  return { type: 'tested', split: splitRecord(split, whole), score };
}

function splitOf(dataset: Dataset, split: 'test' | 'validation'): Promise<ImageSet> | ImageSet {
  if (split === 'validation') return dataset.validation;
  if (!dataset.test)
    throw new Error(
      `test: data must have a test split, got none in ${dataset.name}; --split validation takes that`,
    );
  return dataset.test();
}
