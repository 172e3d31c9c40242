/** A runtime over a tfjs platform: makes models and says what rows measured in this process stand for. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Architecture } from '../../architecture/architecture.js';
import type { DeviceKey, Execution, Model, Precision, Runtime, RuntimeId } from '../contract.js';
import { TfjsModel } from './model.js';
import type { Platform } from './platform.js';

export class TfjsRuntime implements Runtime {
  readonly id: RuntimeId;
  readonly supports: Runtime['supports'];

  constructor(readonly platform: Platform, private readonly threads: number, private readonly version: string) {
    this.id = platform.id;
    this.supports = { compiled: platform.native !== undefined, training: true, deviceMemory: false, precisions: supportedPrecisions(platform) };
  }

  deviceKey(execution: Execution, precision?: Precision): DeviceKey {
    const gpu = this.platform.native?.backend.isUsingGpuDevice ? nvidiaGpu() : undefined;
    return {
      device: gpu?.device ?? cpus()[0]?.model ?? 'unknown CPU',
      kind: gpu ? 'gpu' : 'cpu',
      threads: this.threads,
      driver: gpu?.driver ?? '',
      runtime: this.id,
      runtimeVersion: this.version,
      execution,
      precision: precision ?? this.supports.precisions[0]!,
      xla: /tf_xla_auto_jit=[12]/.test(process.env['TF_XLA_FLAGS'] ?? ''),
      layout: 'NHWC',
    };
  }

  instantiate(architecture: Architecture, { seed, masks }: Parameters<Runtime['instantiate']>[1]): Model {
    return new TfjsModel(this.platform, architecture, seed, this.supports.precisions, masks);
  }

  peakDeviceBytes(): number | undefined { return undefined; }

  matmulMacsPerSecond(): number {
    const { tf } = this.platform;
    const size = this.platform.native?.backend.isUsingGpuDevice ? 4096 : this.platform.native ? 1024 : 512;
    return tf.tidy(() => {
      const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])];
      let best = 0;
      const start = performance.now();
      for (let trial = 0; trial < 3 || (trial < 200 && performance.now() - start < 500); trial++) {
        const before = performance.now();
        tf.tidy(() => tf.sum(tf.matMul(a, b)).dataSync()); // the read-back waits for the product
        best = Math.max(best, size ** 3 / ((performance.now() - before) / 1000));
      }
      return best;
    });
  }

  copyBytesPerSecond(): number {
    const { tf } = this.platform;
    let best = 0;
    for (const elements of [2 ** 16, 2 ** 19, 2 ** 22, 2 ** 24]) {
      tf.tidy(() => {
        const from = tf.randomUniform([elements]);
        const passes = Math.max(1, Math.round(2 ** 22 / elements));
        const start = performance.now();
        for (let trial = 0; trial < 3 || (trial < 50 && performance.now() - start < 80); trial++) {
          const before = performance.now();
          tf.tidy(() => {
            let last = from;
            for (let pass = 0; pass < passes; pass++) last = tf.neg(last);
            tf.slice(last, [0], [1]).dataSync(); // waits for all
          });
          best = Math.max(best, 8 * elements * passes / ((performance.now() - before) / 1000));
        }
      });
    }
    return best;
  }
}

/** The process's own first: TF32 is a switch of the whole process (`NVIDIA_TF32_OVERRIDE=0` turns it off). */
function supportedPrecisions({ native }: Platform): Precision[] {
  if (!native) return ['float32'];
  if (!native.backend.isUsingGpuDevice) return ['float32', 'bfloat16'];
  return [process.env['NVIDIA_TF32_OVERRIDE'] === '0' ? 'float32' : 'tf32', 'bfloat16', 'float16'];
}

/** The GPU that TensorFlow took, which is the first visible one. */
function nvidiaGpu(): { device: string; driver: string } | undefined {
  try {
    const lines = execFileSync('nvidia-smi', ['--query-gpu=index,uuid,name,driver_version', '--format=csv,noheader'], { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(', '));
    const wanted = process.env['CUDA_VISIBLE_DEVICES']?.split(',')[0];
    const [, uuid, name, driver] = lines.find(([index, id]) => wanted === index || wanted === id) ?? lines[0] ?? [];
    return uuid ? { device: `${uuid} ${name}`, driver: driver ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
