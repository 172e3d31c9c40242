/**
 * The whole set-up without network: the packages come from an engine that is there (an `npm` of our own
 * copies them), its TensorFlow is named by `tensorflow`, and the binding is really compiled, proved and
 * published.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEngineInfo } from '../../../src/setup/engine/engine-info.js';
import { bindingPaths, cachePaths } from '../../../src/setup/engine/engine-paths.js';
import { locateEngine, searchEngine } from '../../../src/setup/engine/locate-engine.js';
import { fakePython, programs, root, runNode, temporaryFolder, tinyDisk, until } from '../fakes.js';

const engine = locateEngine();
const deps = engine === undefined ? '' : bindingPaths(engine.folder).deps;
const place = temporaryFolder();
afterAll(() => place.remove());

const npm = `case "$*" in *--version*) echo 10.0.0;; *) (cd "$ENGINE" && tar --exclude=tfjs-node-gpu/deps --exclude=tfjs-node-gpu/lib -cf - node_modules) | tar -xf -;; esac`;
const cache = join(place.folder, 'cache');
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { npm_execpath: _, STAGECRAFT_ENGINE: __, ...rest } = process.env;
  return {
    ...rest,
    PATH: `${join(place.folder, 'bin')}:${process.env['PATH']}`,
    STAGECRAFT_CACHE: cache,
    ENGINE: engine?.folder,
    ...more,
  };
};
/** A set-up in a process of its own; prints its steps, then one JSON line. */
const setup = (options: object = { tensorflow: join(deps, 'lib') }, more: NodeJS.ProcessEnv = {}) =>
  runNode(
    `
  import { runSetup } from './dist/setup/install/run-setup.js';
  try {
    const { state, engine } = await runSetup({ ...${JSON.stringify(options)}, onProgress: ({ kind, text }) => kind === 'detail' || console.log(text) });
    console.log(JSON.stringify({ state, folder: engine?.folder, measured: engine?.info.measured }));
  } catch (error) {
    console.log(JSON.stringify({ name: error.name, message: error.message, fix: error.fix }));
  }`,
    environment(more),
  );
const answer = async (run: ReturnType<typeof setup>) => {
  await run.ended;
  const line = run
    .output()
    .split('\n')
    .findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`the set-up said nothing: ${run.output()}`);
  return JSON.parse(line) as {
    state?: string;
    folder?: string;
    name?: string;
    message?: string;
    fix?: string;
    measured?: { convGflops: number; convGradientGflops: number };
  };
};

beforeAll(() => {
  programs(join(place.folder, 'bin'), { npm });
});

