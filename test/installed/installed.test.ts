/**
 * The package as a user gets it: packed, installed in an empty folder under an empty HOME, and used there. The
 * packages come from npm's cache where it has them; the engine and the SQLite addon from the cache that
 * STAGECRAFT_CACHE names, so that nothing is built here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/setup/engine/engine-paths.js';
import { addonAbis } from '../../src/setup/sqlite/addon-state.js';
import { repository } from '../import-graph.js';
import { temporaryFolder } from '../setup/fakes.js';

const { folder, remove } = temporaryFolder();
const home = join(folder, 'home');
const app = join(folder, 'app');
const installed = join(app, 'node_modules/stagecraft');
afterAll(remove);

/** Of the machine: where programs and packages are found. Nothing else of the user's. */
const kept = Object.entries(process.env).filter(([name]) =>
  /^(PATH|(https?|no)_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
);
const environment = {
  ...Object.fromEntries(kept),
  HOME: home,
  STAGECRAFT_CACHE: cacheFolder(),
  npm_config_cache: execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim(),
};

function program(file: string, args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: app, env: environment, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
const stagecraft = (...args: string[]): ReturnType<typeof program> =>
  program(process.execPath, [join(app, 'node_modules/.bin/stagecraft'), ...args]);

beforeAll(() => {
  for (const each of [home, app]) mkdirSync(each);
  const settings = join(homedir(), '.npmrc');
  if (existsSync(settings)) copyFileSync(settings, join(home, '.npmrc'));
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, repository];
  const tarball = program('npm', pack).out.trim().split('\n').at(-1)!;
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const { code, err } = program('npm', [...install, join(folder, tarball)]);
  if (code !== 0) throw new Error(err);
});

describe('the installed package', () => {
  it('does not bring the optional engine, whose install script downloads a library', () => {
    const lock = JSON.parse(readFileSync(join(app, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const names = Object.keys(lock.packages);
    expect(names).toContain('node_modules/better-sqlite3');
    expect(names.filter((name) => /tfjs-node/.test(name))).toEqual([]);
    expect(existsSync(join(app, 'node_modules/@tensorflow/tfjs-node-gpu'))).toBe(false);
  });

  it('holds what its README shows and links to', () => {
    const text = readFileSync(join(installed, 'README.md'), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target]) => target!);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.length).toBeGreaterThan(5);
    expect(local.filter((target) => !existsSync(join(installed, target)))).toEqual([]);
  });

  it('counts, checks and shows what it ships', () => {
    const space = 'node_modules/stagecraft/search-spaces/ascan-cpu.space';
    expect(stagecraft('count', space)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^125\n/) as string,
    });
    expect(stagecraft('check', space).code).toBe(0);
    expect(stagecraft('check', 'node_modules/stagecraft/experiments/quickstart.experiment').code).toBe(0);
    expect(stagecraft('show', `${space}@C-CCCT-CCTT-CTTT`).out).toContain('C-CCCT-CCTT-CTTT');
  });

  it('sets up the SQLite addon on first use, runs and reports', () => {
    writeFileSync(
      join(app, 'tiny.space'),
      `space tiny
  input 32x32x3
  classes 10
  block C = fused-mbconv(expand: 1)
  stem conv(width: 8, layers: 1, stride: 2)
  stage 1  width 8  C
  head pool-linear
`,
    );
    writeFileSync(
      join(app, 'tiny.experiment'),
      `experiment tiny
  space  tiny.space
  sample all
  data   motif(train: 64, validation: 32)
  train  adamw(epochs: 1, batch: 32)
  objectives {top-1, macs}
`,
    );
    const addon = join(app, 'node_modules/better-sqlite3/build');
    expect(existsSync(addon)).toBe(false);
    const { code, out, err } = stagecraft('run', 'tiny.experiment');
    expect(err).toMatch(/^first use: setting up the SQLite addon\n/);
    expect(code).toBe(0);
    expect(out).toContain('reports/tiny');
    expect(existsSync(join(app, 'reports/tiny/index.html'))).toBe(true);
    rmSync(join(app, 'reports/tiny/index.html'));
    const again = stagecraft('report', 'reports/tiny');
    expect(again.err).not.toContain('first use');
    expect(again.code).toBe(0);
    expect(existsSync(join(app, 'reports/tiny/index.html'))).toBe(true);
  });

  it('replaces an SQLite addon of another Node version on first use', () => {
    const addon = join(app, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
    expect(addonAbis(addon)).toEqual([process.versions.modules]);
    rmSync(addon);
    writeFileSync(addon, 'node_register_module_v001'); // the symbol by which the version is known
    const { code, err } = stagecraft('report', 'reports/tiny');
    expect(err).toMatch(/^first use: setting up the SQLite addon\n/);
    expect(code).toBe(0);
    expect(addonAbis(addon)).toEqual([process.versions.modules]);
  });

  it('names itself as `npx stagecraft` in messages, help and what init prints', () => {
    expect(stagecraft('count', '--help').out).toMatch(/^Usage: npx stagecraft count /);
    expect(stagecraft('report', 'none').err).toContain('create it with: npx stagecraft run EXPERIMENT');
    const { code, out } = stagecraft('init', 'study');
    expect(code).toBe(0);
    expect(out).toMatch(/^npx stagecraft run study\/first\.experiment /m);
    expect(stagecraft('check', 'study/networks.space', 'study/first.experiment').code).toBe(0);
  });

  it('is imported by programs', () => {
    const code =
      "import { loadSpace, costOf } from 'stagecraft'; import { defineBlock } from 'stagecraft/blocks';" +
      "console.log(costOf(loadSpace('tiny.space').unrank(0n)).total.params, typeof defineBlock)";
    writeFileSync(join(app, 'program.mjs'), code);
    expect(program(process.execPath, ['program.mjs'])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^\d+ function\n$/) as string,
    });
  });

  it('does not write into the empty home', () => {
    expect(dirname(home)).toBe(folder);
    expect(existsSync(join(home, '.cache'))).toBe(false);
  });
});
