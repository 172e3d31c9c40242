/**
 * The two sides' processes: ours by Node's IPC, PyTorch's by JSON lines; one question, one answer at a time.
 */
import { fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { benchPython } from '../python-environment.js';

export interface Worker {
  ask<A>(request: object): Promise<A>;
  end(): void;
}

/** Waits until OpenMP's spinning threads of one side sleep, before the other is timed. */
export const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 250);
  });

const packages = ['torch', 'timm', 'numpy', 'setuptools'];

/** A Python that has PyTorch. */
export const pythonWithTorch = (note: (line: string) => void): string =>
  benchPython(
    {
      variable: 'STAGECRAFT_BENCH_PYTHON',
      folder: 'bench-python-timm',
      packages,
      content: 'PyTorch (about a gigabyte, once)',
    },
    note,
  );

/** @param script answers JSON lines; default: the one of the bench network */
export function torchWorker(
  python: string,
  script: string = join(import.meta.dirname, 'worker.py'),
  environment: Readonly<Record<string, string>> = {},
): Worker {
  const child = spawn(python, [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  child.on('exit', (code) => {
    for (const give of waiting.splice(0)) give(JSON.stringify({ error: `python ended with code ${code}` }));
  });
  return {
    ask: <A>(request: object) =>
      new Promise<A>((resolve) => {
        waiting.push((line) => resolve(JSON.parse(line) as A));
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    end: () => child.kill(),
  };
}

/** @param stderr file that takes the child's; default: this process's own */
export async function engineWorker(
  threads: number,
  environment: Readonly<Record<string, string>> = {},
  script: string = join(import.meta.dirname, 'engine-worker.ts'),
  stderr: number | 'inherit' = 'inherit',
): Promise<Worker> {
  const count = String(threads);
  const child = fork(script, {
    execArgv: ['--import', 'tsx'],
    stdio: ['inherit', 'inherit', stderr, 'ipc'],
    env: {
      ...process.env,
      OMP_NUM_THREADS: count,
      TF_NUM_INTRAOP_THREADS: count,
      TF_NUM_INTEROP_THREADS: count,
      ...environment,
    },
  });
  const waiting: ((answer: unknown) => void)[] = [];
  child.on('message', (answer) => waiting.shift()?.(answer));
  child.on('exit', (code) => {
    for (const give of waiting.splice(0)) give({ error: `engine ended with code ${code}` });
  });
  await new Promise((resolve) => waiting.push(resolve));
  return {
    ask: <A>(request: object) =>
      new Promise<A>((resolve) => {
        waiting.push(resolve as (answer: unknown) => void);
        child.send(request);
      }),
    end: () => child.kill(),
  };
}
