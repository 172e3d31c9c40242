import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { locateEngine } from '../../../src/setup/engine/locate-engine.js';
import { runNode } from '../fakes.js';

const engine = locateEngine();
const builtHere =
  engine !== undefined &&
  engine.info.files['node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'] !== undefined;

/** Loads the engine in another process, after `before`, and returns all that it printed on both streams. */
async function load(before: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...rest } = process.env;
  const run = runNode(
    `
    ${before}
    const { loadEngine } = await import('./dist/setup/engine/load-engine.js');
    try {
      const { tf, usesGpu } = loadEngine();
      console.log(tf.getBackend(), usesGpu, tf.tidy(() => tf.sum(tf.matMul(tf.ones([4, 5]), tf.ones([5, 6]))).dataSync()[0]), tf.tensor([1, 2, 3], [3]).arraySync().join());
    } catch (error) { console.log(error.name, error.message, error.fix); }`,
    { ...rest, ...env },
  );
  await run.ended;
  return run.output();
}

describe.skipIf(engine === undefined)('loadEngine', () => {
  it.skipIf(!builtHere)('loads and computes, and prints nothing of its own', async () => {
    expect(await load('')).toMatch(/^tensorflow (true|false) 120 1,2,3\n$/);
  });

  it('puts back what Node 23 took out of util', async () => {
    const output = await load(
      "import util from 'node:util'; import { createRequire } from 'node:module'; const old = createRequire(import.meta.url)('util'); for (const name of Object.keys(old)) if (/^is(Array|Boolean|Function|Null|NullOrUndefined|Number|Object|String|Undefined)$/.test(name)) delete old[name]; if (old.isNullOrUndefined) throw 1;",
    );
    expect(output).toMatch(/^tensorflow (true|false) 120 1,2,3$/m);
  });

  it('lets TensorFlow speak where it is asked to', async () => {
    expect(await load('', { TF_CPP_MIN_LOG_LEVEL: '0' })).toMatch(
      /This TensorFlow binary is optimized|oneDNN/,
    );
  });
});

describe('loadEngine without an engine', () => {
  it('says how to get one', async () => {
    expect(await load('', { STAGECRAFT_CACHE: '/nowhere', STAGECRAFT_ENGINE: '' })).toBe(
      'UserError runtime: the native engine is not set up run `npx stagecraft setup`\n',
    );
  });
});

describe('the package', () => {
  it('does not depend on the binding package, whose install script downloads an old library', () => {
    const require = createRequire(import.meta.url);
    const lock = require('../../../package-lock.json') as {
      packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
    };
    const names = Object.keys(lock.packages);
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => /tfjs-node/.test(name))).toEqual([]);
    expect(names.filter((name) => lock.packages[name]!.resolved !== undefined)).toEqual([]);
  });

  it("pins the binding in the engine's own lock file, without download addresses", () => {
    const require = createRequire(import.meta.url);
    const lock = require('../../../engine/package-lock.json') as {
      packages: Record<string, { version?: string; resolved?: string; integrity?: string }>;
    };
    expect(lock.packages['node_modules/@tensorflow/tfjs-node-gpu']?.version).toBe('4.22.0');
    for (const [name, entry] of Object.entries(lock.packages)) {
      expect(entry.resolved, name).toBeUndefined();
      if (name !== '') expect(entry.integrity, name).toMatch(/^sha512-/);
    }
  });
});
