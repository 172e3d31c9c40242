/**
 * Nothing leaks: training steps, compiled and eager, and graphs that are built and disposed of. The long
 * form, 20,000 steps of a larger network, is `npm run bench -- soak`. That the test can fail is shown by
 * planted leaks.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Execution, Model, TrainingOptions } from '../../src/runtime/runtime.js';
import type { NativeEngine, Tensor } from '../../src/runtime/tfjs/native-engine.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { engineFolder, noise, openPlatform, product, smallNetwork } from './platforms.js';
import { engineCounts, leakOf, type Soaked, soak } from './soak.js';

const batch = 2;
const images = noise('soak', product([batch, 8, 8, 3]));
const labels = Int32Array.of(1, 3);
const options: Omit<TrainingOptions, 'execution'> = {
  batch,
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0.2,
  seed: 3,
};

/** Bytes that a compiled step may leave; measured: 570, of 460 million. */
const perStep = 16 * 1024;

describe.skipIf(engineFolder === undefined)('soak', () => {
  let runtime: TfjsRuntime;
  let engine: NativeEngine;
  beforeAll(async () => {
    const platform = await openPlatform('native');
    runtime = new TfjsRuntime(platform, 2, 'test');
    engine = platform.native!;
  });

  /** Training steps, with something else done at each. */
  async function steps(
    execution: Execution,
    runs: number,
    also: (run: number) => void = () => undefined,
  ): Promise<Soaked> {
    const model: Model = runtime.instantiate(smallNetwork, { seed: 7 });
    const training = model.training({ ...options, execution });
    const result = await soak({
      runs,
      samples: 12,
      counts: () => engineCounts(engine),
      each: async (run) => {
        const { loss } = await training.step(images, labels, { learningRate: 1e-4 });
        expect(Number.isFinite(loss)).toBe(true);
        also(run);
      },
    });
    model.dispose();
    return result;
  }

  it('400 compiled training steps leave nothing', async () => {
    expect(leakOf(await steps('compiled', 400), perStep)).toBeUndefined();
  });
  it('160 eager training steps leave nothing', async () => {
    // the allocator takes some MB once, at any of the first steps
    expect(leakOf(await steps('eager', 160), 4 * perStep)).toBeUndefined();
  });
  it('graphs that are built, run and disposed of leave nothing', async () => {
    const model = runtime.instantiate(smallNetwork, { seed: 7 });
    const graphs = await soak({
      runs: 12,
      samples: 12,
      counts: () => engineCounts(engine),
      each: async () => {
        const inference = model.inference({ batch, execution: 'compiled' });
        await inference.logits(images);
        inference.dispose();
      },
    });
    model.dispose();
    expect(leakOf(graphs, 256 * 1024)).toBeUndefined();
  });

  it('tells a planted leak of tensors, and one of memory alone', async () => {
    const kept: (Tensor | Buffer)[] = [];
    expect(
      leakOf(
        await steps('compiled', 60, () => {
          kept.push(engine.tf.keep(engine.tf.scalar(1)));
        }),
        Infinity,
      ),
    ).toMatch(/^tfjs tensors: \d+ after run 5, \d+ after run 60$/);
    for (const tensor of kept) (tensor as Tensor).dispose();
    const memory = await steps('compiled', 120, () => {
      kept.push(Buffer.alloc(64 * 1024, 1));
    });
    expect(leakOf(memory, perStep)).toMatch(/^memory of the process: \d+\.\d KiB more with every run/);
  });
});
