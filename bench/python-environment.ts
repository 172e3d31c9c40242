/** Python environments of the benchmarks that compare with other people's software. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

interface PythonEnvironment {
  /** Environment variable that names an interpreter to use instead. */
  readonly variable: string;
  /** Folder in the user's cache. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** What a person is told while it is made, such as `PyTorch (about a gigabyte, once)`. */
  readonly content: string;
}

/** The interpreter that the variable names, or that of an environment in the user's cache, made on first use. */
export function benchPython(
  { variable, folder, packages, content }: PythonEnvironment,
  note: (line: string) => void,
): string {
  const named = process.env[variable];
  if (named) return named;
  const environment = join(envPaths('stagecraft', { suffix: '' }).cache, folder);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return python;
  const fresh = `${environment}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, '..'), { recursive: true });
  note(`making a Python environment with ${content}`);
  execFileSync('python3', ['-m', 'venv', fresh], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  execFileSync(join(fresh, 'bin', 'python'), install, { stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(fresh, environment); // only a finished environment is ever seen; its interpreter finds its packages by its own place
  return python;
}
