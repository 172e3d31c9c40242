/** The merged form of a re-parameterised network answers as its training form does. */
import { describe, expect, it } from 'vitest';
import { mergeUniRepLKNet } from '../../src/blocks/merge-unireplknet.js';
import { unireplknet } from '../../src/blocks/unireplknet.js';
import type { WeightSet } from '../../src/runtime/contract.js';
import { openRuntime } from '../../src/runtime/open.js';
import { oneBlock } from '../fixtures/one-block.js';
import { hashed, valuesOf } from '../parity/values.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });

async function logitsOf(form: string, kernel: number, given: (path: string, shape: readonly number[]) => Float32Array): Promise<{ logits: Float32Array; weights: WeightSet }> {
  const model = runtime.instantiate(oneBlock(unireplknet, { width: 16, params: { kernel, form } }), { seed: 1 });
  const weights: WeightSet = new Map([...await model.readWeights()].map(([path, weight]) => [path, { ...weight, values: given(path, weight.shape) }]));
  model.writeWeights(weights);
  const inference = model.inference({ batch: 2, execution: 'eager' });
  const logits = await inference.logits(Float32Array.from(hashed('image', 2 * 14 * 14 * 3), (value) => 4 * value));
  inference.dispose();
  model.dispose();
  return { logits, weights };
}

describe('mergeUniRepLKNet', () => {
  it.each([0, 3, 5, 7, 9, 13])('keeps the outputs, kernel %i', async (kernel) => {
    const training = await logitsOf('training', kernel, valuesOf);
    const merged = new Map(['block1', 'block2'].flatMap((block) => {
      const prefix = `stage1/${block}/`;
      const own = new Map([...training.weights].filter(([path]) => path.startsWith(prefix)).map(([path, { values }]) => [path.slice(prefix.length), values]));
      return [...mergeUniRepLKNet(own, kernel)].map(([path, values]) => [prefix + path, values] as const);
    }));
    const again = await logitsOf('merged', kernel, (path) => merged.get(path) ?? training.weights.get(path)!.values);
    expect(Math.max(...again.logits.map((value, index) => Math.abs(value - training.logits[index]!)))).toBeLessThan(1e-4);
    expect(again.weights.size).toBeLessThan(training.weights.size);
  });
});
