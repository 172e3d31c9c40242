/** Forward passes in a Python worker. Passes are counted here and run there, a block at a time. */
import type { Architecture } from '../../architecture/architecture.js';
import { conditionClasses, taskOf } from '../../network/task.js';
import type { Inference, PassTime } from '../runtime.js';
import type { PythonWorker, Tensors } from './python-worker.js';

export class WorkerInference implements Inference {
  private readonly shape: readonly [number, number, number, number];
  private timing: { readonly buildMs: number; readonly firstRunMs: number } | undefined;
  private builtMs: number | undefined;
  private enqueued = 0;
  private lastValue = 0;

  /** @param inference number in the worker */
  constructor(
    private readonly worker: PythonWorker,
    private readonly inference: number,
    private readonly architecture: Architecture,
    batch: number,
  ) {
    const { height, width, channels } = architecture.input;
    this.shape = [batch, height, width, channels];
  }

  /** Builds on the first access or pass. */
  get buildMs(): number {
    return this.ensureTimed().buildMs;
  }
  get firstRunMs(): number {
    return this.ensureTimed().firstRunMs;
  }

  build(): void {
    this.builtMs ??= this.ask<{ buildMs: number }>('build').buildMs;
  }

  enqueue(): void {
    if (this.timing) this.enqueued++;
    else this.ensureTimed();
  }

  synchronise(): Promise<number> {
    this.run(this.enqueued);
    return Promise.resolve(this.lastValue);
  }

  timePasses(passes: number): Promise<PassTime> {
    this.ensureTimed();
    return Promise.resolve(this.run(passes));
  }

  logits(images: Float32Array): Promise<Float32Array> {
    const { height, width } = this.architecture.input;
    const size = taskOf(this.architecture) === 'dense' ? [height, width] : undefined;
    return this.output('logits', [images], { size });
  }

  denoise(images: Float32Array, times: Float32Array, classShares?: Float32Array): Promise<Float32Array> {
    return this.output('denoise', [images, times, ...(classShares ? [classShares] : [])]);
  }

  dispose(): void {
    if (!this.worker.isLost) this.worker.request('dispose', { number: this.inference });
  }

  private ask<Fields>(kind: string, fields: object = {}): Fields {
    return this.worker.request<Fields>(kind, { inference: this.inference, ...fields }).fields;
  }

  private ensureTimed(): { readonly buildMs: number; readonly firstRunMs: number } {
    if (this.timing) return this.timing;
    this.build();
    this.timing = { buildMs: this.builtMs!, firstRunMs: this.run(1).totalMs };
    return this.timing;
  }

  private run(passes: number): PassTime {
    const { value, ...time } = this.ask<PassTime & { value: number }>('time', { passes });
    this.enqueued = 0;
    this.lastValue = value;
    return time;
  }

  /** @param given images, times and class shares; every one must fill its shape */
  private async output(
    kind: 'logits' | 'denoise',
    given: readonly Float32Array[],
    fields: object = {},
  ): Promise<Float32Array> {
    const classes = conditionClasses(this.architecture);
    const [batch] = this.shape;
    const names = ['images', 'times', 'classShares'];
    const shapes = [this.shape, [batch], ...(classes > 0 ? [[batch, classes]] : [])];
    const tensors: Tensors = new Map(
      given.map((values, index) => {
        const shape = shapes[index] ?? [];
        const size = shape.reduce((product, dim) => product * dim, 1);
        if (values.length !== size)
          throw new Error(
            `${kind}: ${names[index]} must fill [${shape.join()}] (${size} values), got ${values.length}`,
          );
        return [names[index]!, { shape, values }];
      }),
    );
    const reply = this.worker.request(kind, { inference: this.inference, ...fields }, tensors);
    return [...reply.tensors.values()][0]!.values;
  }
}
