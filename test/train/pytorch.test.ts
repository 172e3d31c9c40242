/** The suite of trainings on PyTorch, and the end of its worker. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { trainInChild } from '../../src/train/run-train.js';
import { pytorchRuntime } from '../fixtures/pytorch-runtime.js';
import { requestOn, trainingSuite } from './training-suite.js';

trainingSuite('pytorch, eager', pytorchRuntime, { recipeNames: ['adamw'], brief: true });

/** The worker process that this process's child has started. */
function workerPid(mark: string): number {
  const found = readdirSync('/proc').find((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('worker.py') &&
        readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)
      );
    } catch {
      return false; // ended meanwhile
    }
  });
  return Number(found);
}

describe.skipIf(!pytorchRuntime || process.platform !== 'linux')('trainInChild on pytorch', () => {
  it('a worker that is killed ends the training as crashed, with the epochs so far', async () => {
    const mark = `worker of ${process.pid}`;
    let killed = false;
    const result = await trainInChild(requestOn(pytorchRuntime!, {}), {
      environment: { STAGECRAFT_TEST_MARK: mark },
      onEpoch: () => {
        if (!killed) process.kill(workerPid(mark), 'SIGKILL');
        killed = true;
      },
    });
    expect(result).toMatchObject({
      status: 'crashed',
      reason: expect.stringContaining('the worker was ended by SIGKILL'),
    });
    expect(result.epochs.length).toBeGreaterThanOrEqual(1);
    expect(result.deviceKey.runtime).toBe('pytorch');
  });
});
