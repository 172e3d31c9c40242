/** Starts a worker and opens its runtime; what a person can mend becomes a UserError with its fix. */
import { namedPython } from '../../setup/python/named-python.js';
import { UserError } from '../../util/errors.js';
import type { ComputeOptions } from '../compute.js';
import { PythonWorker, WorkerError } from './python-worker.js';
import { workerProtocol } from './worker-messages.js';

/** Packages that the runtimes need, as `pip` names them. */
export const workerPackages = { pytorch: 'torch', onnxruntime: 'onnxruntime' } as const;
export type WorkerRuntime = keyof typeof workerPackages;

/** The environment of a worker: this process's, with the threads of OpenMP and MKL. */
export const workerEnvironment = (threads: number): NodeJS.ProcessEnv => ({
  ...process.env,
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
});

/**
 * @param settings of the request `open`, besides threads
 * @throws UserError where the interpreter is missing, lacks the package, or has no such device
 */
export function openWorker<Facts>(
  runtime: WorkerRuntime,
  settings: object,
  { threads, python: named, ranks }: { readonly threads: number } & Pick<ComputeOptions, 'python' | 'ranks'>,
): { readonly worker: PythonWorker; readonly facts: Facts } {
  const python = namedPython(named);
  const worker = new PythonWorker({
    runtime,
    python,
    environment: workerEnvironment(threads),
    ...(ranks !== undefined && { ranks }),
  });
  try {
    const request = { protocol: workerProtocol, threads, ...settings };
    return { worker, facts: worker.request<Facts>('open', request).fields };
  } catch (error) {
    worker.close();
    throw error instanceof WorkerError
      ? openingProblem(error, runtime, python.command, worker.pythonVersion)
      : error;
  }
}

function openingProblem(error: WorkerError, runtime: WorkerRuntime, command: string, version: string): Error {
  const needed = workerPackages[runtime];
  if (error.type === 'ModuleNotFoundError')
    return new UserError(
      `runtime ${runtime}: the Python interpreter must have ${needed}, got ${JSON.stringify(command)} ` +
        `(${version}): ${error.message.replace(/^runtime \w+: /, '')}`,
      { fix: `${command} -m pip install ${needed}, or name another interpreter in STAGECRAFT_PYTHON` },
    );
  return error.type === 'ValueError' ? new UserError(error.message) : error;
}
