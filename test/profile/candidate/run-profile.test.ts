import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { type ProfileProgress, profileInChild } from '../../../src/profile/candidate/run-profile.js';
import type { ProfileRequest } from '../../../src/profile/profile-result.js';
import { InterruptedError } from '../../../src/util/errors.js';

const root = resolve(import.meta.dirname, '../../..');
const entry = resolve(root, 'test/runtime/child/fake-profile-child.mjs');
const request: ProfileRequest = {
  architecture: { input: { height: 8, width: 8, channels: 3 }, classes: 2 } as Architecture,
  runtime: 'tensorflow',
  execution: 'compiled',
  batches: [1, 2, 4],
  threads: 2,
  launch: 1,
  protocol: { warmupMs: 20, warmupCapMs: 60, minBlockMs: 2, halfWidth: 0.05, capMs: 60, latencySamples: 5 },
};
const withFaults = (faults: Record<string, string>, more: Parameters<typeof profileInChild>[1] = {}) =>
  profileInChild(request, {
    entry,
    ...more,
    environment: { FAULTS: JSON.stringify(faults), ...more.environment },
  });

describe('profileInChild', () => {
  it('measures every batch asked for, in order, with its samples and memory', async () => {
    const progress: ProfileProgress[] = [];
    const result = await withFaults({}, { onProgress: (step) => progress.push(step) });
    expect(result.batches.map(({ batch }) => batch)).toEqual([1, 2, 4]);
    for (const profile of result.batches) {
      expect(['ok', 'capped']).toContain(profile.status);
      expect(profile.samplesMs!.length).toBe(profile.stepMs!.samples);
      expect(profile.imagesPerSecond!.value).toBeCloseTo((profile.batch / profile.stepMs!.value) * 1000, 6);
      expect(profile.latencyMs!.samples).toBe(5);
      expect(profile.peakBytes).toBeGreaterThan(1e7);
      expect(profile.baseBytes).toBeGreaterThan(1e7);
      expect(profile.baseBytes).toBeLessThanOrEqual(profile.peakBytes!);
      expect([profile.buildMs, profile.firstRunMs]).toEqual([1, 2]);
      expect(profile.flags).not.toContain('host-bound'); // enqueueing computes here: host and device are one
    }
    expect(result.deviceKey.device).toBe('fake');
    expect(result.coldStartMs).toBeGreaterThan(0);
    expect(result.environment['load1']).toBeTypeOf('number');
    expect(progress.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['load', 'build', 'warm-up']));
  });

  it.each([
    ['throw', 'failed', 'made to fail'],
    ['exhausted', 'out-of-memory', 'OOM when allocating'],
    ['bad-alloc', 'out-of-memory', 'bad_alloc'],
    ['abort', 'crashed', 'SIGABRT: 2026-01-01 F tensorflow/core/fake.cc:1] Check failed'],
    ['segfault', 'crashed', 'SIGSEGV'],
    ['killed', 'crashed', 'SIGKILL'],
    ['exit', 'failed', 'exit code 3: engine: gone'],
  ])(
    '%s at one batch is a row with status %s, and the later batch is still measured',
    async (fault, status, reason) => {
      const result = await withFaults({ 2: fault });
      expect(result.batches.map((profile) => profile.status === 'ok' || profile.status === 'capped')).toEqual(
        [true, false, true],
      );
      expect(result.batches[1]).toMatchObject({ batch: 2, status, flags: [] });
      expect(result.batches[1]!.reason).toContain(reason);
      expect(result.batches[1]!.reason).not.toContain('\n');
      expect(result.batches[1]!.stepMs).toBeUndefined();
      expect(result.deviceKey.device).toBe('fake');
    },
  );

  it('an exhausted JavaScript heap is out-of-memory', async () => {
    const result = await withFaults(
      { 2: 'heap' },
      { environment: { NODE_OPTIONS: '--max-old-space-size=80' } },
    );
    expect(result.batches[1]).toMatchObject({ status: 'out-of-memory' });
    expect(result.batches[2]!.stepMs).toBeDefined();
  });

  it('a child that falls silent is killed and timed-out', async () => {
    const result = await withFaults({ 2: 'hang' }, { silenceLimitMs: 1500 });
    expect(result.batches.map(({ status }) => status === 'timed-out')).toEqual([false, true, false]);
    expect(result.batches[1]!.reason).toContain('no sign of life for 1.5 s');
  });

  it('an engine that does not open fails every batch under a key of its own', async () => {
    const result = await withFaults({ open: 'throw' });
    expect(result.batches.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    expect(result.batches[0]!.reason).toContain('made to fail');
    expect(result.deviceKey.runtimeVersion).toContain('did not open');
  });

  it('an entry that is no script fails as a row', async () => {
    const result = await profileInChild(request, { entry: '/nowhere/child.js' });
    expect(result.batches[0]).toMatchObject({ status: 'failed' });
    expect(result.batches[0]!.reason).toContain('Cannot find module');
  });

  it('throws InterruptedError when the caller aborts, with the child ended', async () => {
    const controller = new AbortController();
    const kept: number[] = [];
    const running = withFaults(
      { 4: 'hang' },
      {
        signal: controller.signal,
        onBatch: ({ batch }) => {
          kept.push(batch);
          if (batch === 2) controller.abort();
        },
      },
    );
    await expect(running).rejects.toBeInstanceOf(InterruptedError);
    expect(kept).toEqual([1, 2]);
  });
});

describe.skipIf(process.platform !== 'linux')('a child whose parent is killed', () => {
  it('dies too, even while it hangs in native code', async () => {
    const script = `
      import { runJob } from ${JSON.stringify(dist('runtime/child/job.js'))};
      import { profileJob } from ${JSON.stringify(dist('profile/candidate/profile-job.js'))};
      const ignore = () => {};
      const handlers = { opened: ignore, start: () => console.log('started'), progress: ignore, batch: ignore, environment: ignore };
      await runJob(profileJob, ${JSON.stringify(request)}, handlers,
        { entry: ${JSON.stringify(entry)}, environment: { FAULTS: '{"1":"hang"}' }, silenceLimitMs: 60000 });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((done) => {
      parent.stdout.once('data', () => done());
    });
    const child = await childOf(parent.pid!);
    expect(isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(child));
    expect(isAlive(child)).toBe(false);
  });
});

const dist = (path: string): string => pathToFileURL(resolve(root, 'dist', path)).href;

async function childOf(pid: number): Promise<number> {
  const { readFileSync } = await import('node:fs');
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 60_000, interval: 20 });
