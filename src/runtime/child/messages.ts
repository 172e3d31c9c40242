/**
 * What a measuring or training child says to its parent: JSON lines on file descriptor 3, written
 * synchronously, so that whatever was said before an abort has arrived. The request comes as JSON on standard
 * input.
 */

/**
 * Descriptor of the two-way pipe: the child writes lines, and its other end closing means that the parent is
 * gone.
 */
export const channelDescriptor = 3;

export interface Outcome {
  /**
   * `done`: ended by itself with exit code 0. `exited`: another code. `signalled`: died of a signal (abort,
   * segmentation fault, kernel OOM kill). `silent`: said nothing for too long and was killed. `not-started`:
   * could not be spawned.
   */
  readonly kind: 'done' | 'exited' | 'signalled' | 'silent' | 'not-started';
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines of standard error. */
  readonly stderrTail: string;
  /** Whether the system's out-of-memory killer was at work while the child ran. */
  readonly kernelOutOfMemory: boolean;
  readonly silenceLimitMs: number;
}

export interface Failure {
  readonly status: 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
  /** One line. */
  readonly reason: string;
}

const outOfMemory =
  /JavaScript heap out of memory|Reached heap limit|std::bad_alloc|ResourceExhausted|RESOURCE_EXHAUSTED|OOM when allocating|CUDA_ERROR_OUT_OF_MEMORY|failed to allocate memory|out of memory|Array buffer allocation failed|Invalid typed array length|Cannot allocate memory/i;

/**
 * Whether an error text speaks of exhausted memory, in any of the ways that Node, C++, TensorFlow and CUDA
 * say it.
 */
export const speaksOfMemory = (text: string): boolean => outOfMemory.test(text);

/** The status that an error thrown inside the child stands for. */
export function failureOfError(error: unknown): Failure {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { status: speaksOfMemory(text) ? 'out-of-memory' : 'failed', reason: oneLine(text) };
}

/** The status that a child's end stands for; undefined where it ended well. */
export function failureOfOutcome(outcome: Outcome): Failure | undefined {
  const tail = lastLine(outcome.stderrTail);
  const said = tail === '' ? '' : `: ${tail}`;
  switch (outcome.kind) {
    case 'done':
      return undefined;
    case 'not-started':
      return { status: 'failed', reason: oneLine(`child: could not be started${said}`) };
    case 'silent':
      return {
        status: 'timed-out',
        reason: oneLine(`child: no sign of life for ${outcome.silenceLimitMs / 1000} s, killed${said}`),
      };
    case 'exited':
      return {
        status: speaksOfMemory(outcome.stderrTail)
          ? 'out-of-memory'
          : outcome.code !== null && outcome.code > 128
            ? 'crashed'
            : 'failed',
        reason: oneLine(`child: exit code ${outcome.code}${said}`),
      };
    case 'signalled':
      if (speaksOfMemory(outcome.stderrTail))
        return { status: 'out-of-memory', reason: oneLine(`child: ${outcome.signal}${said}`) };
      if (outcome.signal === 'SIGKILL' && outcome.kernelOutOfMemory)
        return {
          status: 'out-of-memory',
          reason: 'child: killed by the kernel, which had run out of memory',
        };
      return { status: 'crashed', reason: oneLine(`child: ${outcome.signal}${said}`) };
    default:
      return outcome.kind satisfies never;
  }
}

/** White space folded, at most 400 characters. */
export function oneLine(text: string): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return folded.length > 400 ? `${folded.slice(0, 397)}...` : folded;
}

/**
 * The last telling line: stack frames, warnings of V8 and blank lines say less than what stands above them.
 */
function lastLine(stderr: string): string {
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
