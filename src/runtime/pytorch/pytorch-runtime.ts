/**
 * PyTorch behind the contract of runtimes. A network is the module that `export --to pytorch` writes,
 * executed by a worker in the person's interpreter. 16-bit passes run under `torch.autocast`: weights stay in
 * float32 and are cast in each pass.
 */
import { cpus } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import { usedGpu } from '../../setup/host/used-gpu.js';
import { UserError } from '../../util/errors.js';
import type { ComputeOptions } from '../compute.js';
import type { PythonWorker } from '../python-worker/python-worker.js';
import { MeasuredWorker } from '../python-worker/worker-process.js';
import type { DeviceKey, Execution, Model, Precision, Runtime, SupernetModel } from '../runtime.js';
import { PytorchModel } from './pytorch-model.js';

/** What the worker says of PyTorch and its device. */
export interface PytorchFacts {
  readonly device: {
    readonly type: 'cpu' | 'cuda' | 'mps';
    readonly name?: string;
    readonly uuid?: string;
  };
  /** By name, e.g. `torch`, `CUDA`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly compiled: boolean;
  /** The device's own first. */
  readonly precisions: readonly Precision[];
  readonly deviceMemory: boolean;
  /** Processes that train together. */
  readonly ranks: number;
}

export class PytorchRuntime implements Runtime {
  readonly id = 'pytorch';
  readonly supports: Runtime['supports'];
  /** `torch.compile` takes tens of seconds per network and batch size. */
  readonly usualExecution = 'eager';
  readonly worker: MeasuredWorker;
  private readonly driver: string;

  constructor(
    readonly python: PythonWorker,
    private readonly facts: PytorchFacts,
    private readonly threads: number,
    private readonly options: ComputeOptions,
  ) {
    const { precisions } = facts;
    const first = options.precision ?? precisions[0]!;
    this.worker = new MeasuredWorker(python);
    this.driver = facts.device.type === 'cuda' ? (usedGpu()?.driver ?? '') : '';
    this.supports = {
      compiled: facts.compiled,
      training: true,
      deviceMemory: facts.deviceMemory,
      precisions: precisions.includes(first)
        ? [first, ...precisions.filter((each) => each !== first)]
        : precisions,
    };
  }

  deviceKey(execution: Execution, precision?: Precision): DeviceKey {
    return pytorchKey(
      {
        ...this.facts,
        python: this.python.pythonVersion,
        processor: cpus()[0]?.model ?? 'unknown CPU',
        driver: this.driver,
      },
      {
        ...this.options,
        threads: this.threads,
        execution,
        precision: precision ?? this.supports.precisions[0]!,
      },
    );
  }

  instantiate(architecture: Architecture, options: Parameters<Runtime['instantiate']>[1]): Model {
    return new PytorchModel(this.python, this.supports, architecture, options, this.facts.ranks);
  }

  instantiateSupernet(): SupernetModel {
    throw new UserError('runtime pytorch: supernets train on TensorFlow and wasm alone', {
      fix: 'runtime tensorflow',
    });
  }

  peakDeviceBytes(): number | undefined {
    return this.worker.usage().peakDeviceBytes;
  }

  matmulMacsPerSecond(): number {
    return this.rate('matmul-rate', { precision: this.supports.precisions[0]! });
  }

  copyBytesPerSecond(): number {
    return this.rate('copy-rate');
  }

  private rate(kind: string, fields: object = {}): number {
    return this.python.request<{ perSecond: number }>(kind, fields).fields.perSecond;
  }
}

/** What a device key of PyTorch says of the machine and its software. */
export interface PytorchMachine extends Pick<PytorchFacts, 'device' | 'versions'> {
  readonly ranks?: number;
  /** Version of the interpreter. */
  readonly python: string;
  /** Model of the CPU. */
  readonly processor: string;
  /** Version of the GPU's driver, '' where there is none. */
  readonly driver: string;
}

export function pytorchKey(
  { device, versions, ranks = 1, python, processor, driver }: PytorchMachine,
  {
    threads,
    execution,
    precision,
    channelsLast,
    cudaGraphs,
  }: Pick<DeviceKey, 'threads' | 'execution' | 'precision'> &
    Pick<ComputeOptions, 'channelsLast' | 'cudaGraphs'>,
): DeviceKey {
  return {
    device: deviceName(device, processor),
    kind: device.type === 'cpu' ? 'cpu' : 'gpu',
    threads,
    driver,
    runtime: 'pytorch',
    runtimeVersion: [
      ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
      `Python ${python}`,
    ].join(', '),
    execution,
    precision,
    xla: false,
    layout: channelsLast ? 'channels-last' : 'NCHW',
    ...(cudaGraphs && device.type === 'cuda' && execution === 'compiled' && { graphs: 'cuda' as const }),
    ...(ranks > 1 && { ranks }),
  };
}

function deviceName({ type, name, uuid }: PytorchFacts['device'], processor: string): string {
  if (type === 'cpu') return processor;
  return type === 'mps' ? `${processor} GPU` : `${uuid} ${name}`;
}
