/**
 * Exit codes, decided here alone: 0 done, 1 a bug (stack), 2 the user's mistake (one message), 130
 * interrupted.
 */
import { CommanderError } from 'commander';
import { InterruptedError, UserError } from '../util/errors.js';
import { asCalled } from './output/as-called.js';
import type { Io } from './output/io.js';

export const exitCodes = { done: 0, bug: 1, mistake: 2, interrupted: 130 } as const;

/** Help and version end as errors of commander too. */
const isAsked = ({ code }: CommanderError): boolean =>
  code === 'commander.helpDisplayed' || code === 'commander.help' || code === 'commander.version';

/** Prints `error` on stderr and returns its exit code. */
export function reportError(error: unknown, io: Io): number {
  // commander has printed it
  if (error instanceof CommanderError) return isAsked(error) ? exitCodes.done : exitCodes.mistake;
  if (error instanceof UserError) {
    const fix = error.fix === undefined ? '' : `  ${error.fix}\n`;
    io.stderr.write(asCalled(`${error.message}\n${fix}`, io));
    return exitCodes.mistake;
  }
  if (error instanceof InterruptedError) {
    io.stderr.write(asCalled(`${error.message || 'interrupted'}\n`, io));
    return exitCodes.interrupted;
  }
  io.stderr.write(
    'stagecraft: this is a bug in stagecraft, please report it with the lines ' +
      `below\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.bug;
}
