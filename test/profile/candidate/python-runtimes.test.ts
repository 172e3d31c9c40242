/** Profiles through a Python worker: rows of their own key, and rows with a reason where the worker fails. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ProfileHooks, profileInChild } from '../../../src/profile/candidate/run-profile.js';
import type { ProfileRequest } from '../../../src/profile/profile-result.js';
import { standardProtocol } from '../../../src/profile/protocol/protocol.js';
import { testPython } from '../../export/python.js';
import { smallNetwork } from '../../fixtures/small-network.js';

const request: ProfileRequest = {
  architecture: smallNetwork({ layout: 'C-T', widths: [8, 16] }),
  runtime: 'pytorch',
  execution: 'eager',
  batches: [1, 2],
  threads: 1,
  launch: 1,
  protocol: { ...standardProtocol, capMs: 300, warmupCapMs: 300, latencySamples: 5 },
  python: testPython!,
};

/** Parent by process, from /proc. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') found.set(Number(name), Number(parent));
    } catch {
      // it has ended
    }
  return found;
}

/** Workers below this process: Python, the child of a child. */
function workers(): number[] {
  const known = parents();
  return [...known]
    .filter(([, parent]) => known.get(parent) === process.pid)
    .map(([pid]) => pid)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker.py'));
}

const isAlive = (pid: number): boolean => parents().has(pid);

async function ends(pid: number): Promise<boolean> {
  for (let wait = 0; wait < 50 && isAlive(pid); wait++) await sleep(100);
  return !isAlive(pid);
}

/** Runs a profile and does something to its worker at the first sign of measuring. */
async function disturbed(
  act: (pid: number) => void,
  hooks: ProfileHooks = {},
): Promise<{ result: Awaited<ReturnType<typeof profileInChild>>; pid: number }> {
  let pid = 0;
  const result = await profileInChild(request, {
    ...hooks,
    onProgress({ phase }) {
      if (phase === 'load' || phase === 'build' || pid !== 0) return;
      [pid = 0] = workers();
      act(pid);
    },
  });
  return { result, pid };
}

describe.skipIf(!testPython || process.platform !== 'linux')('profiles through PyTorch', () => {
  beforeAll(() => expect(workers()).toEqual([]));

  it('measures every batch under a key of its own', async () => {
    const result = await profileInChild(request);
    expect(result.deviceKey).toMatchObject({ runtime: 'pytorch', execution: 'eager', layout: 'NCHW' });
    for (const { status, stepMs, load, peakBytes, latencyMs } of result.batches) {
      expect(['ok', 'capped']).toContain(status);
      expect(stepMs!.value).toBeGreaterThan(0);
      // the processor time is the worker's, not that of the process that asks it
      expect(load!.cpuMs.reduce((a, b) => a + b) / load!.cpuMs.length).toBeGreaterThan(0.1 * stepMs!.value);
      expect(peakBytes).toBeGreaterThan(2 ** 26);
      expect(latencyMs!.samples).toBe(5);
    }
  });

  it('a killed worker is a row; the next batch gets a new one', async () => {
    const { result } = await disturbed((pid) => process.kill(pid, 'SIGKILL'));
    const [first, second] = result.batches;
    expect(first).toMatchObject({ status: 'crashed', reason: expect.stringMatching(/ended by SIGKILL/) });
    expect(['ok', 'capped']).toContain(second!.status);
  });

  it('a stopped worker is a row after the silence limit, and is ended', async () => {
    const { result, pid } = await disturbed((worker) => process.kill(worker, 'SIGSTOP'), {
      silenceLimitMs: 15_000,
    });
    expect(result.batches[0]).toMatchObject({ status: 'timed-out', reason: expect.stringMatching(/15 s/) });
    expect(await ends(pid)).toBe(true);
  });

  it('a worker ends with its parent, also where that is killed', async () => {
    const { result, pid } = await disturbed((worker) => process.kill(parents().get(worker)!, 'SIGKILL'));
    expect(result.batches[0]).toMatchObject({ status: 'crashed', reason: expect.stringMatching(/SIGKILL/) });
    expect(await ends(pid)).toBe(true);
  });

  it('a batch that does not fit is out of memory', async () => {
    const { batches } = await profileInChild({ ...request, batches: [2 ** 38] });
    expect(batches[0]).toMatchObject({ status: 'out-of-memory' });
  });

  it('an interpreter without torch is a row that says so', async () => {
    const { batches } = await profileInChild({ ...request, batches: [1], python: '/nonexistent/python' });
    expect(batches[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/a Python interpreter is needed, got "\/nonexistent\/python"/),
    });
  });
});
