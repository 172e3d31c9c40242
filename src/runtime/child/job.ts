/**
 * A job: one kind of work that runs in a child process, with typed request, messages and commands.
 *
 * The room that owns a job declares it with `childJob` and imports that value on both sides. The parent calls
 * `runJob` (or `startJob`, for jobs that take commands). The room's entry script calls `serve` (`serve.ts`)
 * with a table of `jobHandler`s. A job that throws in the child ends as a `Failure`, never as an exception in
 * the parent.
 */
import { engineEnvironment, silenceFactor } from '../../setup/engine/engine-environment.js';
import type { Execution, RuntimeId } from '../runtime.js';
import { builtEntry } from './built-entry.js';
import { type ChildHandle, startChild } from './child-process.js';
import { type Failure, failureOfOutcome } from './failure.js';

/** A case of a discriminated union. */
export interface Tagged {
  readonly type: string;
}

/** Fields that every request has. */
export interface JobRequest {
  /** Threads of the engine; set in the child's environment before it loads. */
  readonly threads: number;
  readonly runtime?: RuntimeId | 'auto';
  readonly execution?: Execution | 'auto';
}

/** How many times longer a child may be silent than its job says: torch.compile says nothing for minutes. */
export const compileFactor = ({ runtime, execution }: Omit<JobRequest, 'threads'>): number =>
  runtime === 'pytorch' && execution === 'compiled' ? 10 : 1;

export interface ChildJob<
  Request extends JobRequest,
  Message extends Tagged,
  Command extends Tagged = never,
> {
  /** Selects the handler in the entry script. */
  readonly name: string;
  /** Built entry script, below `dist`. */
  readonly entry: string;
  /** Default of `JobOptions.silenceLimitMs`. */
  readonly silenceLimitMs: number;
  /** Never set: carries the types. */
  readonly types?: readonly [Request, Message, Command];
}

/**
 * Declares a job.
 * @example childJob<PartsRequest, PartsMessage>({ name: 'parts', entry: 'profile/profile-child.js',
 * silenceLimitMs: 180_000 })
 */
export const childJob = <Request extends JobRequest, Message extends Tagged, Command extends Tagged = never>(
  job: Omit<ChildJob<Request, Message, Command>, 'types'>,
): ChildJob<Request, Message, Command> => job;

/** Sent by `serve` when a handler throws. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly failure: Failure;
}

/** One function per message type: a missing or misspelt type does not compile. */
export type MessageHandlers<Message extends Tagged> = {
  readonly [Type in Message['type']]: (message: Extract<Message, { readonly type: Type }>) => void;
};

export interface JobOptions {
  /** Aborting kills the child. */
  readonly signal?: AbortSignal | undefined;
  /** A child that sends nothing for this long is killed; default: the job's. */
  readonly silenceLimitMs?: number | undefined;
  /** Entry script, absolute; default: the job's. */
  readonly entry?: string | undefined;
  /** Added to the child's environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** A started job; `ended` resolves to undefined where the job ended without a failure. */
export interface JobHandle<Command extends Tagged> extends Omit<ChildHandle<Command>, 'ended'> {
  readonly ended: Promise<Failure | undefined>;
}

/**
 * Starts a job and leaves its command stream open.
 * Each message goes to the function of its type; a message of another type ends the child with a failure.
 */
export function startJob<Request extends JobRequest, Message extends Tagged, Command extends Tagged>(
  job: ChildJob<Request, Message, Command>,
  request: Request,
  handlers: MessageHandlers<Message>,
  options: JobOptions = {},
): JobHandle<Command> {
  let reported: Failure | undefined;
  const table: Readonly<Record<string, (message: never) => void>> = {
    ...handlers,
    failed: ({ failure }: FailedMessage) => {
      reported = failure;
    },
  };
  const child = startChild({
    entry: options.entry ?? builtEntry(job.entry),
    args: [job.name],
    request,
    environment: { ...engineEnvironment({ threads: request.threads }), ...options.environment },
    silenceLimitMs:
      options.silenceLimitMs ?? job.silenceLimitMs * Math.max(silenceFactor(), compileFactor(request)),
    ...(options.signal && { signal: options.signal }),
    isMessage: (value) => isTagged(value) && Object.hasOwn(table, value.type),
    onMessage: (message) => table[(message as Tagged).type]!(message as never),
  });
  return { ...child, ended: child.ended.then((outcome) => reported ?? failureOfOutcome(outcome)) };
}

/**
 * Runs a job to its end.
 * @returns the failure that the child reported or died of; undefined where it ended well
 * @throws InterruptedError when the signal aborts; the child is dead by then
 */
export async function runJob<Request extends JobRequest, Message extends Tagged>(
  job: ChildJob<Request, Message>,
  request: Request,
  handlers: MessageHandlers<Message>,
  options: JobOptions = {},
): Promise<Failure | undefined> {
  const child = startJob(job, request, handlers, options);
  child.finish();
  return child.ended;
}

export const isTagged = (value: unknown): value is Tagged =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Tagged>).type === 'string';
