import { describe, expect, it } from 'vitest';
import { computeOf, computeProblem, devicePrecisions } from '../../src/runtime/compute.js';

describe('computeOf', () => {
  it('leaves out what is off or auto, so that two ways to ask for nothing are one', () => {
    expect(computeOf({ precision: 'auto', xla: false })).toEqual({});
    expect(computeOf({})).toEqual({});
    expect(computeOf({ precision: 'bfloat16', xla: true })).toEqual({ precision: 'bfloat16', xla: true });
    expect(computeOf({ channelsLast: false, device: 'auto', provider: 'auto', python: '' })).toEqual({});
    expect(computeOf({ channelsLast: true, device: 'cpu' })).toEqual({ channelsLast: true, device: 'cpu' });
  });
});

describe('computeProblem', () => {
  it.each([
    [
      'wasm',
      'auto',
      { precision: 'bfloat16' },
      /wasm runtime computes in float32 only, got precision "bfloat16"/,
    ],
    ['wasm', 'auto', { xla: true }, /wasm runtime has no XLA/],
    ['pytorch', 'compiled', { xla: true }, /pytorch runtime has no xla, got xla true/],
    ['auto', 'auto', { channelsLast: true }, /auto runtime has no channels-last, got channels-last true/],
    ['tensorflow', 'auto', { python: 'python3' }, /tensorflow runtime has no python/],
    ['pytorch', 'auto', { provider: 'cuda' }, /pytorch runtime has no provider, got provider "cuda"/],
    ['onnxruntime', 'auto', { precision: 'bfloat16' }, /models of ONNX Runtime are float32/],
    ['onnxruntime', 'eager', {}, /ONNX Runtime compiles its graphs/],
    [
      'tensorflow',
      'eager',
      { precision: 'float16' },
      /needs compiled execution, got precision "float16" with eager/,
    ],
    ['auto', 'eager', { xla: true }, /XLA needs compiled execution/],
  ] as const)('%s, %s, %j is refused with its reason and a fix', (runtime, execution, options, message) => {
    const problem = computeProblem(runtime, execution, options);
    expect(problem?.message).toMatch(message);
    expect(problem?.fix).not.toBe('');
  });

  it.each([
    ['wasm', 'eager', { precision: 'float32' }],
    ['tensorflow', 'compiled', { precision: 'bfloat16', xla: true }],
    ['auto', 'auto', { precision: 'float16' }],
    ['tensorflow', 'eager', { precision: 'tf32' }],
    ['pytorch', 'eager', { precision: 'bfloat16', channelsLast: true }],
    ['onnxruntime', 'compiled', { provider: 'cuda', precision: 'tf32' }],
  ] as const)('%s, %s, %j may be', (runtime, execution, options) => {
    expect(computeProblem(runtime, execution, options)).toBeUndefined();
  });
});

describe('devicePrecisions', () => {
  it("begins with the device's own, and holds what its products can do", () => {
    expect(devicePrecisions({ runtime: 'wasm', kind: 'cpu' })).toEqual(['float32']);
    expect(devicePrecisions({ runtime: 'tensorflow', kind: 'cpu' })[0]).toBe('float32');
    expect(devicePrecisions({ runtime: 'tensorflow', kind: 'cpu' })).not.toContain('tf32');
    expect(devicePrecisions({ runtime: 'tensorflow', kind: 'gpu', computeCapability: '9.0' })).toEqual([
      'tf32',
      'bfloat16',
      'float16',
    ]);
    expect(
      devicePrecisions({ runtime: 'tensorflow', kind: 'gpu', computeCapability: '9.0', tf32Off: true }),
    ).toEqual(['float32', 'bfloat16', 'float16']);
    expect(devicePrecisions({ runtime: 'tensorflow', kind: 'gpu', computeCapability: '7.5' })).toEqual([
      'float32',
      'float16',
    ]);
    expect(devicePrecisions({ runtime: 'tensorflow', kind: 'gpu' })[0]).toBe('tf32'); // the driver does not say
  });
});
