/**
 * Finds the largest batch that fits in memory: doubling until one fails, then bisection. Each try is a child
 * process, since exhausted memory may end it. A memory limit stops before a try that is expected to exceed
 * it; on a CPU such a try would stop the machine.
 */
import type { BatchProfile } from '../profile-result.js';

export interface LargestBatchOptions {
  /** Highest batch to try; default 4096. */
  readonly highest?: number;
  /**
   * Limit on the expected bytes of a try; default none. Expected: linear extrapolation of the last two tries;
   * after one, what passes add by inference.
   */
  readonly limitBytes?: number;
  /** Bytes that passes add at a batch size, inferred; default: unknown. */
  readonly addedBytes?: (batch: number) => number;
  /** Stop when the bounds are this close, as a fraction of the lower; default 1/16. */
  readonly resolution?: number;
}

export interface LargestBatch {
  /** 0 where not even one image fits. */
  readonly batch: number;
  /** Why the search ended: `highest`, the memory limit, or the outcome of the next try. */
  readonly reason: string;
  readonly tries: readonly BatchProfile[];
}

/** @param tryBatch measures one batch in a child; the row has times if the batch fits */
export async function largestBatch(
  tryBatch: (batch: number) => Promise<BatchProfile>,
  options: LargestBatchOptions = {},
): Promise<LargestBatch> {
  const { highest = 4096, limitBytes = Infinity, resolution = 1 / 16, addedBytes } = options;
  const tries: BatchProfile[] = [];
  let [fits, fails, reason]: [number, number, string] = [0, Infinity, ''];
  const expectedBytes = (batch: number): number => {
    const known = tries
      .filter(({ peakBytes, batch: tried }) => peakBytes !== undefined && tried <= fits)
      .sort((a, b) => a.batch - b.batch)
      .slice(-2);
    if (known.length < 2) {
      const [only] = known;
      if (!only || !addedBytes) return 0;
      return only.peakBytes! + Math.max(0, addedBytes(batch) - addedBytes(only.batch));
    }
    const [low, high] = known as [BatchProfile, BatchProfile];
    return (
      high.peakBytes! +
      ((batch - high.batch) * Math.max(0, high.peakBytes! - low.peakBytes!)) / (high.batch - low.batch)
    );
  };
  while (fits < highest) {
    const next =
      fails === Infinity ? Math.min(highest, Math.max(1, 2 * fits)) : Math.floor((fits + fails) / 2);
    if (next <= fits || (fails < Infinity && fails - fits <= Math.max(1, resolution * fits))) break;
    const bytes = expectedBytes(next);
    if (bytes > limitBytes) {
      [fails, reason] = [
        next,
        `batch ${next}: would take about ${gibibytes(bytes)}, over the limit of ${gibibytes(limitBytes)}`,
      ];
      continue;
    }
    const tried = await tryBatch(next);
    tries.push(tried);
    if (tried.stepMs !== undefined && (tried.peakBytes ?? 0) <= limitBytes) fits = next;
    else
      [fails, reason] = [
        next,
        tried.stepMs === undefined
          ? `batch ${next}: ${tried.status}: ${tried.reason}`
          : `batch ${next}: took ${gibibytes(tried.peakBytes!)}, over the limit of ${gibibytes(limitBytes)}`,
      ];
  }
  return {
    batch: fits,
    reason: fails === Infinity ? `batch ${highest} was the highest tried` : reason,
    tries,
  };
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
