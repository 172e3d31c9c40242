/**
 * This project's side of the comparisons of published networks with PyTorch: one process, commands over the
 * IPC channel. Answers `prepare` with the times and the memory of building and of the first pass.
 */

import { readFileSync, writeSync } from 'node:fs';
import { peakProcessBytes, processBytes, resetPeakBytes } from '../../src/profile/candidate/environment.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { recipe } from '../runtime/compiled-graph.js';
import { architectureOf, type NetworkName } from './network-table.js';
import { passMarks } from './pool-log.js';

export type Step = 'forward' | 'training';
export interface Prepared {
  readonly buildMs: number;
  readonly firstMs: number;
  /** Processor time of both, of all threads. */
  readonly cpuMs: number;
  /** Resident memory: engine loaded; network built; highest during passes. */
  readonly openBytes: number;
  readonly baseBytes: number;
  readonly peakBytes: number;
  /** Pages of libraries that passes read in: memory that the system takes back where it is needed. */
  readonly pagedInBytes?: number;
}
type Request =
  | {
      readonly do: 'prepare';
      readonly name: string;
      readonly network: NetworkName | 'bench';
      readonly batch: number;
      readonly step: Step;
      /** Passes before the answer, default 3. */
      readonly passes?: number;
    }
  | { readonly do: 'time'; readonly name: string; readonly passes: number }
  /** One pass between two lines on stderr, for readers of TensorFlow's log. */
  | { readonly do: 'marked-pass'; readonly name: string }
  | { readonly do: 'ceiling' }
  | { readonly do: 'drop'; readonly name: string };

interface Entry {
  pass(): Promise<unknown>;
  dispose(): void;
}

const threads = Number(process.env['OMP_NUM_THREADS'] ?? 1);
const kernels = process.env['STAGECRAFT_KERNELS'] === 'off' ? ({ kernels: 'off' } as const) : {};
const runtime = await openRuntime({ runtime: 'tensorflow', threads, ...kernels });
const entries = new Map<string, Entry>();

/** Resident pages of files, such as libraries; 0 where the system does not say. */
function fileBytes(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  return 1024 * Number(/^RssFile:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

async function prepare({
  name,
  network,
  batch,
  step,
  passes = 3,
}: Request & { readonly do: 'prepare' }): Promise<Prepared> {
  const openBytes = processBytes();
  resetPeakBytes();
  const start = performance.now();
  const cpu = process.cpuUsage();
  const architecture = architectureOf(network);
  const model = runtime.instantiate(architecture, { seed: 1 });
  const { pass, built, dispose } = step === 'forward' ? forward() : training();
  const baseBytes = processBytes();
  const pagedBytes = fileBytes();
  const builtAt = performance.now();
  await pass();
  const firstMs = performance.now() - builtAt;
  const { user, system } = process.cpuUsage(cpu);
  for (let done = 1; done < passes; done++) await pass();
  entries.set(name, { pass, dispose });
  return {
    buildMs: built(builtAt - start),
    firstMs,
    cpuMs: (user + system) / 1000,
    openBytes,
    baseBytes,
    peakBytes: peakProcessBytes(),
    pagedInBytes: fileBytes() - pagedBytes,
  };

  function forward(): Entry & { built(ms: number): number } {
    const inference = model.inference({ batch, execution: 'compiled' });
    inference.build?.();
    return {
      pass: () => {
        inference.enqueue();
        return inference.synchronise();
      },
      built: (ms) => ms,
      dispose: () => {
        inference.dispose();
        model.dispose();
      },
    };
  }

  function training(): Entry & { built(ms: number): number } {
    const { height, width, channels } = architecture.input;
    const random = seededRandom('bench');
    const images = Float32Array.from({ length: batch * height * width * channels }, () => random.normal());
    const labels = Int32Array.from({ length: batch }, () => random.integer(architecture.classes));
    const steps = model.training(recipe(batch, 'compiled'));
    return {
      pass: () => steps.step(images, labels, { learningRate: 1e-4 }),
      built: () => steps.buildMs,
      dispose: () => model.dispose(),
    };
  }
}

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case 'prepare':
      return prepare(request);
    case 'time': {
      const start = performance.now();
      const cpu = process.cpuUsage();
      for (let pass = 0; pass < request.passes; pass++) await entries.get(request.name)!.pass();
      const { user, system } = process.cpuUsage(cpu);
      return {
        ms: (performance.now() - start) / request.passes,
        cpuMs: (user + system) / 1000 / request.passes,
      };
    }
    case 'marked-pass':
      writeSync(2, `${passMarks.start}\n`);
      await entries.get(request.name)!.pass();
      writeSync(2, `${passMarks.end}\n`);
      return {};
    case 'ceiling':
      return { macsPerSecond: runtime.matmulMacsPerSecond(), key: runtime.deviceKey('compiled') };
    case 'drop':
      entries.get(request.name)?.dispose();
      entries.delete(request.name);
      return {};
    default:
      return request satisfies never;
  }
}

process.on('message', (request: Request) => {
  void answer(request).then(
    (result) => process.send!(result),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.send!({ ready: true });
