/**
 * Ctrl-C for commands with child processes: the first stops them and exits resumably with 130, the second
 * exits at once.
 */
import { InterruptedError } from '../util/errors.js';
import { exitCodes } from './exit-codes.js';

/** Runs `body` with a signal that SIGINT, SIGTERM and SIGHUP abort. */
export async function interruptible<V>(body: (signal: AbortSignal) => Promise<V>): Promise<V> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new InterruptedError('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, stop);
  try {
    return await body(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
