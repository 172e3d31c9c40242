/** Images per second by batch size, one line per architecture. */
import { batchesOf, objective } from '../../analysis/objectives/objectives.js';
import type { Figure } from './figure.js';

export interface ThroughputInfo {
  readonly batches: readonly number[];
  /** Images per second by batch, null where not measured. */
  readonly lines: readonly {
    readonly candidate: number;
    readonly imagesPerSecond: readonly (number | null)[];
  }[];
}

export const throughputFigure = {
  name: 'throughput',
  title: () => 'Images per second by batch size',
  caption: () =>
    'Measured, never predicted: the median of timed blocks over all launches. Both axes are logarithmic.',
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
    return batches.length > 1 && lines.length > 0 ? { batches, lines } : undefined;
  },
} satisfies Figure<ThroughputInfo>;
