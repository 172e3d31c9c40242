/**
 * Runs one request in a child process and hands on what it says. A TensorFlow or CUDA fault aborts its
 * process, which nothing in JavaScript can catch: so nothing that executes a network runs in the parent.
 * Never throws for what the child does; only an interruption by the caller's signal throws.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InterruptedError } from '../../util/errors.js';
import { removeStaleFolders } from '../temporary.js';
import { channelDescriptor, type Outcome } from './messages.js';

export interface ChildJob {
  /** Entry script, absolute. */
  readonly entry: string;
  /** Sent as JSON. */
  readonly request: unknown;
  /** Added to this process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * The child is killed when it says nothing for this long; it speaks at least once per block, step or phase.
   */
  readonly silenceLimitMs: number;
  readonly signal?: AbortSignal;
  onMessage(message: unknown): void;
}

/** A child that goes on taking commands after its request. */
export interface ChildHandle {
  /** Sends a command as one line; the child is expected to answer within the silence limit. */
  send(command: object): void;
  /** Nothing is owed for now: the child may be silent until the next command. */
  rest(): void;
  /** Says that no command follows; the child ends by itself. */
  finish(): void;
  /** How it ended. Rejects with InterruptedError when the job's signal aborted; the child is dead by then. */
  readonly ended: Promise<Outcome>;
}

/** @throws InterruptedError when `signal` aborts; the child is dead by then */
export async function runChild(job: ChildJob): Promise<Outcome> {
  const child = startChild(job);
  child.finish();
  return child.ended;
}

/**
 * Starts a child and leaves it open for commands. The limit on silence counts from the start, and from each
 * command, to `rest`.
 */
export function startChild(job: ChildJob): ChildHandle {
  if (job.signal?.aborted) {
    return {
      send() {},
      rest() {},
      finish() {},
      ended: Promise.reject(new InterruptedError('interrupted before the child was started')),
    };
  }
  const killsBefore = kernelKills();
  const child = spawn(process.execPath, ['--enable-source-maps', job.entry], {
    env: { ...process.env, ...job.environment },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const channel = child.stdio[channelDescriptor] as NodeJS.ReadableStream;
  let [stderr, pending, interrupted, silent, spawnError] = ['', '', false, false, ''];
  let silence: NodeJS.Timeout;
  const arm = (): void => {
    silence = setTimeout(() => {
      silent = true;
      child.kill('SIGKILL');
    }, job.silenceLimitMs);
  };
  arm();
  const abort = (): void => {
    interrupted = true;
    child.kill('SIGKILL');
  };
  job.signal?.addEventListener('abort', abort, { once: true });

  channel.setEncoding('utf8');
  channel.on('data', (chunk: string) => {
    silence.refresh();
    pending += chunk;
    const lines = pending.split('\n');
    pending = lines.pop()!;
    for (const line of lines) if (line !== '' && !interrupted) job.onMessage(JSON.parse(line));
  });
  channel.on('error', () => {}); // a child killed in mid-sentence: its exit tells the story
  child.stderr!.setEncoding('utf8');
  child.stderr!.on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-8192);
  });
  child.stdin!.on('error', () => {});
  child.stdin!.write(`${JSON.stringify(job.request)}\n`);
  child.on('error', (error) => {
    spawnError = error.message;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(silence);
      job.signal?.removeEventListener('abort', abort);
      if (signal !== null) removeStaleFolders({ dead: child.pid });
      if (interrupted) {
        reject(new InterruptedError('interrupted; the child was ended'));
        return;
      }
      const kind =
        spawnError !== ''
          ? 'not-started'
          : silent
            ? 'silent'
            : signal !== null
              ? 'signalled'
              : code === 0
                ? 'done'
                : 'exited';
      resolve({
        kind,
        code,
        signal,
        stderrTail: spawnError || stderr,
        kernelOutOfMemory: kernelKills() > killsBefore,
        silenceLimitMs: job.silenceLimitMs,
      });
    });
  });
  return {
    ended,
    rest() {
      clearTimeout(silence);
    },
    send(command) {
      clearTimeout(silence);
      arm();
      child.stdin!.write(`${JSON.stringify(command)}\n`);
    },
    finish() {
      child.stdin!.end();
    },
  };
}

/**
 * Absolute path of a built entry script, also when the caller runs from `src`. @param path e.g.
 * `profile/candidate/profile-child.js`
 */
export function builtEntry(path: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder))
      throw new Error(`builtEntry: no package.json above ${JSON.stringify(import.meta.dirname)}`);
    folder = dirname(folder);
  }
  const entry = join(folder, 'dist', path);
  if (!existsSync(entry))
    throw new Error(`builtEntry: ${JSON.stringify(entry)} must exist; run "npm run build"`);
  return entry;
}

/**
 * How often the kernel has killed for memory since boot, in this control group or at all; 0 where it does not
 * say.
 */
function kernelKills(): number {
  let kills = 0;
  for (const [file, pattern] of [
    ['/sys/fs/cgroup/memory.events', /^oom_kill (\d+)$/m],
    ['/proc/vmstat', /^oom_kill (\d+)$/m],
  ] as const) {
    try {
      kills += Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
    } catch {
      // not Linux, or not readable: the signal alone must tell
    }
  }
  return kills;
}
