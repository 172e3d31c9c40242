/** Whether the memory that rows report is what a network takes: known weights, seen when they are made. */
import type { Architecture } from '../../architecture/architecture.js';
import { blocks } from '../../blocks/block-table.js';
import { oneBlock } from '../../network/block-networks.js';
import { networkCost } from '../../network/network-cost.js';
import type { Execution, Runtime } from '../../runtime/runtime.js';
import { peakProcessBytes, resetPeakBytes } from '../candidate/environment.js';
import { type Check, rangeCheck } from './verification.js';

/** About 100 MB of weights, whose pass takes milliseconds. */
const network = (): Architecture => {
  const { stages, ...rest } = oneBlock(blocks['plain-conv'], { side: 2, width: 1024 });
  return { ...rest, stages: stages.slice(0, 1) };
};

export interface MemoryReader {
  readonly of: 'device' | 'process';
  /** Peak since the last reset, bytes. */
  peakBytes(): number;
  reset(): void;
}

export function memoryReader(runtime: Runtime): MemoryReader {
  const { supports, worker } = runtime;
  if (supports.deviceMemory && runtime.peakDeviceBytes() !== undefined)
    return { of: 'device', peakBytes: () => runtime.peakDeviceBytes()!, reset: () => worker?.resetPeak() };
  if (worker)
    return { of: 'process', peakBytes: () => worker.usage().peakBytes, reset: () => worker.resetPeak() };
  return { of: 'process', peakBytes: peakProcessBytes, reset: () => void resetPeakBytes() };
}

/** To be run first: later a process has free memory of its own, which weights may take unseen. */
export async function memoryChecks(
  runtime: Runtime,
  execution: Execution,
  reader: MemoryReader = memoryReader(runtime),
): Promise<Check[]> {
  const architecture = network();
  const weightBytes = 4 * networkCost(architecture).total.params;
  reader.reset();
  const before = reader.peakBytes();
  const model = runtime.instantiate(architecture, { seed: 1 });
  const inference = model.inference({ batch: 1, execution });
  inference.enqueue();
  await inference.synchronise();
  const after = reader.peakBytes();
  inference.dispose();
  model.dispose();
  const mib = Math.round(weightBytes / 2 ** 20);
  return [
    rangeCheck(
      {
        group: 'memory',
        name: 'allocation is seen',
        text: `rise of the peak memory of the ${reader.of} over the ${mib} MiB of weights that were made`,
      },
      (after - before) / weightBytes,
      { low: 0.8, high: 16 },
    ),
  ];
}
