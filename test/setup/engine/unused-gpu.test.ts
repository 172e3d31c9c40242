import { expect, it } from 'vitest';
import { unusedGpuText } from '../../../src/setup/engine/unused-gpu.js';

const found = {
  key: { runtime: 'tensorflow', kind: 'cpu' },
  engineKind: 'cuda',
  gpu: { name: 'NVIDIA L4' },
  env: {},
} as const;

it('unusedGpuText: names the GPU and PyTorch where TensorFlow computes on the CPU', () => {
  expect(unusedGpuText(found)).toMatch(/^TensorFlow does not use NVIDIA L4; .*--runtime pytorch$/);
});

it.each([
  ['on the GPU', { key: { runtime: 'tensorflow', kind: 'gpu' } }],
  ['without a GPU', { gpu: undefined }],
  ['where the engine was set up for the CPU', { engineKind: 'cpu' }],
  ['where the CPU was asked for', { env: { STAGECRAFT_DEVICE: 'cpu' } }],
  ['where GPUs are hidden', { env: { CUDA_VISIBLE_DEVICES: '' } }],
  ['through PyTorch', { key: { runtime: 'pytorch', kind: 'cpu' } }],
] as const)('unusedGpuText: nothing %s', (_, more) => {
  expect(unusedGpuText({ ...found, ...more })).toBeUndefined();
});
