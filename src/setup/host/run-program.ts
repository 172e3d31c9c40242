/** Runs a program to its end: output by line, interruption, and failure as a value with the last lines. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { InterruptedError } from '../../util/errors.js';

export interface ProgramResult {
  /** Exit code; -1 where it was ended by a signal, -2 where it could not be started. */
  readonly code: number;
  readonly signal: string;
  readonly stdout: string;
  /** The last lines of both streams, in order. */
  readonly tail: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the program is ended. No limit by default. */
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
}

const tailLines = 60;
const keptCharacters = 4_000_000;

/** Ends the program and its children: it leads a process group. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // already gone
  }
}

/** Runs `file` with `args`; a failure of the program is a result. @throws InterruptedError on `signal` */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(new InterruptedError('interrupted'));
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const tail: string[] = [];
    let stdout = '';
    const take = (isOut: boolean) => (line: string) => {
      if (isOut && stdout.length < keptCharacters) stdout += `${line}\n`;
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on('line', take(true));
    createInterface({ input: child.stderr }).on('line', take(false));
    const abort = () => child.pid !== undefined && endGroup(child.pid);
    options.signal?.addEventListener('abort', abort, { once: true });
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(abort, options.timeoutMs);
    const finish = (result: ProgramResult) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      process.removeListener('exit', abort);
      if (options.signal?.aborted) reject(new InterruptedError('interrupted'));
      else resolve(result);
    };
    process.once('exit', abort);
    child.once('error', (error) => finish({ code: -2, signal: '', stdout, tail: error.message }));
    child.once('close', (code, signal) =>
      finish({ code: code ?? -1, signal: signal ?? '', stdout, tail: tail.join('\n') }),
    );
  });
}
