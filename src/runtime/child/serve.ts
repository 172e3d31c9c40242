/**
 * The child's side: reads the request, speaks on the channel, dies with its parent.
 * A worker thread watches the parent's end, since the main thread may be inside a native call for seconds.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { channelDescriptor, oneLine } from './messages.js';

/** Says one message. Blocks until it is written, so that it survives an abort that follows. */
export type Say = (message: object) => void;

/**
 * Runs `work` on the request and ends the process: 0 when it returns, 1 when it throws.
 * `commands` are the lines after the request, as they come, until the parent says that none follows.
 * Entry scripts call this and nothing else.
 */
export async function serve<Q, C = never>(
  work: (request: Q, say: Say, commands: AsyncIterable<C>) => Promise<void>,
): Promise<never> {
  try {
    await dieWithParent();
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error('child: a request as one line of JSON is needed, got none');
    const commands = async function* (): AsyncGenerator<C> {
      for (let next = await lines.next(); !next.done; next = await lines.next())
        yield JSON.parse(next.value) as C;
    };
    await work(JSON.parse(first.value) as Q, say, commands());
    process.exit(0);
  } catch (error) {
    process.stderr.write(
      `\n${error instanceof Error ? (error.stack ?? error.message) : oneLine(String(error))}\n`,
    );
    process.exit(1);
  }
}

const say: Say = (message) => {
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