describe.skipIf(engine === undefined || process.platform === 'win32')('runSetup', () => {
  it('leaves nothing that looks like an engine when it is killed, and the next runs take over and build once', async () => {
    const killed = setup();
    await until(() => killed.output().includes('build the binding'));
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(searchEngine(environment()).state).toBe('absent');
    expect(readdirSync(join(cache, 'locks')).length).toBe(1);

    const [first, second] = [setup(), setup()];
    const answers = [await answer(first), await answer(second)];
    expect(answers.map(({ state }) => state).sort()).toEqual(['built', 'reused']);
    expect(`${first.output()}${second.output()}`).toMatch(/waiting for another set-up \(process \d+\)/);
    const built = answers.find(({ state }) => state === 'built')!;
    expect(built.measured!.convGflops).toBeGreaterThan(1);
    expect(built.measured!.convGradientGflops).toBeGreaterThan(1);
    expect(locateEngine(environment())?.folder).toBe(built.folder);
    expect(readdirSync(cache).sort()).toEqual(['engines', 'locks']);
    expect(readdirSync(join(cache, 'locks'))).toEqual([]);
  });

  it('reuses the engine, and sees when it is no longer whole', async () => {
    expect(await answer(setup())).toMatchObject({ state: 'reused' });
    const { folder, info } = locateEngine(environment())!;
    expect(info.kind).toBe('own');
    truncateSync(bindingPaths(folder).addon, 100);
    expect(searchEngine(environment())).toEqual({
      state: 'damaged',
      folder,
      file: 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node',
    });
  });

  it('a build that fails names the cause, and leaves what was there untouched', async () => {
    const current = readFileSync(
      join(cache, 'engines', readdirSync(join(cache, 'engines'))[0]!, 'current'),
      'utf8',
    );
    programs(join(place.folder, 'broken'), {
      'c++':
        'case "$*" in *--version*) echo "c++ 12.2.0";; *) echo "fatal error: error writing to /x.o: No space left on device" >&2; exit 1;; esac',
    });
    const PATH = `${join(place.folder, 'broken')}:${environment()['PATH']}`;
    expect(await answer(setup(undefined, { PATH }))).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/building the binding failed: the disk is full/),
    });
    programs(join(place.folder, 'broken'), {
      'c++':
        'case "$*" in *--version*) echo "c++ 4.8.5";; *) echo "error: unrecognized command line option -std=gnu++17" >&2; exit 1;; esac',
    });
    expect(await answer(setup(undefined, { PATH }))).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/building the binding failed: error: unrecognized/),
    });
    const paths = join(cache, 'engines', readdirSync(join(cache, 'engines'))[0]!);
    expect(readFileSync(join(paths, 'current'), 'utf8')).toBe(current);
    expect(existsSync(join(cache, 'staging'))).toBe(false);
  });

  it('says that the network is needed when npm cannot reach it', async () => {
    programs(join(place.folder, 'offline'), {
      npm: 'case "$*" in *--version*) echo 10.0.0;; *) echo "npm error code ENOTFOUND" >&2; echo "npm error network request to https://example failed, reason: getaddrinfo ENOTFOUND example" >&2; exit 1;; esac',
    });
    const PATH = `${join(place.folder, 'offline')}:${environment()['PATH']}`;
    expect(await answer(setup(undefined, { PATH }))).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /installing the binding package with npm failed: the network cannot be reached/,
      ),
    });
  });

  it.each([
    ['a folder that is not there', '/nowhere/tensorflow', /a folder is needed, found none/],
    [
      'a folder without the libraries',
      root,
      /libtensorflow_cc and libtensorflow_framework are needed in it, found neither/,
    ],
  ])(
    '--tensorflow %s: one message',
    async (_, tensorflow, message) => {
      expect(await answer(setup({ tensorflow }))).toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(message),
      });
    },
    60_000,
  );

  it('refuses a disk without room before anything is downloaded', async (context) => {
    const tiny = join(place.folder, 'tiny');
    const unmount = tinyDisk(tiny, 8);
    if (unmount === undefined) return context.skip('mounting a memory disk is not permitted here');
    try {
      programs(join(place.folder, 'pip'), { python3: fakePython('echo called > "$LOG"; exit 1') });
      const log = join(place.folder, 'pip-was-called');
      const PATH = `${join(place.folder, 'pip')}:${environment()['PATH']}`;
      const refused = await answer(
        setup({ device: 'cpu' }, { STAGECRAFT_CACHE: join(tiny, 'cache'), PATH, LOG: log }),
      );
      expect(refused).toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(/1\.5 GB of free space are needed in .*, got 0\.0 GB/),
        fix: expect.stringMatching(/STAGECRAFT_CACHE/),
      });
      expect(existsSync(log)).toBe(false);
    } finally {
      unmount();
    }
  });

  it('refuses a cache folder that cannot be made', async () => {
    const file = join(place.folder, 'a-file');
    writeFileSync(file, '');
    expect(await answer(setup({ device: 'cpu' }, { STAGECRAFT_CACHE: join(file, 'cache') }))).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/making the cache folder .*a-file.* failed/),
    });
  });

  it('a dry run plans and does nothing', async () => {
    const folder = join(place.folder, 'untouched');
    expect(await answer(setup({ device: 'cpu', dryRun: true }, { STAGECRAFT_CACHE: folder }))).toEqual({
      state: 'planned',
    });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('searchEngine', () => {
  it('refuses STAGECRAFT_ENGINE without a built binding', () => {
    expect(() => searchEngine({ STAGECRAFT_ENGINE: '/nowhere' })).toThrow(
      /STAGECRAFT_ENGINE: a folder with a built node_modules\/@tensorflow\/tfjs-node-gpu is needed, got "\/nowhere"/,
    );
  });

  it('finds nothing in an empty cache, and no engine where the marker is not whole', () => {
    const folder = join(place.folder, 'empty');
    const env = { STAGECRAFT_CACHE: folder };
    expect(searchEngine(env).state).toBe('absent');
    const paths = cachePaths(folder);
    mkdirSync(join(paths.engines, 'cpu'), { recursive: true });
    writeFileSync(paths.current, 'cpu\n');
    writeFileSync(join(paths.engines, 'cpu', 'engine.json'), '{"format":1,"kind"');
    expect(searchEngine(env)).toEqual({
      state: 'damaged',
      folder: join(paths.engines, 'cpu'),
      file: 'engine.json',
    });
    expect(readEngineInfo(join(paths.engines, 'cpu'))).toBeUndefined();
    expect(statSync(folder).isDirectory()).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
