/**
 * Input and output of a command: two streams, colour, width, environment. Tests pass their own.
 */
import { once } from 'node:events';
import pc from 'picocolors';

export interface Output {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  once?(event: 'drain', listener: () => void): unknown;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For stdout; NO_COLOR and FORCE_COLOR are respected. */
  readonly colours: ReturnType<typeof pc.createColors>;
  /** Whether stderr is a terminal: bars instead of plain lines. */
  readonly isInteractive: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
}

/** Colour where stdout is a terminal that supports it; NO_COLOR and FORCE_COLOR override. */
export function wantsColour(env: Io['env'], isTerminal: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // A closed pipe (`| head`) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout,
    stderr,
    env,
    colours: pc.createColors(wantsColour(env, stdout.isTTY)),
    isInteractive: stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI,
    width: stdout.columns ?? 100,
  };
}

export function print(io: Io, text = ''): void {
  io.stdout.write(`${text}\n`);
}

/** For streams of many lines: waits while the reader is behind. */
export async function printLine(io: Io, text: string): Promise<void> {
  if (!io.stdout.write(`${text}\n`) && io.stdout.once) await once(io.stdout as NodeJS.WriteStream, 'drain');
}

/** One object, one line; bigints as strings. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
