/** Keys to frames through Ink, with ink-testing-library's terminal of 100 columns. */
import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import { App } from '../../src/explore/app.js';
import type { ExperimentResult } from '../../src/store/result-view.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const size = { columns: 100, rows: 30 };
const result = fixtureResult();
const pause = (): Promise<void> => new Promise((done) => { setTimeout(done, 30); });

async function press(terminal: ReturnType<typeof render>, ...keys: string[]): Promise<string> {
  for (const key of keys) {
    terminal.stdin.write(key);
    await pause();
  }
  return terminal.lastFrame()!;
}

async function waitFor(read: () => string, text: string): Promise<void> {
  for (let tries = 0; tries < 200 && !read().includes(text); tries++) await pause();
  expect(read()).toContain(text);
}

describe('App', () => {
  it('walks from table to plot, detail, help and back', async () => {
    const terminal = render(<App result={result} colour={false} size={size} />);
    await pause();
    expect(terminal.lastFrame()).toContain('1/18');
    expect(await press(terminal, '\x1b[B', 'j')).toContain('3/18');
    expect(await press(terminal, '\t')).toContain('Throughput, batch 16, images/s, measured  more is better →');
    expect(await press(terminal, '\r')).toContain('stage4');
    expect(await press(terminal, '?')).toContain('this help');
    expect(await press(terminal, '?')).toContain('stage4');
    terminal.unmount();
  });
  it('takes a filter, text typed at once included', async () => {
    const terminal = render(<App result={result} colour={false} size={size} />);
    await pause();
    expect(await press(terminal, '/', 'CC-*-TTTT', '\r')).toContain('filter: CC-*-TTTT');
    expect(terminal.lastFrame()).toMatch(/1\/\d\b/);
    expect(await press(terminal, 'jj')).toMatch(/3\/\d/);
    terminal.unmount();
  });
  it('follows a growing result and says when the reader fails, then goes on', async () => {
    const answers: (ExperimentResult | Error)[] = [fixtureResult({ candidates: 20 }), new Error('x.sqlite: no such database'), fixtureResult({ candidates: 24 })];
    const source = { read: () => { const next = answers.shift(); if (next instanceof Error) throw next; return next; } };
    const terminal = render(<App result={result} source={source} pollMs={60} colour={false} size={size} />);
    await waitFor(() => terminal.frames.join('\n'), '/20');
    await waitFor(() => terminal.frames.join('\n'), 'x.sqlite: no such database; still looking');
    await waitFor(() => terminal.lastFrame()!, '/24');
    expect(terminal.lastFrame()).not.toContain('still looking');
    terminal.unmount();
  });
});
