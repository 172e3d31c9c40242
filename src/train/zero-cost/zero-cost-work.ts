/**
 * What a scoring child does with its request: one batch of training images, a fresh network, measure after
 * measure.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { trainingBatches } from '../../data/batches/batch-maker.js';
import { loadDataset } from '../../data/dataset-table.js';
import { type Failure, failureOfError } from '../../runtime/child/messages.js';
import type { Say } from '../../runtime/child/serve.js';
import type { DeviceKey, RuntimeId } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import { weightSeed } from '../loop/train-loop.js';
import type { OpenRuntime } from '../train-work.js';
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
  | ({ readonly type: 'score' } & ZeroCostScore)
  | { readonly type: 'failed'; readonly failure: Failure };

export function zeroCostWork(open: OpenRuntime): (request: ZeroCostRequest, say: Say) => Promise<void> {
  return async (request, say) => {
    const tell = (message: ZeroCostMessage): void => say(message);
    try {
      const dataset = await loadDataset(request.dataset);
      const runtime = await open({ runtime: request.runtime, threads: request.threads });
      tell({ type: 'opened', deviceKey: runtime.deviceKey('eager') });
      tell({ type: 'loaded', datasetHash: dataset.hash });
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
          tell({
            type: 'score',
            measure,
            seconds: seconds(),
            ...(Number.isFinite(value) ? { value, reason: '' } : { reason: `the score is ${value}` }),
          });
        } catch (error) {
          tell({ type: 'score', measure, reason: failureOfError(error).reason, seconds: seconds() });
        } finally {
          model.dispose();
        }
      }
    } catch (error) {
      tell({ type: 'failed', failure: failureOfError(error) });
    }
  };
}
