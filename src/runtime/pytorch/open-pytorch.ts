/** Opens PyTorch in the person's Python interpreter. */
import type { ComputeOptions } from '../compute.js';
import { openWorker } from '../python-worker/open-worker.js';
import { type PytorchFacts, PytorchRuntime } from './pytorch-runtime.js';

/** @throws UserError where the interpreter is missing, lacks torch, or has no such device */
export function openPytorch(threads: number, options: ComputeOptions): PytorchRuntime {
  const settings = {
    device: options.device ?? (process.env['STAGECRAFT_DEVICE'] === 'cpu' ? 'cpu' : 'auto'),
    channelsLast: options.channelsLast === true,
    cudaGraphs: options.cudaGraphs === true,
  };
  const { python, ranks } = options;
  const { worker, facts } = openWorker<PytorchFacts>('pytorch', settings, {
    threads,
    ...(python !== undefined && { python }),
    ...(ranks !== undefined && { ranks }),
  });
  return new PytorchRuntime(worker, facts, threads, options);
}
