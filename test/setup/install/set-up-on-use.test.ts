/** What runs by itself on first use: never a question, never a download where nobody watches. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addonOnUse, engineOnUse } from '../../../src/setup/install/set-up-on-use.js';
import { temporaryFolder } from '../fakes.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const empty = join(folder, 'bin');
mkdirSync(empty);

/** Lines said on a machine without an engine, Python and compiler. */
async function said(env: NodeJS.ProcessEnv, isInteractive: boolean): Promise<string[]> {
  const lines: string[] = [];
  await engineOnUse({
    env: { PATH: empty, HOME: folder, STAGECRAFT_CACHE: join(folder, 'cache'), ...env },
    isInteractive,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    say: (line) => void lines.push(line),
  });
  return lines;
}

describe('engineOnUse', () => {
  it.each([
    ['without a terminal', {}, false],
    ['in continuous integration', { CI: 'true' }, true],
    ['with STAGECRAFT_SETUP=never', { STAGECRAFT_SETUP: 'never' }, true],
  ])('does nothing %s', async (_, env, isInteractive) => expect(await said(env, isInteractive)).toEqual([]));

  it.each([
    ['on a terminal', {}, true],
    ['with STAGECRAFT_SETUP=always', { STAGECRAFT_SETUP: 'always' }, false],
  ])('begins %s, and goes on with wasm where it fails, with the reason', async (_, env, isInteractive) => {
    const lines = await said(env, isInteractive);
    expect(lines[0]).toMatch(/^first use: setting up the native engine, .* STAGECRAFT_SETUP=never/);
    expect(lines[1]).toMatch(/^setup: /);
    expect(lines.at(-1)).toBe('going on with the slower wasm runtime');
  });

  it('refuses another value', () =>
    expect(said({ STAGECRAFT_SETUP: 'yes' }, true)).rejects.toThrow(
      'STAGECRAFT_SETUP: must be never or always, got "yes"',
    ));
});

describe('addonOnUse', () => {
  it('says nothing where the addon is built', async () => {
    const lines: string[] = [];
    await addonOnUse({
      env: process.env,
      isInteractive: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      say: (line) => void lines.push(line),
    });
    expect(lines).toEqual([]);
  });
});
