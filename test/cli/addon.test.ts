/** A SQLite addon that does not load is the user's installation to mend, not a bug. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import { temporaryFolder } from '../store/stored-experiment.js';
import { root } from './run-cli.js';

const breakAddon = `const load = process.dlopen;
process.dlopen = (module, file, ...rest) => {
  if (/better_sqlite3/.test(file)) throw new Error('Error: ' + file + ': wrong ELF class');
  return load(module, file, ...rest);
};
`;

describe('a SQLite addon that does not load', () => {
  it('is one message with its fix, exit 2', () => {
    const folder = temporaryFolder();
    const database = join(folder, 'results.sqlite');
    openStore(database).close();
    const preload = join(folder, 'break.cjs');
    writeFileSync(preload, breakAddon);
    for (const command of [
      ['report', database],
      ['explore', database],
      ['run', 'experiments/quickstart.experiment', '--db', database],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...command], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: `--require ${preload}` },
      });
      expect(stderr).toMatch(
        /^(.*\n)*store: the SQLite addon \(better-sqlite3 [\d.]+\) does not load: .*\n {2}run `.*stagecraft setup`\n$/,
      );
      expect(status).toBe(2);
    }
  });
});
