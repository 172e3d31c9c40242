/** The device key of a row whose child died before the engine opened. */
import { cpus } from 'node:os';
import type { ComputeOptions } from '../compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../runtime.js';

/** Never equal to a measured row's key, so such a row is never ranked. */
export function unopenedKey(
  request: ComputeOptions & {
    readonly runtime: RuntimeId;
    readonly threads: number;
    readonly execution: Execution;
  },
): DeviceKey {
  return {
    device: cpus()[0]?.model ?? 'unknown',
    kind: 'cpu',
    threads: request.threads,
    driver: '',
    runtime: request.runtime,
    runtimeVersion: 'unknown: the engine did not open',
    execution: request.execution,
    precision: request.precision ?? 'float32',
    xla: request.xla ?? false,
    layout: 'NHWC',
  };
}
