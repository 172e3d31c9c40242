/** Faults of a worker become errors with their reason: a made script for each, and a real signal. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOfError } from '../../../src/runtime/child/failure.js';
import { PythonWorker } from '../../../src/runtime/python-worker/python-worker.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagecraft-worker-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = { command: 'python3', from: 'the test' };
const greeting = '{"worker": "stagecraft", "protocol": 1, "python": "3", "pid": 1, "tensors": []}';

/** A worker that is this script. */
function fake(body: string, startLimitMs = 20_000): PythonWorker {
  const script = join(folder, 'fake.py');
  writeFileSync(script, `import os, sys, time\n${body}\n`);
  return new PythonWorker({ runtime: 'pytorch', python, environment: process.env, script, startLimitMs });
}
const said = (line: string): string => `print('${line}', flush=True)`;

function failureOf(body: () => unknown): ReturnType<typeof failureOfError> {
  try {
    body();
  } catch (error) {
    return failureOfError(error);
  }
  throw new Error('nothing was thrown');
}

describe('a worker that starts wrong', () => {
  it.each([
    [
      'garbage',
      'print("Hello world", flush=True)\ntime.sleep(60)',
      'failed',
      /must send messages, got "Hello world"/,
    ],
    ['bytes', 'os.write(1, bytes(range(128, 256)) + b"\\n")\ntime.sleep(60)', 'failed', /must send messages/],
    [
      'another protocol',
      `${said(greeting.replace('1,', '2,'))}\ntime.sleep(60)`,
      'failed',
      /protocol 1, got 2/,
    ],
    ['an exit', 'sys.exit("no such thing")', 'failed', /ended with exit code 1: no such thing/],
    ['a crash', 'os.kill(os.getpid(), 6)', 'crashed', /ended by SIGABRT/],
  ] as const)('%s', (_, body, status, reason) => {
    const failure = failureOf(() => fake(body));
    expect(failure).toEqual({ status, reason: expect.stringMatching(reason) });
  });

  it('silence', () => {
    const failure = failureOf(() => fake('time.sleep(60)', 500));
    expect(failure).toEqual({ status: 'timed-out', reason: expect.stringMatching(/said nothing for 0.5 s/) });
  });

  it('no interpreter', () => {
    const missing = { command: join(folder, 'no-python'), from: 'STAGECRAFT_PYTHON' };
    expect(() => new PythonWorker({ runtime: 'pytorch', python: missing, environment: process.env })).toThrow(
      /a Python interpreter is needed, got ".*no-python" of STAGECRAFT_PYTHON/,
    );
  });
});

describe('a worker that answers wrong', () => {
  it.each([
    ['garbage', 'print("oops", flush=True)\ntime.sleep(60)', 'failed', /must send messages, got "oops"/],
    ['another request', said('{"id": 7, "ok": true, "tensors": []}'), 'failed', /must answer request 1, got/],
    [
      'a cut tensor',
      'os.write(1, b\'{"id": 1, "ok": true, "tensors": [{"name": "x", "dtype": "float32", "shape": [4], "bytes": 16}]}\\n1234\')\nos._exit(3)',
      'failed',
      /exit code 3/,
    ],
    [
      'a wrong length',
      said(
        '{"id": 1, "ok": true, "tensors": [{"name": "x", "dtype": "float32", "shape": [4], "bytes": 15}]}',
      ),
      'failed',
      /must send messages/,
    ],
  ] as const)('%s', (_, body, status, reason) => {
    const worker = fake(`${said(greeting)}\nsys.stdin.readline()\n${body}`);
    const failure = failureOf(() => worker.request('usage'));
    expect(failure).toEqual({ status, reason: expect.stringMatching(reason) });
    expect(worker.isLost).toBe(true);
    expect(failureOf(() => worker.request('usage'))).toEqual(failure);
  });

  it('an error of Python is an answer, and the worker goes on; exhausted memory is named so', () => {
    const error = (type: string, message: string, id: number): string =>
      said(
        `{"id": ${id}, "ok": false, "error": {"type": "${type}", "message": "${message}"}, "tensors": []}`,
      );
    const worker = fake(
      [
        said(greeting),
        error('KeyError', 'no such thing', 1),
        error('MemoryError', 'out of memory: 8 GB', 2),
        said('{"id": 3, "ok": true, "cpuMs": 4, "tensors": []}'),
        'time.sleep(60)',
      ].join('\n'),
    );
    expect(failureOf(() => worker.request('a'))).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/no such thing/),
    });
    expect(failureOf(() => worker.request('b')).status).toBe('out-of-memory');
    expect(worker.request('usage').fields).toMatchObject({ cpuMs: 4 });
    worker.close();
  });
});
