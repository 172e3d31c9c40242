/**
 * Sources of training batches: this thread, or worker threads that make them ahead while the engine computes.
 * Both give the same batches. Worker i mod `workers` makes batch i of an epoch, into shared buffers.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { builtEntry } from '../../runtime/child/built-entry.js';
import type { Dataset, ImageSet } from '../dataset.js';
import { type Batch, BatchMaker, type BatchOptions, pixelsFor } from './batch-maker.js';
import type { BatchCommand, BatchReady, BatchWorkerData } from './batch-worker.js';

export interface BatchSource {
  /**
   * Batches of `epoch` (from 1) from index `first` (from 0) on. The next batch overwrites the last.
   */
  batches(epoch: number, first: number): AsyncGenerator<Batch, void, void>;
  close(): Promise<void>;
}

export type SourceData = Pick<Dataset, 'train' | 'mean' | 'std'>;

/** Makes each batch on request, in this thread. */
export function localSource(dataset: SourceData, options: BatchOptions): BatchSource {
  const maker = new BatchMaker(dataset.train, dataset, options);
  return {
    async *batches(epoch, first) {
      for (let index = first; index < maker.steps; index++)
        yield maker.make(
          epoch,
          index,
          await pixelsFor(dataset.train, maker.imagesOf(epoch, index), maker.cropsOf(epoch, index)),
        );
    },
    close: async () => {},
  };
}

/** Finished batches that a worker may hold. */
const batchesAhead = 3;

const shared = <V extends Uint8Array | Uint16Array>(values: V): V => {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => V)(
    new SharedArrayBuffer(values.byteLength),
  );
  copy.set(values);
  return copy;
};

/** The set in shared memory, so that worker threads need no copies. */
const shareable = (set: ImageSet): ImageSet => ({
  ...set,
  pixels: shared(set.pixels),
  labels: shared(set.labels),
  ...(set.masks && { masks: shared(set.masks) }),
});

/** A worker thread and the queue of its finished batches. */
class BatchWorker {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #queue: BatchReady[] = [];
  #waiting: { resolve(ready: BatchReady): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;

  constructor(data: Omit<BatchWorkerData, 'port'>) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(builtEntry('data/batches/batch-worker.js'), {
      workerData: { ...data, port: port2 } satisfies BatchWorkerData,
      transferList: [port2],
      execArgv: [],
    });
    port1.on('message', (ready: BatchReady) => {
      if (this.#waiting) this.#waiting.resolve(ready);
      else this.#queue.push(ready);
      this.#waiting = undefined;
    });
    this.#worker.on('error', (error: Error) => {
      this.#failure = error;
      this.#waiting?.reject(error);
    });
  }

  send(command: BatchCommand): void {
    this.#port.postMessage(command);
  }

  /** The next finished batch of this pass; batches of earlier passes are dropped. */
  async next(turn: number): Promise<BatchReady> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const ready =
        this.#queue.shift() ??
        (receiveMessageOnPort(this.#port)?.message as BatchReady | undefined) ??
        (await new Promise<BatchReady>((resolve, reject) => {
          this.#waiting = { resolve, reject };
        }));
      if (ready.turn === turn) return ready;
    }
  }

  async close(): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }
}

/** @param workers threads that make batches, at least 1 */
export function workerSource(dataset: SourceData, options: BatchOptions, workers: number): BatchSource {
  const { mean, std } = dataset;
  const train = shareable(dataset.train);
  const { steps } = new BatchMaker(train, dataset, options); // checks the options in this thread
  const perLabel = train.masks ? train.height * train.width : 1;
  const pixelCount = options.batch * train.height * train.width * train.channels;
  const slots = Array.from({ length: workers * batchesAhead }, () => ({
    pixels: new Float32Array(new SharedArrayBuffer(4 * pixelCount)),
    labels: new Int32Array(new SharedArrayBuffer(4 * options.batch * perLabel)),
  }));
  const pool = Array.from(
    { length: workers },
    (_, number) =>
      new BatchWorker({
        train,
        mean,
        std,
        options,
        number,
        workers,
        slots: slots.slice(number * batchesAhead, (number + 1) * batchesAhead),
      }),
  );
  let turn = 0;
  // the engine takes plain arrays
  const pixels = new Float32Array(pixelCount);
  const labels = new Int32Array(options.batch * perLabel);
  return {
    async *batches(epoch, first) {
      const mine = ++turn;
      for (const worker of pool) worker.send({ turn: mine, epoch, first });
      for (let index = first; index < steps; index++) {
        const number = index % workers;
        const { slot, mixed, problem } = await pool[number]!.next(mine);
        if (problem !== undefined) throw new Error(problem);
        const from = slots[number * batchesAhead + slot]!;
        pixels.set(from.pixels);
        labels.set(from.labels);
        pool[number]!.send({ turn: mine, free: slot });
        yield { count: options.batch, pixels, labels, ...(mixed && { mixed }) };
      }
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.close()));
    },
  };
}
