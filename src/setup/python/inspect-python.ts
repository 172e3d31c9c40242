/** What the person's Python interpreter has: PyTorch and ONNX Runtime, and why not. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type NamedPython, namedPython } from './named-python.js';

export interface TorchFacts {
  readonly version: string;
  /** CUDA version it was built for; '' without. */
  readonly cuda: string;
  /** Names of the GPUs that it sees. */
  readonly gpus: readonly string[];
  /** Whether it sees an Apple GPU. */
  readonly metal: boolean;
  /** Whether torch.compile finds a C++ compiler, or Triton for a GPU. */
  readonly compiles: boolean;
}
export interface OnnxruntimePackage {
  readonly version: string;
  /** As ONNX Runtime names them, e.g. `CPUExecutionProvider`. */
  readonly providers: readonly string[];
}
/** Why a package cannot be imported. */
export interface MissingPackage {
  readonly missing: string;
}

export type PythonFacts =
  | {
      readonly state: 'found';
      readonly named: NamedPython;
      readonly python: string;
      readonly executable: string;
      readonly torch: TorchFacts | MissingPackage;
      readonly onnxruntime: OnnxruntimePackage | MissingPackage;
    }
  | { readonly state: 'absent'; readonly named: NamedPython; readonly reason: string };

const script = join(import.meta.dirname, 'inspect', 'inspect_packages.py');

/** Runs the interpreter; takes seconds where it has PyTorch. */
export async function inspectPython(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<PythonFacts> {
  const named = namedPython(undefined, env);
  try {
    const { stdout } = await promisify(execFile)(named.command, ['-B', script], {
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...env },
    });
    return { state: 'found', named, ...(JSON.parse(stdout) as object) } as PythonFacts;
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    return { state: 'absent', named, reason: stderr?.trim().split('\n').at(-1) || message.split('\n')[0]! };
  }
}
