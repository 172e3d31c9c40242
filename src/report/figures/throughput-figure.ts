/** Images per second by batch size, one line per architecture. */

import { estimatorText } from '../../analysis/objectives/estimator-text.js';
import { batchesOf, objective } from '../../analysis/objectives/objectives.js';
import type { Figure } from './figure.js';
import { mostLines, someOf, someText } from './some-lines.js';

export interface ThroughputInfo {
  readonly batches: readonly number[];
  /** What is taken of the timed blocks, in words. */
  readonly estimator: string;
  /** Number of lines, where some are left out. */
  readonly of?: number;
  /** Images per second by batch, null where not measured. */
  readonly lines: readonly {
    readonly candidate: number;
    readonly imagesPerSecond: readonly (number | null)[];
  }[];
}

export const throughputFigure = {
  name: 'throughput',
  title: () => 'Images per second by batch size',
  caption: ({ estimator, lines, of }) =>
    [
      `Measured, never predicted: ${estimator} of timed blocks, pooled over launches.`,
      'Both axes are logarithmic.',
      ...someText('lines', lines.length, of),
    ].join(' '),
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
    if (batches.length < 2 || lines.length === 0) return undefined;
    const drawn = someOf(lines, mostLines);
    return {
      batches,
      estimator: estimatorText(result),
      lines: drawn,
      ...(drawn.length < lines.length && { of: lines.length }),
    };
  },
  chart: ({ batches, lines }) => ({
    title: 'Images per second by batch size',
    x: { title: 'Batch size, images (logarithmic)', scale: 'log' },
    y: { title: 'Images per second (logarithmic)', scale: 'log' },
    marks: lines.map(({ candidate, imagesPerSecond }) => ({
      kind: 'line',
      candidate,
      ink: 'accent',
      opacity: lines.length > 60 ? 0.25 : 0.6,
      points: imagesPerSecond.flatMap((rate, index) =>
        rate === null ? [] : [[batches[index]!, rate] as const],
      ),
    })),
  }),
} satisfies Figure<ThroughputInfo>;
