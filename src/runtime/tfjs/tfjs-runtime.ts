/** A runtime over a tfjs platform: creates models and the device key of this process. */
import { cpus, hostname } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import type { SupernetPlan } from '../../network/supernet/supernet-plan.js';
import { limitsText } from '../../setup/engine/processor-limits.js';
import { type DeviceMemory, type UsedGpu, usedGpu } from '../../setup/host/used-gpu.js';
import { devicePrecisions } from '../compute.js';
import type {
  DeviceKey,
  Execution,
  Model,
  Precision,
  Runtime,
  RuntimeId,
  SupernetModel,
  SupernetOptions,
} from '../runtime.js';
import { copyBytesPerSecond, launchMs, matmulMacsPerSecond } from './ceilings.js';
import { TfjsModel } from './model/tfjs-model.js';
import type { Platform } from './platform.js';
import { TfjsSupernet } from './supernet/tfjs-supernet.js';

export class TfjsRuntime implements Runtime {
  readonly id: RuntimeId;
  readonly supports: Runtime['supports'];
  /** The device's own precision, in which eager execution computes. */
  private readonly own: Precision;
  private readonly gpu: UsedGpu | undefined;

  /**
   * @param precision default of compiled graphs; absent: the device's own
   */
  constructor(
    readonly platform: Platform,
    private readonly threads: number,
    private readonly version: string,
    precision?: Precision,
    private readonly memory?: DeviceMemory,
  ) {
    this.id = platform.id;
    this.gpu = platform.native?.backend.isUsingGpuDevice ? usedGpu() : undefined;
    const able = devicePrecisions({
      runtime: platform.id,
      kind: platform.native?.backend.isUsingGpuDevice ? 'gpu' : 'cpu',
      computeCapability: this.gpu?.computeCapability,
      tf32Off: process.env['NVIDIA_TF32_OVERRIDE'] === '0',
    });
    this.own = able[0]!;
    const first = precision !== undefined && able.includes(precision) ? precision : this.own;
    this.supports = {
      compiled: platform.native !== undefined,
      training: true,
      deviceMemory: memory !== undefined,
      precisions: [first, ...able.filter((each) => each !== first)],
    };
  }

  deviceKey(execution: Execution, precision?: Precision): DeviceKey {
    const { gpu } = this;
    const onGpu = this.platform.native?.backend.isUsingGpuDevice === true;
    return {
      device: onGpu ? gpuName(gpu) : (cpus()[0]?.model ?? 'unknown CPU'),
      kind: onGpu ? 'gpu' : 'cpu',
      threads: this.threads,
      driver: gpu?.driver ?? '',
      runtime: this.id,
      runtimeVersion: this.version,
      execution,
      precision: precision ?? (execution === 'compiled' ? this.supports.precisions[0]! : this.own),
      xla:
        execution === 'compiled' &&
        this.platform.native !== undefined &&
        /tf_xla_auto_jit=[12]/.test(process.env['TF_XLA_FLAGS'] ?? ''),
      layout: 'NHWC',
      ...(onGpu && gpuKey()),
      ...(this.platform.native && !onGpu && processorKey(this.platform.native.kernels)),
    };
  }

  instantiate(architecture: Architecture, { seed, masks }: Parameters<Runtime['instantiate']>[1]): Model {
    return new TfjsModel(
      this.platform,
      architecture,
      seed,
      { compiled: this.supports.precisions, eager: [this.own] },
      masks,
    );
  }

  instantiateSupernet(plan: SupernetPlan, options: SupernetOptions): SupernetModel {
    return new TfjsSupernet(this.platform, plan, options);
  }

  peakDeviceBytes(): number | undefined {
    return this.memory?.peakBytes();
  }

  matmulMacsPerSecond(): number {
    return matmulMacsPerSecond(this.platform, this.supports.precisions[0]!);
  }

  copyBytesPerSecond(): number {
    return copyBytesPerSecond(this.platform);
  }

  launchMs(): number {
    return this.platform.native ? launchMs(this.platform) : 0;
  }
}

/** @param host a name that keeps unknown GPUs of different machines apart */
export const gpuName = (gpu: UsedGpu | undefined, host = hostname()): string =>
  gpu ? `${gpu.uuid} ${gpu.name}` : `unknown NVIDIA GPU of ${host}`;

/** The member of a device key that says which variables change the GPU's work. */
export function gpuKey(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Pick<DeviceKey, 'limits'> {
  const limits = limitsText(env, 'gpu');
  return limits === '' ? {} : { limits };
}

/** The members of a device key that say which CPU code runs. */
export function processorKey(
  kernels: ReadonlySet<string>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Pick<DeviceKey, 'kernels' | 'limits'> {
  const limits = limitsText(env);
  return {
    kernels: kernels.size === 0 ? 'off' : [...kernels].sort().join(' '),
    ...(limits !== '' && { limits }),
  };
}
