/** What torchrun says of the rank that failed first, which ended all others. Pure. */
import { constants } from 'node:os';

export interface RankFailure {
  readonly rank: number;
  /** Undefined where it ended by itself. */
  readonly signal: string | undefined;
  /** E.g. `rank 1 was ended by SIGKILL`, with the last line that this rank said. */
  readonly message: string;
}

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;

/** @param stderr of torchrun; undefined where it names no rank */
export function rankFailure(stderr: string): RankFailure | undefined {
  const summary = stderr.slice(Math.max(0, stderr.lastIndexOf('Root Cause')));
  const found = /^\s*rank\s*:\s*(\d+)[^\n]*\n\s*exitcode\s*:\s*(-?\d+)/m.exec(summary);
  if (!found) return undefined;
  const [rank, code] = [Number(found[1]), Number(found[2])];
  const said = [...stderr.matchAll(new RegExp(`^(?:\\[rank${rank}\\]:?|rank ${rank}:)\\s*(\\S.*)$`, 'gm'))];
  const last = said.at(-1)?.[1];
  const signal = code < 0 ? signalName(-code) : undefined;
  const end = signal === undefined ? `ended with exit code ${code}` : `was ended by ${signal}`;
  return { rank, signal, message: `rank ${rank} ${end}${last === undefined ? '' : `: ${last}`}` };
}
