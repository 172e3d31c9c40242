/**
 * `stagecraft explore`: the interactive screen on a terminal, a plain table elsewhere, or one frame as text
 * or picture. Enters: a database file, read again when it changes. Leaves: text on stdout or an SVG file.
 * Callers: the cli.
 */
import { writeFileSync } from 'node:fs';
import { render } from 'ink';
import { candidateTable } from '../analysis/summary/candidate-table.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { App } from './app.js';
import { databaseSource } from './database-source.js';
import { frameSvg, frameText } from './frame.js';
import { type Size, screenLines } from './screen.js';
import { initialState, reduce, type ScreenState } from './screen-state.js';
import { wantsColour } from './terminal-theme.js';

export interface ExploreOptions {
  readonly experimentId?: string;
  readonly deviceId?: string;
  /** Print one frame of this size instead of opening the screen. */
  readonly frame?: Size;
  /** Write that frame as an SVG picture to this file instead of printing it. */
  readonly svgFile?: string;
  /** The screen of the frame; default: the table. */
  readonly screen?: 'table' | 'plot' | 'detail' | 'help';
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** @throws UserError where the database cannot be read */
export async function runExplore(databaseFile: string, options: ExploreOptions = {}): Promise<void> {
  const { stdin = process.stdin, stdout = process.stdout, environment = process.env } = options;
  const source = databaseSource(databaseFile, options);
  const result = source.read()!;
  if (options.frame)
    return showFrame(
      result,
      options,
      options.frame,
      stdout,
      wantsColour(environment) && stdout.isTTY === true,
    );
  if (!stdin.isTTY || !stdout.isTTY || environment['CI']) {
    // in CI Ink draws nothing before the end
    stdout.write(plainText(initialState(result)));
    return;
  }
  const restore = enterScreen(stdout);
  try {
    const app = render(<App result={result} source={source} colour={wantsColour(environment)} />, {
      stdin,
      stdout,
      exitOnCtrlC: true,
      patchConsole: true,
    });
    await app.waitUntilExit();
  } finally {
    restore();
  }
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Switches to the terminal's alternate screen; the returned function restores the main one, and so do an exit
 * and a signal.
 */
function enterScreen(stdout: NodeJS.WriteStream): () => void {
  let inside = true;
  const restore = (): void => {
    if (!inside) return;
    inside = false;
    stdout.write('\x1b[?25h\x1b[?1049l');
    process.off('exit', restore);
    for (const signal of endSignals) process.off(signal, endBySignal);
  };
  const endBySignal = (signal: NodeJS.Signals): void => {
    restore();
    process.kill(process.pid, signal); // the listener is gone: the signal now ends the process
  };
  process.on('exit', restore);
  for (const signal of endSignals) process.on(signal, endBySignal);
  stdout.write('\x1b[?1049h\x1b[2J\x1b[H');
  return restore;
}

/** The conclusions, then all layouts, the best score first. */
export function plainText(state: ScreenState): string {
  const { findings, result, order, cost, score, front } = state;
  const [onFront, tied] = [new Set(front.front), new Set(front.ties.flat())];
  const mark = (index: number): string => {
    const hasFailed = result.candidates[index]!.failures.length > 0;
    return `${onFront.has(index) ? '*' : ''}${tied.has(index) ? '=' : ''}${hasFailed ? '!' : ''}`;
  };
  const conclusions = [findings.headline, ...findings.sentences, '', ...findings.comparable].join('\n');
  const table = candidateTable(result, order, cost, score, mark);
  return `${conclusions}\n\n${table}\n\n* on the front   = tied   ! some jobs failed\n`;
}

function showFrame(
  result: ExperimentResult,
  { svgFile, screen = 'table' }: ExploreOptions,
  size: Size,
  stdout: NodeJS.WriteStream,
  colour: boolean,
): void {
  const first = initialState(result);
  const state = {
    table: first,
    plot: reduce(first, { kind: 'switch' }),
    detail: reduce(first, { kind: 'open' }),
    help: reduce(first, { kind: 'help' }),
  }[screen];
  const lines = screenLines(state, size);
  if (svgFile === undefined) {
    stdout.write(`${frameText(lines, colour)}\n`);
    return;
  }
  try {
    writeFileSync(svgFile, frameSvg(lines, `stagecraft explore: ${result.experiment.name}`));
  } catch (error) {
    throw new UserError(
      `explore: ${svgFile} must be a file that can be written, ` +
        `got ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      { cause: error },
    );
  }
}
