/**
 * Makes the Python environment of the tests of exported networks: `node scripts/python-environment.mjs`. It is
 * kept in the user's cache under a name that holds the versions, so that a change of a version makes a new one.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

/** Versions of the packages; torch of PyTorch's own index of CPU wheels where that can be reached. */
const torch = 'torch==2.15.0';
const packages = [
  'numpy==2.4.6',
  'safetensors==0.8.0',
  'onnx==1.23.2',
  'onnxruntime==1.31.1',
  'ruff==0.17.6',
];
const cpuIndex = 'https://download.pytorch.org/whl/cpu';

const key = createHash('sha256')
  .update([torch, ...packages].join())
  .digest('hex')
  .slice(0, 8);
export const environmentFolder = join(envPaths('stagecraft', { suffix: '' }).cache, `test-python-${key}`);

const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

async function reachable(url) {
  try {
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function makeEnvironment() {
  if (existsSync(environmentFolder)) return;
  const fresh = `${environmentFolder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, '..'), { recursive: true });
  run('python3', ['-m', 'venv', fresh]);
  const pip = [
    join(fresh, 'bin', 'python'),
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
  ];
  const [python, ...install] = pip;
  const index = (await reachable(`${cpuIndex}/torch/`)) ? ['--index-url', cpuIndex] : [];
  run(python, [...install, ...index, torch]);
  run(python, [...install, ...packages]);
  renameSync(fresh, environmentFolder); // only a finished environment is ever seen
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await makeEnvironment();
  process.stdout.write(`${join(environmentFolder, 'bin', 'python')}\n`);
}
