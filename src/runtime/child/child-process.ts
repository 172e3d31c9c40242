/**
 * Spawns a child process and relays its messages. A TensorFlow or CUDA fault aborts its process and
 * JavaScript cannot catch that, so the parent never executes a network itself. A child's failure is an
 * `Outcome`, not an exception; only an abort by the caller's signal throws.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { InterruptedError } from '../../util/errors.js';
import { removeStaleFolders } from '../temporary-folder.js';
import type { Outcome } from './failure.js';

/**
 * File descriptor of the two-way pipe: the child writes one JSON message per line. The end of the stream
 * shows each side that the other is gone.
 */
export const channelDescriptor = 3;

export interface ChildProcessOptions {
  /** Entry script, absolute. */
  readonly entry: string;
  /** Arguments of the script. */
  readonly args?: readonly string[];
  /** Written to the child's standard input as one line of JSON. */
  readonly request: unknown;
  /** Added to this process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * The child is killed when it sends nothing for this long; it must send at least once per block, step or
   * phase.
   */
  readonly silenceLimitMs: number;
  readonly signal?: AbortSignal;
  /**
   * Checks the shape of a message; a line that fails ends the child as `invalid-message`. Default: any JSON.
   */
  isMessage?(value: unknown): boolean;
  onMessage(message: unknown): void;
}

/** A child that accepts commands after its request. */
export interface ChildHandle<Command = object> {
  /** Sends a command as one line; the child must answer within the silence limit. */
  send(command: Command): void;
  /** Suspends the silence limit until the next command. */
  rest(): void;
  /** Closes the command stream; the child ends by itself. */
  finish(): void;
  /** Rejects with InterruptedError when the caller's signal aborted; the child is dead by then. */
  readonly ended: Promise<Outcome>;
}

type KillReason = 'silent' | 'invalid-message' | 'interrupted';

/**
 * Starts a child and leaves its command stream open. The silence limit counts from the start, and from each
 * command, to `rest`.
 */
export function startChild(options: ChildProcessOptions): ChildHandle {
  const { signal, silenceLimitMs } = options;
  if (signal?.aborted) return unstartedChild();
  const killsBefore = kernelKills();
  const child = spawn(process.execPath, ['--enable-source-maps', options.entry, ...(options.args ?? [])], {
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  let [stderr, spawnError]: [string, string] = ['', ''];
  let killedFor: KillReason | undefined;
  const kill = (reason: KillReason): void => {
    killedFor = reason;
    child.kill('SIGKILL');
  };
  const startTimer = (): NodeJS.Timeout => setTimeout(() => kill('silent'), silenceLimitMs);
  let silence = startTimer();
  const abort = (): void => kill('interrupted');
  signal?.addEventListener('abort', abort, { once: true });

  const receive = (line: string): void => {
    if (line === '' || killedFor === 'interrupted' || killedFor === 'invalid-message') return;
    const message = parseMessage(line, options.isMessage);
    if (message === undefined) {
      stderr = `invalid message ${line.slice(0, 200)}`;
      kill('invalid-message');
    } else options.onMessage(message);
  };
  readLines(child.stdio[channelDescriptor] as NodeJS.ReadableStream, receive, () => silence.refresh());
  child.stderr!.setEncoding('utf8');
  child.stderr!.on('data', (chunk: string) => {
    if (killedFor !== 'invalid-message') stderr = (stderr + chunk).slice(-8192);
  });
  child.stdin!.on('error', () => {}); // the child ended before it read: its exit is the outcome
  child.stdin!.write(`${JSON.stringify(options.request)}\n`);
  child.on('error', (error) => {
    spawnError = error.message;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('close', (code, exitSignal) => {
      clearTimeout(silence);
      signal?.removeEventListener('abort', abort);
      if (exitSignal !== null) removeStaleFolders({ dead: child.pid });
      if (killedFor === 'interrupted') reject(new InterruptedError('interrupted; the child was ended'));
      else
        resolve({
          kind: spawnError === '' ? (killedFor ?? exitKind(code, exitSignal)) : 'not-started',
          code,
          signal: exitSignal,
          stderrTail: spawnError || stderr,
          kernelOutOfMemory: kernelKills() > killsBefore,
          silenceLimitMs,
        });
    });
  });
  return {
    ended,
    rest: () => clearTimeout(silence),
    send(command) {
      clearTimeout(silence);
      silence = startTimer();
      child.stdin!.write(`${JSON.stringify(command)}\n`);
    },
    finish: () => void child.stdin!.end(),
  };
}

const unstartedChild = (): ChildHandle => ({
  send() {},
  rest() {},
  finish() {},
  ended: Promise.reject(new InterruptedError('interrupted before the child was started')),
});

function exitKind(code: number | null, signal: string | null): 'signalled' | 'done' | 'exited' {
  if (signal !== null) return 'signalled';
  return code === 0 ? 'done' : 'exited';
}

/** The message on a line; undefined where the line is not JSON or fails `isMessage`. */
function parseMessage(line: string, isMessage: (value: unknown) => boolean = () => true): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return isMessage(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void, onData: () => void): void {
  let pending = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    onData();
    const lines = (pending + chunk).split('\n');
    pending = lines.pop()!;
    for (const line of lines) onLine(line);
  });
  stream.on('error', () => {}); // the child was killed while it wrote: its exit is the outcome
}

/**
 * Processes that the kernel has killed for memory since boot, in this control group or on the machine; 0
 * where unknown.
 */
export function kernelKills(): number {
  let kills = 0;
  for (const [file, pattern] of [
    ['/sys/fs/cgroup/memory.events', /^oom_kill (\d+)$/m],
    ['/proc/vmstat', /^oom_kill (\d+)$/m],
  ] as const) {
    try {
      kills += Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
    } catch {
      // not Linux, or not readable: only the signal is known
    }
  }
  return kills;
}
