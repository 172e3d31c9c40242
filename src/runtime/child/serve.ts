/**
 * The child's side of a job: reads the request, runs the job's handler, sends its messages, dies with its
 * parent. A worker thread watches the parent's end of the channel, since a native call can block the main
 * thread for seconds.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { loadNamedBlocks } from '../load-blocks.js';
import { channelDescriptor } from './child-process.js';
import { failureOfError, oneLine } from './failure.js';
import { type ChildJob, type FailedMessage, isTagged, type JobRequest, type Tagged } from './job.js';

/** Sends one message. Blocks until it is written, so that it survives an abort that follows. */
export type Send<Message extends Tagged> = (message: Message) => void;

/** Runs one request; `commands` ends when the parent closes its command stream. */
export type JobWork<Request extends JobRequest, Message extends Tagged, Command extends Tagged = never> = (
  request: Request,
  send: Send<Message>,
  commands: AsyncIterable<Command>,
) => Promise<void>;

/** A job's name and its work, the types of request, message and command erased. */
export interface JobHandler {
  readonly name: string;
  run(request: unknown, send: Send<Tagged>, commands: AsyncIterable<unknown>): Promise<void>;
}

/** Binds work to its job; the types of both must agree. */
export const jobHandler = <Request extends JobRequest, Message extends Tagged, Command extends Tagged>(
  job: ChildJob<Request, Message, Command>,
  work: JobWork<Request, Message, Command>,
): JobHandler => ({
  name: job.name,
  run: (request, send, commands) => work(request as Request, send, commands as AsyncIterable<Command>),
});

/**
 * Runs the handler that the first argument of the process names, and ends the process: with code 0 when it
 * returns, with 1 when it throws, after sending the failure. Entry scripts call this and nothing else.
 */
export async function serve(handlers: readonly JobHandler[]): Promise<never> {
  try {
    await dieWithParent();
    await loadNamedBlocks();
    const handler = findHandler(handlers, process.argv[2]);
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error('child: the request must be one line of JSON, got no line');
    await handler.run(JSON.parse(first.value), send, readCommands(lines));
    process.exit(0);
  } catch (error) {
    const message: FailedMessage = { type: 'failed', failure: failureOfError(error) };
    send(message);
    process.stderr.write(
      `\n${error instanceof Error ? (error.stack ?? error.message) : oneLine(String(error))}\n`,
    );
    process.exit(1);
  }
}

function findHandler(handlers: readonly JobHandler[], name: string | undefined): JobHandler {
  const found = handlers.find((handler) => handler.name === name);
  if (found) return found;
  const names = handlers.map((handler) => JSON.stringify(handler.name)).join(', ');
  throw new Error(`child: the job must be one of ${names}, got ${JSON.stringify(name ?? '')}`);
}

async function* readCommands(lines: AsyncIterator<string>): AsyncGenerator<Tagged> {
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const command: unknown = JSON.parse(next.value);
    if (!isTagged(command))
      throw new Error(`child: a command must be an object with a type, got ${oneLine(next.value)}`);
    yield command;
  }
}

const send: Send<Tagged> = (message) => {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(channelDescriptor, bytes, written);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // the pipe is full
      else process.exit(130); // the parent is gone
    }
  }
};

/** Kills this process when the other end of the channel closes, however busy the main thread is. */
function dieWithParent(): Promise<void> {
  const watcher = new Worker(
    `
    const { Socket } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const channel = new Socket({ fd: ${channelDescriptor}, readable: true, writable: false });
    const die = () => process.kill(process.pid, 'SIGKILL');
    channel.on('end', die).on('close', die).on('error', die).resume();
    parentPort.postMessage('watching');
  `,
    { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 8 } },
  );
  watcher.unref();
  return new Promise((resolve) => {
    watcher.once('message', () => resolve());
  });
}
