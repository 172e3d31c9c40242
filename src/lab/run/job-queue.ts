/** Runs jobs side by side. */
import type { Job } from '../job.js';
import type { RunOptions } from './run-context.js';

/** `workers` jobs at a time, in order. The first error stops the rest, and is thrown once all have ended. */
export async function runJobs(
  jobs: readonly Job[],
  workers: number,
  { signal, onEvent }: RunOptions,
  run: (job: Job, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (jobs.length === 0) return;
  onEvent({ type: 'phase', kind: jobs[0]!.kind, jobs: jobs.length, workers });
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const queue = jobs.values();
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const job of queue) {
      if (either.aborted) break;
      onEvent({ type: 'job', job });
      try {
        await run(job, either);
      } catch (error) {
        errors.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  if (errors.length > 0) throw errors[0];
  signal.throwIfAborted();
}
