/**
 * What a scoring child does with its request: one batch of training images, a fresh network, measure after
 * measure.
 */

import { trainingBatches } from '../../data/batches/batch-maker.js';
import { loadDataset } from '../../data/dataset-table.js';
import { failureOfError } from '../../runtime/child/failure.js';
import type { JobWork } from '../../runtime/child/serve.js';
import { placeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import { seededRandom } from '../../util/random.js';
import { weightSeed } from '../loop/training-options.js';
import type { ZeroCostMessage, ZeroCostRequest } from './zero-cost-job.js';
import { zeroCostMeasures } from './zero-cost-table.js';

export function zeroCostWork(open: OpenRuntime): JobWork<ZeroCostRequest, ZeroCostMessage> {
  return async (request, send) => {
    const dataset = await loadDataset(request.dataset);
    const runtime = await open({
      runtime: request.runtime,
      threads: request.threads,
      ...placeOf(request),
    });
    send({ type: 'opened', deviceKey: runtime.deviceKey('eager') });
    send({ type: 'loaded', datasetHash: dataset.hash });
    const { architecture, batch, seed } = request;
    const first = trainingBatches(dataset, { batch, flip: false, crop: 0, seed, epoch: 1 }).next().value;
    if (!first)
      throw new Error(
        `zero-cost: a batch of ${batch} images is needed, got ${dataset.train.count} in ${dataset.name}`,
      );
    const [images, labels] = [first.pixels.slice(), first.labels.slice()];
    for (const measure of request.measures) {
      const start = performance.now();
      const seconds = (): number => (performance.now() - start) / 1000;
      const model = runtime.instantiate(architecture, { seed: weightSeed(seed) });
      try {
        const value = await zeroCostMeasures[measure].score({
          architecture,
          model,
          weights: await model.readWeights(),
          images,
          labels,
          batch,
          random: seededRandom(seed).fork(measure),
        });
        send({
          type: 'score',
          measure,
          seconds: seconds(),
          ...(Number.isFinite(value) ? { value, reason: '' } : { reason: `the score is ${value}` }),
        });
      } catch (error) {
        send({ type: 'score', measure, reason: failureOfError(error).reason, seconds: seconds() });
      } finally {
        model.dispose();
      }
    }
  };
}
