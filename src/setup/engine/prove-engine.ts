/** Tries an engine in a child process, since a library that aborts ends its process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../util/errors.js';
import { runProgram } from '../host/run-program.js';
import { isDiskFull, setupFailure } from '../host/setup-failure.js';
import type { EngineMeasurement } from './engine-info.js';
import { packageRoot } from './engine-paths.js';

export type Proof =
  | { readonly ok: true; readonly measured: EngineMeasurement; readonly log: string }
  /** `reason`: one line. `log`: TensorFlow's standard error. */
  | { readonly ok: false; readonly reason: string; readonly log: string };

/** Time limit of a proof, ms. */
const timeoutMs = 300_000;

/** Loads, checks and times the engine in `folder`. @throws InterruptedError only */
export async function proveEngine(
  folder: string,
  options: { readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined } = {},
): Promise<Proof> {
  const entry = join(packageRoot(), 'dist', 'setup', 'engine', 'prove-child.js');
  if (!existsSync(entry))
    throw new UserError(`prove: the built package is needed, found no ${entry}`, {
      fix: 'run `npm run build`',
    });
  const result = await runProgram(process.execPath, [entry, folder], {
    env: options.env ?? process.env,
    signal: options.signal,
    timeoutMs,
  });
  const line = result.stdout.split('\n').findLast((text) => text.startsWith('{'));
  const answer =
    line === undefined ? undefined : (JSON.parse(line) as { measured?: EngineMeasurement; error?: string });
  if (answer?.measured !== undefined && result.code === 0)
    return { ok: true, measured: answer.measured, log: result.tail };
  const signal =
    result.signal === 'SIGILL'
      ? 'SIGILL: the processor lacks an instruction that this TensorFlow was built for (AVX)'
      : result.signal;
  return {
    ok: false,
    reason: answer?.error ?? (signal ? `it was ended by ${signal}` : `it ended with code ${result.code}`),
    log: result.tail,
  };
}

/** The error of a set-up whose proof failed. */
export function proofFailure(proof: Proof & { ok: false }, kind: 'cpu' | 'cuda' | 'own'): UserError {
  if (isDiskFull(proof.log)) return setupFailure('trying the new engine', proof.log);
  return new UserError(`setup: trying the new engine failed: ${proof.reason}`, {
    fix:
      kind === 'cuda'
        ? 'check the driver with `nvidia-smi`, or take --device cpu; ' +
          'PyTorch is another way to the GPU (`npx stagecraft doctor` says whether it is there)'
        : 'run it again with --verbose; until then stagecraft runs on wasm',
  });
}
