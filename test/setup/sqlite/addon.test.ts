import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/setup/host/host-facts.js';
import { addonState, assertAddon } from '../../../src/setup/sqlite/addon-state.js';
import { nodeHeaders } from '../../../src/setup/sqlite/ensure-addon.js';
import { canDownloadCompiler } from '../../../src/setup/wheels/borrow-compiler.js';
import { temporaryFolder } from '../fakes.js';

const place = temporaryFolder();
afterAll(() => place.remove());

function headers(name: string, version: string): string {
  const [major, minor, patch] = version.split('.');
  const folder = join(place.folder, name, 'include', 'node');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'node_version.h'),
    `#define NODE_MAJOR_VERSION ${major}\n#define NODE_MINOR_VERSION ${minor}\n#define NODE_PATCH_VERSION ${patch}\n`,
  );
  return join(place.folder, name);
}

describe('addonState', () => {
  it('finds the addon that the tests run on', () => {
    expect(addonState()).toMatchObject({ loads: true, reason: '' });
    expect(() => assertAddon()).not.toThrow();
  });
});

describe('assertAddon', () => {
  it('names the addon, the reason and the command that mends it', () => {
    const state = { folder: '/x', version: '12.0.0', loads: false, reason: 'its native file is not built' };
    expect(() => assertAddon(state)).toThrow(
      expect.objectContaining({
        message:
          'store: the SQLite addon (better-sqlite3 12.0.0) does not load: its native file is not built',
        fix: 'run `npx stagecraft setup`',
      }),
    );
  });
});

describe('nodeHeaders', () => {
  it('takes only headers of exactly the running Node: others make an addon that does not load', () => {
    mkdirSync(join(place.folder, 'prefix', 'bin'), { recursive: true });
    const node = join(place.folder, 'prefix', 'bin', 'node');
    writeFileSync(node, '');
    const older = headers('older', '18.0.0');
    expect(nodeHeaders(node, older)).toBeUndefined();
    const same = headers('same', process.versions.node);
    expect(nodeHeaders(node, same)).toBe(same);
    expect(nodeHeaders(node, '')).toBeUndefined();
    expect(nodeHeaders(node, headers('prefix', process.versions.node))).toBe(join(place.folder, 'prefix'));
  });
});

describe('canDownloadCompiler', () => {
  it('needs pip and a platform that has one', () => {
    const host = (platform: string, arch: string, pip: boolean) =>
      ({
        platform,
        arch,
        pip: pip ? { command: 'python3', args: [], version: '23' } : undefined,
      }) as HostFacts;
    expect(canDownloadCompiler(host('linux', 'x64', true))).toBe(true);
    expect(canDownloadCompiler(host('linux', 'x64', false))).toBe(false);
    expect(canDownloadCompiler(host('win32', 'x64', true))).toBe(false);
  });
});
