/** Images per second by batch size, one line per architecture. */

import { estimatorText } from '../../analysis/objectives/estimator-text.js';
import { batchesOf, objective } from '../../analysis/objectives/objectives.js';
import type { Figure } from './figure.js';

export interface ThroughputInfo {
  readonly batches: readonly number[];
  /** What is taken of the timed blocks, in words. */
  readonly estimator: string;
  /** Images per second by batch, null where not measured. */
  readonly lines: readonly {
    readonly candidate: number;
    readonly imagesPerSecond: readonly (number | null)[];
  }[];
}

export const throughputFigure = {
  name: 'throughput',
  title: () => 'Images per second by batch size',
  caption: ({ estimator }) =>
    `Measured, never predicted: ${estimator} of timed blocks, pooled over launches. ` +
    'Both axes are logarithmic.',
  info(result) {
    const batches = batchesOf(result);
    const rates = batches.map((batch) => objective('images-per-second', batch));
    const lines = result.candidates
      .map((each, candidate) => ({
        candidate,
        imagesPerSecond: rates.map((rate) => {
          const value = rate.read(each)?.value;
          return value === undefined ? null : Number(value.toPrecision(5));
        }),
      }))
      .filter((line) => line.imagesPerSecond.some((value) => value !== null));
    return batches.length > 1 && lines.length > 0
      ? { batches, estimator: estimatorText(result), lines }
      : undefined;
  },
} satisfies Figure<ThroughputInfo>;
