/** Worker thread that makes batches ahead of the training: see `batch-source.ts`. */
import { type MessagePort, workerData } from 'node:worker_threads';
import type { LabelMix } from '../augment/mix-batch.js';
import type { ImageSet } from '../dataset.js';
import { BatchMaker, type BatchOptions, pixelsFor } from './batch-maker.js';

export interface BatchWorkerData {
  readonly train: ImageSet;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly options: BatchOptions;
  /** This worker's number, from 0, of so many. */
  readonly number: number;
  readonly workers: number;
  readonly slots: readonly { readonly pixels: Float32Array; readonly labels: Int32Array }[];
  readonly port: MessagePort;
}

/** Message of the worker: a slot is full. `turn` numbers the call of `batches` that it belongs to. */
export interface BatchReady {
  readonly turn: number;
  readonly slot: number;
  readonly mixed?: LabelMix;
  readonly problem?: string;
}
/** Command to the worker: start an epoch at a batch, or a slot is free again. */
export type BatchCommand =
  | { readonly turn: number; readonly epoch: number; readonly first: number }
  | { readonly turn: number; readonly free: number };

const { train, mean, std, options, number, workers, slots, port } = workerData as BatchWorkerData;
const maker = new BatchMaker(train, { mean, std }, options);

let work: { turn: number; epoch: number; index: number } | undefined;
let free: number[] = [];

/** Fills free slots while batches are left; a second call returns at once. */
let busy = false;
async function fillSlots(): Promise<void> {
  if (busy) return;
  busy = true;
  while (work !== undefined && work.index < maker.steps && free.length > 0) {
    const mine = work;
    const slot = free.shift()!;
    const filled = await fillSlot(mine.epoch, mine.index, slot);
    if (work !== mine) continue; // another epoch was asked for meanwhile
    port.postMessage({ turn: mine.turn, slot, ...filled } satisfies BatchReady);
    if (filled.problem !== undefined) work = undefined;
    else mine.index += workers;
  }
  busy = false;
}

async function fillSlot(
  epoch: number,
  index: number,
  slot: number,
): Promise<Pick<BatchReady, 'mixed' | 'problem'>> {
  try {
    const batch = maker.make(
      epoch,
      index,
      await pixelsFor(train, maker.imagesOf(epoch, index), maker.cropsOf(epoch, index)),
    );
    slots[slot]!.pixels.set(batch.pixels);
    slots[slot]!.labels.set(batch.labels);
    return batch.mixed ? { mixed: batch.mixed } : {};
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

port.on('message', (order: BatchCommand) => {
  if ('epoch' in order) {
    const behind = (number - (order.first % workers) + workers) % workers;
    work = { turn: order.turn, epoch: order.epoch, index: order.first + behind };
    free = slots.map((_, slot) => slot);
  } else if (order.turn === work?.turn) free.push(order.free);
  void fillSlots();
});
