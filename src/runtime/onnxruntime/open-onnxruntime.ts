/** Opens ONNX Runtime in the person's Python interpreter. */
import type { ComputeOptions } from '../compute.js';
import { openWorker } from '../python-worker/open-worker.js';
import { type OnnxruntimeFacts, OnnxruntimeRuntime } from './onnxruntime-runtime.js';

/** @throws UserError where the interpreter is missing, lacks onnxruntime, or has no such provider */
export function openOnnxruntime(threads: number, options: ComputeOptions): OnnxruntimeRuntime {
  const { python, provider } = options;
  const { worker, facts } = openWorker<OnnxruntimeFacts>(
    'onnxruntime',
    { provider: provider ?? (process.env['STAGECRAFT_DEVICE'] === 'cpu' ? 'cpu' : 'auto') },
    { threads, ...(python !== undefined && { python }) },
  );
  return new OnnxruntimeRuntime(worker, facts, threads, options);
}
