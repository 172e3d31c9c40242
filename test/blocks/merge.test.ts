/** Merged forms of re-parameterised blocks answer as their training forms do. */

import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/blocks/block.js';
import { unireplknet } from '../../src/blocks/conv/unireplknet.js';
import { lsnet } from '../../src/blocks/hybrid/lsnet.js';
import { mergeLSNet } from '../../src/blocks/merge/merge-lsnet.js';
import { mergeUniRepLKNet } from '../../src/blocks/merge/merge-unireplknet.js';
import { oneBlock } from '../../src/network/block-networks.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { WeightSet } from '../../src/runtime/runtime.js';
import type { ParamValues } from '../../src/util/params.js';
import { hashed, valuesOf } from '../parity/values.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });

async function logitsOf(
  block: Block,
  params: ParamValues,
  given: (path: string, shape: readonly number[]) => Float32Array,
): Promise<{ logits: Float32Array; weights: WeightSet }> {
  const model = runtime.instantiate(oneBlock(block, { width: 16, params }), { seed: 1 });
  const weights: WeightSet = new Map(
    [...(await model.readWeights())].map(([path, weight]) => [
      path,
      { ...weight, values: given(path, weight.shape) },
    ]),
  );
  model.writeWeights(weights);
  const inference = model.inference({ batch: 2, execution: 'eager' });
  const logits = await inference.logits(
    Float32Array.from(hashed('image', 2 * 14 * 14 * 3), (value) => 4 * value),
  );
  inference.dispose();
  model.dispose();
  return { logits, weights };
}

/** Weights of both blocks, each merged by its paths within the block. */
function eachBlock(
  weights: WeightSet,
  merge: (own: Map<string, Float32Array>) => Map<string, Float32Array>,
): Map<string, Float32Array> {
  return new Map(
    ['block1', 'block2'].flatMap((block) => {
      const prefix = `stage1/${block}/`;
      const own = new Map(
        [...weights]
          .filter(([path]) => path.startsWith(prefix))
          .map(([path, { values }]) => [path.slice(prefix.length), values]),
      );
      return [...merge(own)].map(([path, values]) => [prefix + path, values] as const);
    }),
  );
}

describe('mergeLSNet', () => {
  it.each(['ls', 'repvgg'])('keeps the outputs, mixer %s', async (mixer) => {
    const training = await logitsOf(lsnet, { mixer }, valuesOf);
    const merged = eachBlock(training.weights, mergeLSNet);
    const again = await logitsOf(
      lsnet,
      { mixer, form: 'merged' },
      (path) => merged.get(path) ?? training.weights.get(path)!.values,
    );
    expect(
      Math.max(...again.logits.map((value, index) => Math.abs(value - training.logits[index]!))),
    ).toBeLessThan(1e-4);
    expect(again.weights.size).toBeLessThan(training.weights.size);
  });
});

describe('mergeUniRepLKNet', () => {
  it.each([0, 3, 5, 7, 9, 13])('keeps the outputs, kernel %i', async (kernel) => {
    const training = await logitsOf(unireplknet, { kernel, form: 'training' }, valuesOf);
    const merged = eachBlock(training.weights, (own) => mergeUniRepLKNet(own, kernel));
    const again = await logitsOf(
      unireplknet,
      { kernel, form: 'merged' },
      (path) => merged.get(path) ?? training.weights.get(path)!.values,
    );
    expect(
      Math.max(...again.logits.map((value, index) => Math.abs(value - training.logits[index]!))),
    ).toBeLessThan(1e-4);
    expect(again.weights.size).toBeLessThan(training.weights.size);
  });
});
