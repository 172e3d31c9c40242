/** Tensors own their values (engine/copied-tensors.h). */
import { expect, it } from 'vitest';
import { DT } from '../../src/runtime/tfjs/native-engine.js';
import { engineFolder, openPlatform } from './platforms.js';

it.skipIf(engineFolder === undefined)('a tensor shares no memory with its JavaScript array', async () => {
  const { binding } = (await openPlatform('native')).native!;
  const kept = Array.from({ length: 400 }, (_, index) => {
    const size = 1 + (index % 100); // small arrays, some of which are aligned as TensorFlow needs
    const values = new Float32Array(size).fill(index);
    const id = binding.createTensor([size], DT.float, values);
    values.fill(-1);
    return { id, index, size };
  });
  for (const { id, index, size } of kept) {
    expect([...binding.tensorDataSync(id)]).toEqual(Array(size).fill(index));
    binding.deleteTensor(id);
  }
  const none = binding.createTensor([0], DT.float, new Float32Array());
  expect(binding.tensorDataSync(none)).toHaveLength(0);
  binding.deleteTensor(none);
});
