/** Keys to frames through Ink, with ink-testing-library's terminal of 100 columns. */
import { render } from 'ink-testing-library';
import { describe, expect, it, vi } from 'vitest';
import { App } from '../../src/explore/app.js';
import type { ExperimentResult } from '../../src/store/experiment-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const size = { columns: 100, rows: 30 };
const result = fixtureResult();
/** Types the keys, then waits for the frame that answers them. */
async function press(
  terminal: ReturnType<typeof render>,
  keys: readonly string[],
  answer: string | RegExp,
): Promise<void> {
  for (const key of keys) terminal.stdin.write(key);
  await waitFor(() => terminal.lastFrame()!, answer);
}

const waitFor = (read: () => string, answer: string | RegExp): Promise<void> =>
  vi.waitFor(() => expect(read()).toMatch(answer), { timeout: 60_000, interval: 20 });

describe('App', () => {
  it('walks from table to plot, detail, help and back', async () => {
    const terminal = render(<App result={result} colour={false} size={size} />);
    await waitFor(() => terminal.lastFrame()!, '1/18');
    await press(terminal, ['\x1b[B', 'j'], '3/18');
    await press(terminal, ['\t'], 'Images per second, batch 16, measured  higher is better →');
    await press(terminal, ['\r'], 'stage4');
    await press(terminal, ['?'], 'this help');
    await press(terminal, ['?'], 'stage4');
    terminal.unmount();
  });
  it('takes a filter, text typed at once included', async () => {
    const terminal = render(<App result={result} colour={false} size={size} />);
    await waitFor(() => terminal.lastFrame()!, '1/18');
    await press(terminal, ['/', 'CC-*-TTTT', '\r'], 'filter: CC-*-TTTT');
    await waitFor(() => terminal.lastFrame()!, /1\/\d\b/);
    await press(terminal, ['jj'], /3\/\d\b/);
    terminal.unmount();
  });
  it('follows a growing result and says when the reader fails, then goes on', async () => {
    const answers: (ExperimentResult | Error)[] = [fixtureResult({ candidates: 20 })];
    const source = {
      read: () => {
        const next = answers.shift();
        if (next instanceof Error) throw next;
        return next;
      },
    };
    const terminal = render(<App result={result} source={source} pollMs={60} colour={false} size={size} />);
    await waitFor(() => terminal.lastFrame()!, '/20');
    answers.push(new Error('x.sqlite: no such database'));
    await waitFor(() => terminal.lastFrame()!, 'x.sqlite: no such database; retrying');
    answers.push(fixtureResult({ candidates: 24 }));
    await waitFor(() => terminal.lastFrame()!, '/24');
    expect(terminal.lastFrame()).not.toContain('retrying');
    terminal.unmount();
  });
});
