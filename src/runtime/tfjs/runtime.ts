/** A runtime over a tfjs platform: makes models and says what rows measured in this process stand for. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import type { DeviceKey, Execution, Model, Precision, Runtime, RuntimeId } from '../contract.js';
import { devicePrecisions } from '../compute.js';
import { copyBytesPerSecond, matmulMacsPerSecond } from './ceilings.js';
import { TfjsModel } from './model.js';
import type { Platform } from './platform.js';

export class TfjsRuntime implements Runtime {
  readonly id: RuntimeId;
  readonly supports: Runtime['supports'];
  /** The device's own, and what eager execution computes in. */
  private readonly own: Precision;
  private readonly gpu: NvidiaGpu | undefined;

  /** @param precision what compiled graphs compute in where nothing else is asked for; absent: the device's own */
  constructor(readonly platform: Platform, private readonly threads: number, private readonly version: string, precision?: Precision) {
    this.id = platform.id;
    this.gpu = platform.native?.backend.isUsingGpuDevice ? nvidiaGpu() : undefined;
    const able = devicePrecisions({
      runtime: platform.id, kind: platform.native?.backend.isUsingGpuDevice ? 'gpu' : 'cpu', computeCapability: this.gpu?.computeCapability, tf32Off: process.env['NVIDIA_TF32_OVERRIDE'] === '0',
    });
    this.own = able[0]!;
    const first = precision !== undefined && able.includes(precision) ? precision : this.own;
    this.supports = { compiled: platform.native !== undefined, training: true, deviceMemory: false, precisions: [first, ...able.filter((each) => each !== first)] };
  }

  deviceKey(execution: Execution, precision?: Precision): DeviceKey {
    const { gpu } = this;
    return {
      device: gpu?.device ?? cpus()[0]?.model ?? 'unknown CPU',
      kind: gpu ? 'gpu' : 'cpu',
      threads: this.threads,
      driver: gpu?.driver ?? '',
      runtime: this.id,
      runtimeVersion: this.version,
      execution,
      precision: precision ?? (execution === 'compiled' ? this.supports.precisions[0]! : this.own),
      xla: execution === 'compiled' && this.platform.native !== undefined && /tf_xla_auto_jit=[12]/.test(process.env['TF_XLA_FLAGS'] ?? ''),
      layout: 'NHWC',
    };
  }

  instantiate(architecture: Architecture, { seed, masks }: Parameters<Runtime['instantiate']>[1]): Model {
    return new TfjsModel(this.platform, architecture, seed, { compiled: this.supports.precisions, eager: [this.own] }, masks);
  }

  peakDeviceBytes(): number | undefined { return undefined; }

  matmulMacsPerSecond(): number { return matmulMacsPerSecond(this.platform, this.supports.precisions[0]!); }

  copyBytesPerSecond(): number { return copyBytesPerSecond(this.platform); }
}

interface NvidiaGpu { readonly device: string; readonly driver: string; readonly computeCapability: string }

/** The GPU that TensorFlow took, which is the first visible one. An old driver's tool does not know its compute capability. */
function nvidiaGpu(fields = 'index,uuid,name,driver_version,compute_cap'): NvidiaGpu | undefined {
  try {
    const lines = execFileSync('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').map((line) => line.split(', '));
    const wanted = process.env['CUDA_VISIBLE_DEVICES']?.split(',')[0];
    const [, uuid, name, driver, computeCapability] = lines.find(([index, id]) => wanted === index || wanted === id) ?? lines[0] ?? [];
    return uuid ? { device: `${uuid} ${name}`, driver: driver ?? '', computeCapability: computeCapability ?? '' } : undefined;
  } catch {
    return fields.endsWith(',compute_cap') ? nvidiaGpu(fields.replace(',compute_cap', '')) : undefined;
  }
}
