/**
 * The built program in a real terminal (tmux): draws, follows a growing database, follows a resize, restores
 * the screen.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../fixtures/experiment-database.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const built = resolve(import.meta.dirname, '../../dist/explore/run-explore.js');

function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasTmux() || !existsSync(built))('explore in tmux', () => {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const server = ['-S', join(folder, 'socket'), '-f', '/dev/null'];
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', [...server, ...args], {
      encoding: 'utf8',
      env: { ...process.env, LANG: 'C.UTF-8', CI: '' },
    });
  const screen = (): string => tmux('capture-pane', '-p', '-t', 'it');
  const keys = (...names: string[]): void => {
    tmux('send-keys', '-t', 'it', ...names);
  };
  async function until(holds: (text: string) => boolean, what: string): Promise<string> {
    let text = '';
    for (let tries = 0; tries < 3000; tries++) {
      text = screen();
      if (holds(text)) return text;
      await new Promise((done) => {
        setTimeout(done, 100);
      });
    }
    throw new Error(`${what} did not come; the screen shows:\n${text}`);
  }
  afterAll(() => {
    try {
      tmux('kill-server');
    } catch {
      /* it has ended with its last session */
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes through a whole session', async () => {
    const file = join(folder, 'results.sqlite');
    const writer = createDatabase(file, fixtureResult({ candidates: 12, failures: false }));
    writer.record(4);
    const command = `node --input-type=module -e "import { runExplore } from '${built}'; await runExplore('${file}'); console.log('left with', process.exitCode ?? 0)"`;
    tmux(
      'new-session',
      '-d',
      '-s',
      'it',
      '-x',
      '80',
      '-y',
      '24',
      'env -u CI -u NO_COLOR TERM=screen-256color bash --norc',
    );
    keys('PS1=ready; clear; echo kept-line', 'Enter');
    await until((text) => text.includes('kept-line\n') && text.includes('ready'), 'the shell');
    keys(`clear; echo kept-line; ${command}`, 'Enter');

    const table = await until((text) => text.includes('24/72 jobs'), 'the table');
    expect(table).toContain('1/12');
    expect(table.split('\n').filter((row) => /CC-[CT]{4}/.test(row)).length).toBe(12);
    expect(tmux('capture-pane', '-p', '-e', '-t', 'it')).toMatch(/\x1b\[[\d;]*38;[25];/); // eslint-disable-line no-control-regex

    expect(writer.record(3)).toBe(5);
    await until((text) => text.includes('42/72 jobs'), 'the new results');

    keys('Tab');
    await until((text) => text.includes('higher is better →'), 'the plot');
    keys('Enter');
    await until((text) => text.includes('stage4'), 'the detail');
    keys('?');
    await until((text) => text.includes('this help'), 'the help');
    keys('?', 'Escape');
    const again = await until(
      (text) => text.includes('higher is better →') && text.startsWith('fixture'),
      'the plot again',
    );
    expect(again).not.toMatch(/stage4|this help/); // nothing of another screen is left
    tmux('resize-window', '-t', 'it', '-x', '160', '-y', '56');
    const wide = await until(
      (text) => text.includes('higher is better →') && text.includes('images/s') && text.includes('stage4'),
      'the wide screen',
    );
    expect(wide.split('\n').length).toBeLessThanOrEqual(57);
    tmux('resize-window', '-t', 'it', '-x', '80', '-y', '24');
    const narrow = await until(
      (text) => text.includes('higher is better →') && !text.includes('stage4'),
      'the narrow screen',
    );
    expect(narrow.match(/jobs/g)!.length).toBe(1); // nothing of the wide frame is left

    rmSync(file);
    await until((text) => text.includes('no such database; retrying'), "the reader's error");
    keys('q');
    const after = await until((text) => text.includes('left with 0'), 'the end');
    expect(after).toContain('kept-line');
    expect(after).not.toContain('jobs');
  });

  it('Ctrl-C leaves as cleanly, and a missing database is one message', async () => {
    const file = join(folder, 'second.sqlite');
    createDatabase(file, fixtureResult({ candidates: 2, failures: false })).record(2);
    tmux('new-session', '-d', '-s', 'two', '-x', '80', '-y', '24', 'env -u CI bash --norc');
    tmux('kill-session', '-t', 'it');
    tmux('rename-session', '-t', 'two', 'it');
    keys(
      `node --input-type=module -e "import { runExplore } from '${built}'; await runExplore('${file}'); console.log('left')"`,
      'Enter',
    );
    await until((text) => text.includes('12/12 jobs'), 'the table');
    keys('j');
    await until((text) => text.includes('2/2'), 'the second layout: keys are read');
    keys('C-c');
    const after = await until((text) => /^left/m.test(text), 'the end');
    expect(after).not.toContain('12/12 jobs');
  });
});
