/** The totals of a worker's process, for those who measure it. */
import type { ProcessUsage, WorkerProcess } from '../runtime.js';
import type { PythonWorker } from './python-worker.js';

interface Usage extends ProcessUsage {
  /** Highest memory of the device in use, bytes, where the runtime says. */
  readonly peakDeviceBytes?: number;
}

/** Once the worker has ended, the last known totals. */
export class MeasuredWorker implements WorkerProcess {
  private last: Usage = { cpuMs: 0, waitMs: null, residentBytes: 0, peakBytes: 0 };

  constructor(private readonly worker: PythonWorker) {}

  get pid(): number {
    return this.worker.pid;
  }

  usage(): Usage {
    if (!this.worker.isLost) this.last = this.worker.request<Usage>('usage').fields;
    return this.last;
  }

  resetPeak(): void {
    this.worker.request('reset-peak');
  }
}
