/**
 * A Python process that computes for this one: one request, one reply, in order. It ends when this process
 * ends, however that happens. Calls wait without the event loop, as calls into an engine's library do.
 */
import { join } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { NamedPython } from '../../setup/python/named-python.js';
import { UserError } from '../../util/errors.js';
import { builtEntry } from '../child/built-entry.js';
import { kernelKills } from '../child/child-process.js';
import { FailureError, oneLine } from '../child/failure.js';
import { rankFailure } from './rank-failure.js';
import { decodeMessage, encodeMessage, type WorkerTensor, workerProtocol } from './worker-messages.js';
import type { WorkerCommand, WorkerEvent, WorkerThreadData } from './worker-thread.js';

export interface PythonWorkerOptions {
  readonly runtime: 'pytorch' | 'onnxruntime';
  readonly python: NamedPython;
  /** Replaces this process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the worker must have said its protocol; default 60 s. */
  readonly startLimitMs?: number;
  /** Processes that torchrun starts; rank 0 answers. Default: one, without torchrun. */
  readonly ranks?: number;
  /** Worker script, for tests; default: the one of this package. */
  readonly script?: string;
}

export type Tensors = ReadonlyMap<string, WorkerTensor>;
export interface WorkerReply<Fields> {
  readonly fields: Fields;
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
}

/** An error that the worker's Python raised. */
export class WorkerError extends Error {
  /** @param type name of Python's class */
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

interface Greeting {
  readonly protocol: number;
  readonly python: string;
  readonly pid: number;
}

/** Arguments of the interpreter that start a script on several ranks of this machine. */
const torchrun = (ranks: number): string[] => [
  '-m',
  'torch.distributed.run',
  '--standalone',
  '--nproc-per-node',
  String(ranks),
];
const none: Tensors = new Map();
/** As long as a wait may be; jobs have limits of their own. */
const dayMs = 86_400_000;

export class PythonWorker {
  private readonly port: MessagePort;
  private readonly events = new Int32Array(new SharedArrayBuffer(4));
  private readonly where: string;
  private readonly killsBefore = kernelKills();
  private requests = 0;
  private lost: Error | undefined;
  /** Of the interpreter, such as `3.13.1`. */
  readonly pythonVersion: string;
  readonly pid: number;

  /**
   * Starts the worker and compares protocols.
   * @throws UserError where the interpreter cannot be started; FailureError where it ends, says nothing or
   * something else
   */
  constructor(options: PythonWorkerOptions) {
    const { runtime, python, environment, startLimitMs = 60_000 } = options;
    this.where = `runtime ${runtime}`;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: WorkerThreadData = {
      port: port2,
      events: this.events,
      command: python.command,
      args: [
        '-B',
        ...(options.ranks === undefined ? [] : torchrun(options.ranks)),
        options.script ?? join(import.meta.dirname, 'python', 'worker.py'),
        runtime,
      ],
      environment,
    };
    const thread = new Worker(builtEntry('runtime/python-worker/worker-thread.js'), {
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    thread.unref();
    this.port.unref();
    const greeting = this.nextMessage(startLimitMs, python).fields as Partial<Greeting>;
    if (greeting.protocol !== workerProtocol)
      throw this.fail(
        'failed',
        `the worker must speak protocol ${workerProtocol}, got ${JSON.stringify(greeting.protocol ?? null)}`,
      );
    this.pythonVersion = String(greeting.python);
    this.pid = Number(greeting.pid);
  }

  /**
   * Sends a request and waits for its reply.
   * @throws WorkerError where Python raised; FailureError where the worker ended or sent something else
   */
  request<Fields = object>(kind: string, fields: object = {}, tensors: Tensors = none): WorkerReply<Fields> {
    if (this.lost) throw this.lost;
    const id = ++this.requests;
    const message = encodeMessage({ id, kind, ...fields }, tensors);
    this.command({ type: 'write', ...message });
    const reply = this.nextMessage(dayMs);
    const { ok, error } = reply.fields as { ok?: unknown; error?: { type: string; message: string } };
    if (reply.fields['id'] !== id || typeof ok !== 'boolean')
      throw this.fail('failed', `the worker must answer request ${id}, got ${shortText(reply.fields)}`);
    if (!ok) throw new WorkerError(error?.type ?? 'Exception', oneLine(`${this.where}: ${error?.message}`));
    return reply as WorkerReply<Fields>;
  }

  /** Whether it has ended, or answers no more. */
  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** Ends the process. */
  close(): void {
    this.lost ??= new Error(`${this.where}: the worker is closed`);
    this.command({ type: 'kill' });
  }

  private command(command: WorkerCommand): void {
    this.port.postMessage(command);
  }

  private nextMessage(limitMs: number, python?: NamedPython): ReturnType<typeof decodeMessage> {
    const event = this.nextEvent(limitMs);
    switch (event?.type) {
      case 'message':
        return decodeMessage(event);
      case undefined:
        this.command({ type: 'kill' });
        throw this.fail('timed-out', `the worker said nothing for ${limitMs / 1000} s and was killed`);
      case 'invalid':
        throw this.fail('failed', `the worker must send messages, got ${JSON.stringify(event.text)}`);
      case 'ended':
        if (event.startError !== undefined && python) throw (this.lost = notStarted(this.where, python));
        throw this.ended(event);
      default:
        return event satisfies never;
    }
  }

  private nextEvent(limitMs: number): WorkerEvent | undefined {
    const end = performance.now() + limitMs;
    for (;;) {
      const seen = Atomics.load(this.events, 0);
      const received = receiveMessageOnPort(this.port) as { message: WorkerEvent } | undefined;
      if (received) return received.message;
      const leftMs = end - performance.now();
      if (leftMs <= 0) return undefined;
      Atomics.wait(this.events, 0, seen, leftMs);
    }
  }

  private ended({ code, signal, stderr }: Extract<WorkerEvent, { type: 'ended' }>): Error {
    const tail = stderr.trim().split('\n').at(-1) ?? '';
    const detail = tail === '' ? '' : `: ${tail}`;
    if (signal === 'SIGKILL' && kernelKills() > this.killsBefore)
      return this.fail('out-of-memory', 'the worker was killed by the kernel, which had run out of memory');
    const failed = rankFailure(stderr);
    if (failed) {
      const isKilled = failed.signal === 'SIGKILL' && kernelKills() > this.killsBefore;
      if (isKilled)
        return this.fail(
          'out-of-memory',
          `rank ${failed.rank} was killed by the kernel, which had run out of memory`,
        );
      const status = failed.signal === undefined ? 'failed' : 'crashed';
      return this.fail(status, `${failed.message}; the other ranks were ended`);
    }
    return signal === null
      ? this.fail('failed', `the worker ended with exit code ${code}${detail}`)
      : this.fail('crashed', `the worker was ended by ${signal}${detail}`);
  }

  private fail(status: FailureError['status'], message: string): Error {
    this.lost = new FailureError(status, oneLine(`${this.where}: ${message}`));
    return this.lost;
  }
}

const shortText = (value: unknown): string => JSON.stringify(value).slice(0, 200);

const notStarted = (where: string, { command, from }: NamedPython): UserError =>
  new UserError(`${where}: a Python interpreter is needed, got ${JSON.stringify(command)} of ${from}`, {
    fix: 'name one that has the package in STAGECRAFT_PYTHON',
  });
