/**
 * ONNX Runtime behind the contract of runtimes: inference alone, on the model that `export --to onnx`
 * writes. Its graphs are always compiled, so every row says so.
 */
import { cpus } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import { usedGpu } from '../../setup/host/used-gpu.js';
import { UserError } from '../../util/errors.js';
import type { ComputeOptions, OnnxProvider } from '../compute.js';
import type { PythonWorker } from '../python-worker/python-worker.js';
import { MeasuredWorker } from '../python-worker/worker-process.js';
import type { DeviceKey, Execution, Model, Precision, Runtime, SupernetModel } from '../runtime.js';
import { copyModel, productModel } from './ceiling-models.js';
import { OnnxruntimeModel } from './onnxruntime-model.js';

/** What the worker says of ONNX Runtime. */
export interface OnnxruntimeFacts {
  readonly provider: OnnxProvider;
  readonly version: string;
  /** The provider's own first. */
  readonly precisions: readonly Precision[];
}

export class OnnxruntimeRuntime implements Runtime {
  readonly id = 'onnxruntime';
  readonly supports: Runtime['supports'];
  readonly worker: MeasuredWorker;
  private readonly gpu: ReturnType<typeof usedGpu>;

  constructor(
    readonly python: PythonWorker,
    private readonly facts: OnnxruntimeFacts,
    private readonly threads: number,
    { precision }: ComputeOptions,
  ) {
    const { precisions, provider } = facts;
    const first = precision !== undefined && precisions.includes(precision) ? precision : precisions[0]!;
    this.worker = new MeasuredWorker(python);
    this.gpu = provider === 'cuda' || provider === 'tensorrt' ? usedGpu() : undefined;
    this.supports = {
      compiled: true,
      training: false,
      deviceMemory: false,
      precisions: [first, ...precisions.filter((each) => each !== first)],
    };
  }

  deviceKey(_execution: Execution, precision?: Precision): DeviceKey {
    const { provider, version } = this.facts;
    const { gpu } = this;
    const processor = cpus()[0]?.model ?? 'unknown CPU';
    const board = gpu ? `${gpu.uuid} ${gpu.name}` : `${processor} GPU`;
    return {
      device: provider === 'cpu' ? processor : board,
      kind: provider === 'cpu' ? 'cpu' : 'gpu',
      threads: this.threads,
      driver: gpu?.driver ?? '',
      runtime: this.id,
      runtimeVersion: `onnxruntime ${version} (${provider}), Python ${this.python.pythonVersion}`,
      execution: 'compiled',
      precision: precision ?? this.supports.precisions[0]!,
      xla: false,
      layout: 'NCHW',
    };
  }

  instantiate(architecture: Architecture, { seed, masks }: Parameters<Runtime['instantiate']>[1]): Model {
    return new OnnxruntimeModel(this.python, this.supports.precisions, architecture, seed, masks);
  }

  instantiateSupernet(): SupernetModel {
    throw new UserError('runtime onnxruntime: supernets train on TensorFlow and wasm alone', {
      fix: 'runtime tensorflow',
    });
  }

  peakDeviceBytes(): undefined {
    return undefined;
  }

  matmulMacsPerSecond(): number {
    return this.rate(productModel(this.facts.provider === 'cpu' ? 1024 : 4096, 4));
  }

  copyBytesPerSecond(): number {
    return Math.max(...[2 ** 16, 2 ** 19, 2 ** 22, 2 ** 24].map((size) => this.rate(copyModel(size, 4))));
  }

  private rate({ model, amount }: { readonly model: Uint8Array; readonly amount: number }): number {
    const tensors = new Map([['model', { shape: [model.length], values: model }]]);
    const fields = { amount, precision: this.supports.precisions[0]! };
    return this.python.request<{ perSecond: number }>('rate', fields, tensors).fields.perSecond;
  }
}
