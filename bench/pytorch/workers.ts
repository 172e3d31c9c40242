/**
 * The two sides' processes: ours by Node's IPC, PyTorch's by JSON lines; one question, one answer at a time.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import envPaths from 'env-paths';

export interface Worker {
  ask<A>(request: object): Promise<A>;
  end(): void;
}

const packages = ['torch', 'timm', 'numpy', 'setuptools'];

/**
 * A Python that has PyTorch: `STAGECRAFT_BENCH_PYTHON`, or an environment of its own in the user's cache,
 * made on first use.
 */
export function pythonWithTorch(note: (line: string) => void): string {
  const named = process.env['STAGECRAFT_BENCH_PYTHON'];
  if (named) return named;
  const folder = join(envPaths('stagecraft', { suffix: '' }).cache, 'bench-python-timm');
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return python;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, '..'), { recursive: true });
  note('making a Python environment with PyTorch (about a gigabyte, once)');
  execFileSync('python3', ['-m', 'venv', fresh], { stdio: 'inherit' });
  execFileSync(
    join(fresh, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  renameSync(fresh, folder); // only a finished environment is ever seen; its interpreter finds its packages by its own place
  return python;
}

/** @param script answers JSON lines; default: the one of the bench network */
export function torchWorker(python: string, script: string = join(import.meta.dirname, 'worker.py')): Worker {
  const child = spawn(python, [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
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

export async function engineWorker(
  threads: number,
  environment: Readonly<Record<string, string>> = {},
  script: string = join(import.meta.dirname, 'engine-worker.ts'),
): Promise<Worker> {
  const count = String(threads);
  const child = fork(script, {
    execArgv: ['--import', 'tsx'],
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
