/** The Ink shell around the pure screen: keys to actions, reads to results, lines to text. */
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
  /** Polled for changes; without one the screen stands still. */
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
        dispatch({ kind: 'problem', text: `${(error as Error).message}; still looking` });
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
 * A key is given its meaning here, by the state it meets, so that keys pressed faster than frames are drawn
 * mean the right thing.
 */
function step(running: Running, message: Message): Running {
  if (message.kind !== 'key') return { ...running, state: reduce(running.state, message) };
  return keyNames(message.input, message.key, running.state.typing).reduce<Running>(
    ({ state, quitting }, name) => {
      const action = actionOf(name, state);
      return action === undefined
        ? { state, quitting }
        : action === 'quit'
          ? { state, quitting: true }
          : { state: reduce(state, action), quitting };
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
 * Ink's key as names of the binding table; text typed at once is one name a character, or one text while
 * filtering.
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

function useTerminalSize(): Size {
  const { stdout } = useStdout();
  const read = (): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const [size, setSize] = useState(read);
  useEffect(() => {
    const changed = (): void => {
      stdout.write('\x1b[2J\x1b[H'); // what the old size left behind
      setSize(read());
    };
    stdout.on('resize', changed);
    return () => {
      stdout.off('resize', changed);
    };
  }, [stdout]);
  return size;
}
