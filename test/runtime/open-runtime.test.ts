/**
 * openRuntime: one runtime per process, opened with its threads and switches. Each case in a process of its
 * own.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineFolder } from './platforms.js';

const open = join(import.meta.dirname, '../../src/runtime/open-runtime.ts');

/** Runs `body` with `openRuntime` in scope; what it returns comes back as JSON. */
function inProcess(body: string, environment: Record<string, string> = {}): unknown {
  const script = `
    import { openRuntime } from ${JSON.stringify(open)};
    const message = (error) => error.message + (error.fix ? ' | ' + error.fix : '');
    const result = await (async () => { ${body} })();
    process.stdout.write('\\n@' + JSON.stringify(result) + '\\n');
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.slice(output.lastIndexOf('\n@') + 2));
}

describe('openRuntime', () => {
  it('wasm: key says so, and the process keeps it', () => {
    expect(
      inProcess(`
      const runtime = await openRuntime({ runtime: 'wasm', threads: 1 });
      const same = runtime === await openRuntime({ runtime: 'wasm', threads: 1 });
      const other = await openRuntime({ runtime: 'wasm', threads: 2 }).catch(message);
      const { runtime: id, precision, kind, xla } = runtime.deviceKey('eager');
      return { same, other, id, precision, kind, xla, compiled: runtime.supports.compiled };`),
    ).toEqual({
      same: true,
      other: expect.stringContaining('use another process'),
      id: 'wasm',
      precision: 'float32',
      kind: 'cpu',
      xla: false,
      compiled: false,
    });
  });

  it('refuses a precision or XLA that its runtime lacks, with a fix', () => {
    expect(
      inProcess(`return openRuntime({ runtime: 'wasm', threads: 1, precision: 'bfloat16' }).catch(message);`),
    ).toMatch(/computes in float32 only, got precision "bfloat16" \| runtime tensorflow/);
    expect(
      inProcess(`return openRuntime({ runtime: 'wasm', threads: 1, xla: true }).catch(message);`),
    ).toMatch(/no XLA/);
  });

  it('refuses a thread count that is none', () => {
    expect(inProcess(`return openRuntime({ runtime: 'wasm', threads: 0 }).catch(message);`)).toMatch(
      /threads must be an integer of at least 1, got 0/,
    );
  });

  it('without an engine: auto takes wasm, tensorflow says how to get it', () => {
    const nowhere = {
      STAGECRAFT_ENGINE: '',
      XDG_CACHE_HOME: '/nonexistent-cache',
      HOME: '/nonexistent-home',
    };
    expect(inProcess(`return (await openRuntime({ runtime: 'auto', threads: 1 })).id;`, nowhere)).toBe(
      'wasm',
    );
    expect(
      inProcess(`return openRuntime({ runtime: 'tensorflow', threads: 1 }).catch(message);`, nowhere),
    ).toMatch(/not set up.*\| npx stagecraft setup/);
  });

  it.skipIf(engineFolder === undefined)(
    'TensorFlow: opened with bfloat16, compiled execution computes in it, eager in float32, and the ceiling is of its own products',
    () => {
      const { key, eager, first, other, rate } = inProcess(
        `
      const runtime = await openRuntime({ runtime: 'tensorflow', threads: 1, precision: 'bfloat16' });
      const other = await openRuntime({ runtime: 'tensorflow', threads: 1 }).catch(message);
      return { key: runtime.deviceKey('compiled').precision, eager: runtime.deviceKey('eager').precision, first: runtime.supports.precisions[0], other, rate: runtime.matmulMacsPerSecond() };`,
        { CUDA_VISIBLE_DEVICES: '-1' },
      ) as Record<string, unknown>;
      expect({ key, eager, first }).toEqual({ key: 'bfloat16', eager: 'float32', first: 'bfloat16' });
      expect(other).toMatch(/use another process/);
      expect(rate).toBeGreaterThan(1e8);
    },
  );

  it.skipIf(engineFolder === undefined)('TensorFlow: threads, versions and XLA stand in the key', () => {
    expect(
      inProcess(`
      const runtime = await openRuntime({ runtime: 'tensorflow', threads: 1, xla: true });
      const { threads, runtimeVersion, xla, device } = runtime.deviceKey('compiled');
      return { threads, runtimeVersion, xla, named: device.length > 3, omp: process.env.OMP_NUM_THREADS };`),
    ).toEqual({
      threads: 1,
      runtimeVersion: expect.stringMatching(/^tfjs-node-gpu 4\.\d+\.\d+, TensorFlow 2\.\d+/),
      xla: true,
      named: true,
      omp: '1',
    });
  });
});
