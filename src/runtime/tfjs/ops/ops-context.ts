/**
 * What the ops of one pass read: the engine, the weights, whether the pass trains, and its stream of random
 * numbers.
 */
import type { Init, Shape } from '../../../tensor/tensor-ops.js';
import type { Tensor, Tf } from '../native-engine.js';

export interface OpsContext {
  readonly tf: Tf;
  readonly training: boolean;
  /** Path of the current scope; '' at the top. */
  path(): string;
  scope<R>(name: string, body: () => R): R;
  weight(path: string, shape: Shape, init: Init): Tensor;
  /** Running statistics, read and written by batch norm. */
  statistic(path: string, channels: number, initial: number): { read(): Tensor; assign(value: Tensor): void };
  /** In place of batch norm's own momentum: 1 makes the statistics those of the batch. */
  readonly momentum?: number | undefined;
  /** Uniform [0, 1) numbers that differ by call, seed and step; a graph draws them anew in each run. */
  uniform(shape: Shape): Tensor;
  /** Scales drop-path rates where the training schedules them. */
  readonly dropPathShare?: Tensor | undefined;
}

export const joinPath = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
