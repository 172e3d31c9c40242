/** Connects the pure screen to Ink: keys become actions, reads become results, lines become text. */
import { Box, type Key, Text, useApp, useInput, useStdout } from 'ink';
import { type ReactElement, useEffect, useMemo, useReducer, useState } from 'react';
import type { ExperimentResult } from '../store/experiment-result.js';
import type { ResultSource } from './database-source.js';
import { actionOf } from './key-bindings.js';
import { type Size, screenLines } from './screen.js';
import { type Action, initialState, reduce, type ScreenState } from './screen-state.js';
import type { Line } from './styled-lines.js';
import { textStyle } from './terminal-theme.js';

export interface AppProps {
  readonly result: ExperimentResult;
  /** Polled for changes; absent: the result stays as it is. */
  readonly source?: Pick<ResultSource, 'read'>;
  /** Milliseconds between reads; at least five times what a read takes. Default 1000. */
  readonly pollMs?: number;
  readonly colour: boolean;
  /** The size to draw at; default the terminal's, followed as it changes. */
  readonly size?: Size;
}

export function App({ result, source, pollMs = 1000, colour, size }: AppProps): ReactElement {
  const [{ state, quitting }, dispatch] = useReducer(
    step,
    result,
    (first: ExperimentResult): Running => ({ state: initialState(first), quitting: false }),
  );
  const { exit } = useApp();
  const terminal = useTerminalSize();

  useEffect(() => {
    if (!source) return undefined;
    let timer: NodeJS.Timeout;
    const poll = (): void => {
      const started = performance.now();
      try {
        const next = source.read();
        if (next) dispatch({ kind: 'result', result: next });
      } catch (error) {
        dispatch({ kind: 'problem', text: `${(error as Error).message}; retrying` });
      }
      timer = setTimeout(poll, Math.max(pollMs, 5 * (performance.now() - started)));
    };
    timer = setTimeout(poll, pollMs);
    return () => clearTimeout(timer);
  }, [source, pollMs]);

  useInput((input, key) => dispatch({ kind: 'key', input, key }));
  useEffect(() => {
    if (quitting) exit();
  }, [quitting, exit]);

  const { columns, rows } = size ?? terminal;
  // One row less than the terminal has: a full one would make Ink clear the whole terminal for each frame.
  const lines = useMemo(
    () => screenLines(state, { columns, rows: Math.max(1, rows - 1) }),
    [state, columns, rows],
  );
  return (
    <Box flexDirection="column">
      {lines.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its row of the screen
        <LineText key={row} line={line} colour={colour} />
      ))}
    </Box>
  );
}

interface Running {
  readonly state: ScreenState;
  readonly quitting: boolean;
}
type Message = Action | { readonly kind: 'key'; readonly input: string; readonly key: Key };

/**
 * Maps keys to actions inside the reducer: keys pressed faster than frames are drawn then meet the present
 * state.
 */
function step(running: Running, message: Message): Running {
  if (message.kind !== 'key') return { ...running, state: reduce(running.state, message) };
  return keyNames(message.input, message.key, running.state.typing).reduce<Running>(
    ({ state, quitting }, name) => {
      const action = actionOf(name, state);
      if (action === undefined) return { state, quitting };
      return action === 'quit' ? { state, quitting: true } : { state: reduce(state, action), quitting };
    },
    running,
  );
}

function LineText({ line, colour }: { readonly line: Line; readonly colour: boolean }): ReactElement {
  return (
    <Text wrap="truncate">
      {line.length === 0
        ? ' '
        : line.map(({ text, role }, index) => {
            const look = textStyle(role, colour);
            return (
              <Text
                // biome-ignore lint/suspicious/noArrayIndexKey: spans hold no state and are never moved
                key={index}
                {...(look.colour === undefined ? {} : { color: look.colour })}
                bold={look.bold ?? false}
                dimColor={look.dim ?? false}
                inverse={look.inverse ?? false}
              >
                {text}
              </Text>
            );
          })}
    </Text>
  );
}

/**
 * Ink's key as names of the binding table. Several characters in one event are one name each, or one text
 * while a filter is typed.
 */
function keyNames(input: string, key: Key, typing: boolean): string[] {
  if (key.ctrl || key.meta) return key.escape ? ['escape'] : [];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.leftArrow) return ['left'];
  if (key.rightArrow) return ['right'];
  if (key.pageUp) return ['pageUp'];
  if (key.pageDown) return ['pageDown'];
  if (key.home) return ['home'];
  if (key.end) return ['end'];
  if (key.return) return ['return'];
  if (key.escape) return ['escape'];
  if (key.tab) return ['tab'];
  if (key.backspace || key.delete) return ['backspace'];
  return typing ? [input] : [...input];
}

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({
  columns: columns || 80,
  rows: rows || 24,
});

function useTerminalSize(): Size {
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => sizeOf(stdout));
  useEffect(() => {
    const changed = (): void => {
      stdout.write('\x1b[2J\x1b[H'); // clears what was drawn at the old size
      setSize(sizeOf(stdout));
    };
    stdout.on('resize', changed);
    return () => {
      stdout.off('resize', changed);
    };
  }, [stdout]);
  return size;
}
