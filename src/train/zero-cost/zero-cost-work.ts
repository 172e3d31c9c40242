/**
 * What a scoring child does with its request: one batch of training images, a fresh network, measure after
 * measure.
 */

import type { Architecture } from '../../architecture/architecture.js';
import { trainingBatches } from '../../data/batches/batch-maker.js';
import { loadDataset } from '../../data/dataset-table.js';
import { failureOfError } from '../../runtime/child/failure.js';
import { childJob } from '../../runtime/child/job.js';
import type { JobWork } from '../../runtime/child/serve.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { DeviceKey, RuntimeId } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import { weightSeed } from '../loop/training-options.js';
import { type ZeroCostName, zeroCostMeasures } from './zero-cost-table.js';

export interface ZeroCostRequest {
  readonly architecture: Architecture;
  readonly dataset: {
    readonly name: string;
    readonly args: Readonly<Record<string, number | string | boolean>>;
    readonly baseFolder: string;
  };
  readonly measures: readonly ZeroCostName[];
  /** Images of the one batch. */
  readonly batch: number;
  /** Of weights, of the batch's images and of what a measure draws. */
  readonly seed: number;
  readonly runtime: RuntimeId;
  readonly threads: number;
}

/** A measure's score, or why there is none. */
export interface ZeroCostScore {
  readonly measure: ZeroCostName;
  readonly value?: number;
  readonly reason: string;
  readonly seconds: number;
}

export type ZeroCostMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'loaded'; readonly datasetHash: string }
  | ({ readonly type: 'score' } & ZeroCostScore);

export const zeroCostJob = childJob<ZeroCostRequest, ZeroCostMessage>({
  name: 'zero-cost',
  entry: 'train/train-child.js',
  silenceLimitMs: 300_000,
});

export function zeroCostWork(open: OpenRuntime): JobWork<ZeroCostRequest, ZeroCostMessage> {
  return async (request, send) => {
    const dataset = await loadDataset(request.dataset);
    const runtime = await open({ runtime: request.runtime, threads: request.threads });
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
