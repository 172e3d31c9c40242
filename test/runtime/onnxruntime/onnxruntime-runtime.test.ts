/** The ONNX Runtime through the contract: it computes what the lab's own runtime computes with the same seed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import type { OnnxruntimeRuntime } from '../../../src/runtime/onnxruntime/onnxruntime-runtime.js';
import { openOnnxruntime } from '../../../src/runtime/onnxruntime/open-onnxruntime.js';
import type { Inference, Runtime } from '../../../src/runtime/runtime.js';
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

describe.skipIf(!testPython)('ONNX Runtime', () => {
  let onnx: OnnxruntimeRuntime;
  let lab: Runtime;
  beforeAll(async () => {
    onnx = openOnnxruntime(1, { python: testPython!, provider: 'cpu' });
    lab = new TfjsRuntime(await openPlatform('wasm'), 1, 'test');
  });
  afterAll(() => onnx?.python.close());

  const inferences = (architecture: Architecture): readonly Inference[] =>
    [lab, onnx].map((runtime, index) =>
      runtime
        .instantiate(architecture, { seed: 7 })
        .inference({ batch, execution: index === 0 ? 'eager' : 'compiled' }),
    );

  it.each([
    ['a classifier', hybrid],
    ['a segmenter', dense],
  ])('computes the logits of %s', async (_, architecture) => {
    const [ours, theirs] = await Promise.all(
      inferences(architecture).map((each) => each.logits(imagesOf(architecture))),
    );
    expect(theirs!.length).toBe(ours!.length);
    expect(relativeDifference(theirs!, ours!)).toBeLessThan(1e-4);
  });

  it('predicts the noise of a denoiser', async () => {
    const shares = new Float32Array(batch * Number(denoiser.stem.params['labels']));
    shares[1] = 1;
    const [ours, theirs] = await Promise.all(
      inferences(denoiser).map((each) => each.denoise!(imagesOf(denoiser), Float32Array.of(3, 417), shares)),
    );
    expect(relativeDifference(theirs!, ours!)).toBeLessThan(1e-4);
  });

  it('takes new weights, also in an inference that is there', async () => {
    const [model, other] = [1, 2].map((seed) => onnx.instantiate(hybrid, { seed }));
    expect(model!.parameterCount).toBe(lab.instantiate(hybrid, { seed: 1 }).parameterCount);
    const [inference, changed] = [model, other].map((each) =>
      each!.inference({ batch, execution: 'compiled' }),
    );
    const expected = await inference!.logits(imagesOf(hybrid));
    expect(await changed!.logits(imagesOf(hybrid))).not.toEqual(expected);
    other!.writeWeights(await model!.readWeights());
    expect(await changed!.logits(imagesOf(hybrid))).toEqual(expected);
  });

  it('times blocks by its own clock, and says what it is', async () => {
    const inference = onnx.instantiate(hybrid, { seed: 1 }).inference({ batch, execution: 'compiled' });
    expect(inference.firstRunMs).toBeGreaterThan(0);
    const [none, many] = [await inference.timePasses!(0), await inference.timePasses!(64)];
    expect(none.totalMs).toBeLessThan(many.totalMs);
    expect(onnx.matmulMacsPerSecond()).toBeGreaterThan(1e8);
    expect(onnx.copyBytesPerSecond()).toBeGreaterThan(1e8);
    expect(onnx.deviceKey('compiled')).toMatchObject({
      runtime: 'onnxruntime',
      runtimeVersion: expect.stringMatching(/^onnxruntime \d+\.\d+\.\d+ \(cpu\), Python 3\./),
      kind: 'cpu',
      execution: 'compiled',
      precision: 'float32',
      layout: 'NCHW',
    });
  });

  it('refuses to train, to differentiate, and a provider that is not installed', () => {
    const model = onnx.instantiate(hybrid, { seed: 1 });
    expect(onnx.supports.training).toBe(false);
    expect(() => model.training({} as never)).toThrow(/runs networks and does not train/);
    expect(() => model.examine({} as never)).toThrow(/does not differentiate/);
    expect(() => openOnnxruntime(1, { python: testPython!, provider: 'coreml' })).toThrow(
      /has the providers cpu.*, got 'coreml'/,
    );
  });
});
