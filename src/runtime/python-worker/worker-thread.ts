/**
 * A thread that owns the process of a worker and relays messages. The main thread waits for them without its
 * event loop, since the contract of runtimes has calls that return at once.
 */
import { spawn } from 'node:child_process';
import { type MessagePort, workerData } from 'node:worker_threads';
import { MessageReader } from './message-reader.js';
import type { RawMessage } from './worker-messages.js';

/** What the thread is started with. */
export interface WorkerThreadData {
  readonly port: MessagePort;
  /** Increased and notified after each event. */
  readonly events: Int32Array;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the main thread is told. */
export type WorkerEvent =
  | ({ readonly type: 'message' } & RawMessage)
  | { readonly type: 'invalid'; readonly text: string }
  | {
      readonly type: 'ended';
      readonly code: number | null;
      readonly signal: string | null;
      readonly stderr: string;
      /** Why it could not be started. */
      readonly startError?: string;
    };

/** What the main thread asks: lines and bytes to write, or to end the process. */
export type WorkerCommand =
  | { readonly type: 'write'; readonly line: string; readonly buffers: readonly Uint8Array[] }
  | { readonly type: 'kill' };

/** The ends of stdout and stderr may come late, or never, where the worker started processes of its own. */
const lastWordsMs = 200;

const { port, events, command, args, environment } = workerData as WorkerThreadData;
const tell = (event: WorkerEvent): void => {
  port.postMessage(event);
  Atomics.add(events, 0, 1);
  Atomics.notify(events, 0);
};

let stderr = '';
let isEnded = false;
const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
const reader = new MessageReader(
  (message) => tell({ type: 'message', ...message }),
  (text) => {
    tell({ type: 'invalid', text });
    child.kill('SIGKILL');
  },
);
child.stdout.on('data', (chunk: Buffer) => reader.add(chunk));
child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
  stderr = (stderr + chunk).slice(-8192);
});
child.stdin.on('error', () => {}); // the worker has ended: its end is the event
const end = (code: number | null, signal: string | null, startError?: string): void => {
  if (isEnded) return;
  isEnded = true;
  tell({ type: 'ended', code, signal, stderr, ...(startError !== undefined && { startError }) });
};
child.on('error', (error) => end(null, null, error.message));
child.on('close', end);
child.on('exit', (code, signal) => setTimeout(() => end(code, signal), lastWordsMs));

port.on('message', (asked: WorkerCommand) => {
  if (asked.type === 'kill') return void child.kill('SIGKILL');
  child.stdin.write(asked.line);
  for (const buffer of asked.buffers) child.stdin.write(buffer);
});
