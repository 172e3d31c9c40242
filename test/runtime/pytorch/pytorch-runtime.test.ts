/** The PyTorch runtime through the contract: it computes what the lab's own runtime computes with the same seed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import type { ComputeOptions } from '../../../src/runtime/compute.js';
import { openPytorch } from '../../../src/runtime/pytorch/open-pytorch.js';
import type { PytorchRuntime } from '../../../src/runtime/pytorch/pytorch-runtime.js';
import type { Runtime } from '../../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { testPython } from '../../export/python.js';
import { segmenter, unet } from '../../fixtures/decoder-networks.js';
import { smallNetwork } from '../../fixtures/small-network.js';
import { noise, openPlatform, product, relativeDifference } from '../platforms.js';

const hybrid = smallNetwork({ layout: 'C-CT-T', widths: [8, 16, 24], channels: 3 });
const dense = segmenter(['C', 'CC', 'C', 'C']);
const denoiser = unet({ condition: 'class', side: 12 });
const batch = 2;
const imagesOf = ({ input: { height, width, channels } }: Architecture): Float32Array =>
  noise('images', product([batch, height, width, channels]));
const cpu = { python: testPython!, device: 'cpu' } as const;

describe.skipIf(!testPython)('PyTorch', () => {
  let pytorch: PytorchRuntime;
  let lab: Runtime;
  beforeAll(async () => {
    pytorch = openPytorch(1, cpu);
    lab = new TfjsRuntime(await openPlatform('wasm'), 1, 'test');
  });
  afterAll(() => pytorch?.python.close());

  it.each([
    ['a classifier', hybrid],
    ['a segmenter', dense],
  ])('computes the logits of %s', async (_, architecture) => {
    const [ours, theirs] = [lab, pytorch].map((runtime) => runtime.instantiate(architecture, { seed: 7 }));
    expect(theirs!.parameterCount).toBe(ours!.parameterCount);
    const logits = await Promise.all(
      [ours, theirs].map((model) =>
        model!.inference({ batch, execution: 'eager' }).logits(imagesOf(architecture)),
      ),
    );
    expect(logits[1]!.length).toBe(logits[0]!.length);
    expect(relativeDifference(logits[1]!, logits[0]!)).toBeLessThan(1e-4);
    for (const model of [ours, theirs]) model!.dispose();
  });

  it('predicts the noise of a denoiser', async () => {
    const times = Float32Array.of(3, 417);
    const shares = new Float32Array(batch * Number(denoiser.stem.params['labels'])).fill(0);
    shares[1] = 1;
    const [ours, theirs] = await Promise.all(
      [lab, pytorch].map((runtime) =>
        runtime.instantiate(denoiser, { seed: 7 }).inference({ batch, execution: 'eager' }).denoise!(
          imagesOf(denoiser),
          times,
          shares,
        ),
      ),
    );
    expect(relativeDifference(theirs!, ours!)).toBeLessThan(1e-4);
  });

  it('reads and writes weights as the lab has them', async () => {
    const model = pytorch.instantiate(hybrid, { seed: 1 });
    const other = pytorch.instantiate(hybrid, { seed: 2 });
    const weights = await model.readWeights();
    const expected = await lab.instantiate(hybrid, { seed: 1 }).readWeights();
    expect([...weights.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [path, { values, trainable }] of expected) {
      expect(weights.get(path)!.values, path).toEqual(values);
      expect(weights.get(path)!.trainable, path).toBe(trainable);
    }
    const logits = (each: typeof model): Promise<Float32Array> =>
      each.inference({ batch, execution: 'eager' }).logits(imagesOf(hybrid));
    expect(await logits(other)).not.toEqual(await logits(model));
    other.writeWeights(weights);
    expect(await logits(other)).toEqual(await logits(model));
    const [first] = weights.keys();
    expect(() => other.writeWeights(new Map([...weights].slice(1)))).toThrow(`${first} must have shape`);
  });

  it('keeps pruned entries at 0', async () => {
    const path = 'head/classifier/kernel';
    const { values } = (await pytorch.instantiate(hybrid, { seed: 1 }).readWeights()).get(path)!;
    const mask = Uint8Array.from(values, (_, index) => index % 2);
    const masked = pytorch.instantiate(hybrid, { seed: 1, masks: new Map([[path, mask]]) });
    expect((await masked.readWeights()).get(path)!.values).toEqual(
      values.map((value, index) => value * mask[index]!),
    );
  });

  it.each(pytorchModes())('%s: its logits are near float32’s', async (_, options, bound) => {
    const exact = await pytorch
      .instantiate(hybrid, { seed: 3 })
      .inference({ batch, execution: 'eager' })
      .logits(imagesOf(hybrid));
    const runtime = openPytorch(1, { ...cpu, ...options });
    try {
      expect(runtime.deviceKey('eager').precision).toBe(options.precision ?? 'float32');
      const logits = await runtime
        .instantiate(hybrid, { seed: 3 })
        .inference({ batch, execution: 'eager' })
        .logits(imagesOf(hybrid));
      const difference = relativeDifference(logits, exact);
      expect(difference).toBeLessThan(bound);
      if (options.precision) expect(difference).toBeGreaterThan(1e-5);
    } finally {
      runtime.python.close();
    }
  });

  it('times blocks by its own clock, and reads back the scalar of all passes', async () => {
    const inference = pytorch.instantiate(hybrid, { seed: 1 }).inference({ batch, execution: 'eager' });
    inference.enqueue();
    const one = await inference.synchronise();
    for (let pass = 0; pass < 3; pass++) inference.enqueue();
    const three = await inference.synchronise();
    expect(three / one).toBeCloseTo(3, 3);
    expect(await inference.synchronise()).toBe(three);
    expect(inference.buildMs).toBeGreaterThan(0);
    expect(inference.firstRunMs).toBeGreaterThan(0);
    const none = await inference.timePasses!(0);
    const [few, many] = [await inference.timePasses!(4), await inference.timePasses!(64)];
    expect(none.totalMs).toBeLessThan(few.totalMs);
    expect(many.totalMs).toBeGreaterThan(4 * few.totalMs);
    expect(many.enqueueMs).toBeLessThanOrEqual(many.totalMs);
  });

  it('says what it is and what it used', () => {
    const key = pytorch.deviceKey('eager');
    expect(key).toMatchObject({ runtime: 'pytorch', kind: 'cpu', threads: 1, layout: 'NCHW', xla: false });
    expect(key.runtimeVersion).toMatch(/^torch \d+\.\d+\.\d+.*, Python 3\./);
    expect(pytorch.supports.precisions).toEqual(['float32', 'bfloat16', 'float16']);
    const before = pytorch.worker.usage();
    expect(pytorch.matmulMacsPerSecond()).toBeGreaterThan(1e8);
    expect(pytorch.copyBytesPerSecond()).toBeGreaterThan(1e8);
    expect(pytorch.worker.usage().cpuMs).toBeGreaterThan(before.cpuMs + 100);
    expect(before.peakBytes).toBeGreaterThan(2 ** 26);
  });

  it('refuses a device that is not there, and what it lacks', () => {
    expect(() => openPytorch(1, { ...cpu, device: 'mps' })).toThrow(/sees no Metal device/);
    expect(() => pytorch.instantiateSupernet()).toThrow(/supernets train on TensorFlow/);
  });
  it('compiled: the same logits, of as many batch sizes as are asked for', async () => {
    if (!pytorch.supports.compiled) return;
    const model = pytorch.instantiate(hybrid, { seed: 3 });
    for (const size of [1, 2]) {
      const [eager, compiled] = await Promise.all(
        (['eager', 'compiled'] as const).map((execution) =>
          model.inference({ batch: size, execution }).logits(imagesOf(hybrid).slice(0, size * 8 * 8 * 3)),
        ),
      );
      expect(relativeDifference(compiled!, eager!)).toBeLessThan(1e-4);
    }
    const inference = model.inference({ batch: 1, execution: 'compiled' });
    expect(inference.firstRunMs).toBeGreaterThan((await inference.timePasses!(1)).totalMs);
  });
});

function pytorchModes(): readonly (readonly [string, ComputeOptions, number])[] {
  return [
    ['channels-last', { channelsLast: true }, 1e-4],
    ['bfloat16', { precision: 'bfloat16' }, 0.05],
    ['float16', { precision: 'float16' }, 0.015],
  ];
}
