/** How a child process ended, and the status and reason that a result row gets from it. */

export interface Outcome {
  /**
   * `done`: exit code 0. `exited`: another code. `signalled`: died of a signal (abort, segmentation fault,
   * kernel OOM kill). `silent`: sent nothing for too long and was killed. `invalid-message`: sent a line that
   * is none of the job's messages and was killed. `not-started`: could not be spawned.
   */
  readonly kind: 'done' | 'exited' | 'signalled' | 'silent' | 'invalid-message' | 'not-started';
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines of standard error, or what was wrong with the message. */
  readonly stderrTail: string;
  /** Whether the kernel's out-of-memory killer ended a process while the child ran. */
  readonly kernelOutOfMemory: boolean;
  readonly silenceLimitMs: number;
}

export interface Failure {
  readonly status: 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
  /** One line. */
  readonly reason: string;
}

/** An error whose status is known where it is thrown. */
export class FailureError extends Error {
  constructor(
    readonly status: Failure['status'],
    message: string,
  ) {
    super(message);
  }
}

/** The failure of a child that ended well but sent no result. */
export const noResult: Failure = { status: 'failed', reason: 'child: ended without a result' };

const outOfMemory = new RegExp(
  [
    'out of memory', // Node, CUDA
    'Reached heap limit',
    'Array buffer allocation failed',
    'Invalid typed array length',
    'std::bad_alloc',
    'ResourceExhausted',
    'RESOURCE_EXHAUSTED',
    'OOM when allocating',
    'CUDA_ERROR_OUT_OF_MEMORY',
    'failed to allocate memory',
    'Cannot allocate memory',
  ].join('|'),
  'i',
);

/** Whether an error text of Node, C++, TensorFlow or CUDA reports exhausted memory. */
export const isOutOfMemory = (text: string): boolean => outOfMemory.test(text);

/** The failure for an error thrown inside the child. */
export function failureOfError(error: unknown): Failure {
  if (error instanceof FailureError) return { status: error.status, reason: oneLine(error.message) };
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { status: isOutOfMemory(text) ? 'out-of-memory' : 'failed', reason: oneLine(text) };
}

/** The failure for a child's end; undefined where it ended well. */
export function failureOfOutcome(outcome: Outcome): Failure | undefined {
  const tail = lastTellingLine(outcome.stderrTail);
  const detail = tail === '' ? '' : `: ${tail}`;
  switch (outcome.kind) {
    case 'done':
      return undefined;
    case 'not-started':
      return { status: 'failed', reason: oneLine(`child: could not be started${detail}`) };
    case 'invalid-message':
      return { status: 'failed', reason: oneLine(`child: ${outcome.stderrTail}`) };
    case 'silent':
      return {
        status: 'timed-out',
        reason: oneLine(`child: no sign of life for ${outcome.silenceLimitMs / 1000} s, killed${detail}`),
      };
    case 'exited':
      return {
        status: exitStatus(outcome),
        reason: oneLine(`child: exit code ${outcome.code}${detail}`),
      };
    case 'signalled':
      return signalFailure(outcome, detail);
    default:
      return outcome.kind satisfies never;
  }
}

function exitStatus({ code, stderrTail }: Outcome): Failure['status'] {
  if (isOutOfMemory(stderrTail)) return 'out-of-memory';
  return code !== null && code > 128 ? 'crashed' : 'failed';
}

function signalFailure({ signal, stderrTail, kernelOutOfMemory }: Outcome, detail: string): Failure {
  const reason = oneLine(`child: ${signal}${detail}`);
  if (isOutOfMemory(stderrTail)) return { status: 'out-of-memory', reason };
  if (signal === 'SIGKILL' && kernelOutOfMemory)
    return { status: 'out-of-memory', reason: 'child: killed by the kernel, which had run out of memory' };
  return { status: 'crashed', reason };
}

/** Folds white space and cuts to 400 characters. */
export function oneLine(text: string): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return folded.length > 400 ? `${folded.slice(0, 397)}...` : folded;
}

/** The last line that names an error; stack frames, V8 notices and blank lines are skipped. */
function lastTellingLine(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter(
    (line) => !/^(at |Node\.js v|\d+: 0x|-----|\(Use `node|<---|\[\d+:0x|Aborted|\^)/.test(line),
  );
  const named = telling.findLast((line) =>
    /error|fatal|terminate|what\(\)|check failed|out of memory|assert/i.test(line),
  );
  return named ?? telling.at(-1) ?? lines.at(-1) ?? '';
}
