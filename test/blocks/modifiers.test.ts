/** Modifiers around every block: costs by rule, outputs by identity, merged forms equal. */

import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import type { Block } from '../../src/blocks/block.js';
import { blocks } from '../../src/blocks/block-table.js';
import { modifiers } from '../../src/blocks/modifiers/modifier-table.js';
import { mergeReparam } from '../../src/blocks/modifiers/with-reparam.js';
import { architectureProblem, blockProblem } from '../../src/network/architecture-problem.js';
import { oneBlock } from '../../src/network/block-networks.js';
import { networkCost } from '../../src/network/network-cost.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { WeightSet } from '../../src/runtime/runtime.js';
import { spaceFromText } from '../../src/space/load.js';
import type { ParamValues } from '../../src/util/params.js';
import { paramsWithDefaults } from '../../src/util/params.js';
import { hashed, valuesOf } from '../parity/values.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const all = Object.entries(blocks) as [string, Block][];
const C = 64;

/** One stage of two blocks that keep shape and width. */
function network(block: Block, params: ParamValues): Architecture {
  const whole = oneBlock(block, { params });
  return { ...whole, stages: whole.stages.slice(0, 1) };
}
const blockCosts = (architecture: Architecture): { params: number; macs: number }[] =>
  networkCost(architecture)
    .parts.filter(({ letter }) => letter !== undefined)
    .map(({ cost: { params, macs } }) => ({ params, macs }));
const difference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, index) => Math.abs(value - b[index]!)));

async function logitsOf(
  architecture: Architecture,
  given: (path: string, shape: readonly number[]) => Float32Array,
): Promise<{ logits: Float32Array; weights: WeightSet }> {
  const model = runtime.instantiate(architecture, { seed: 1 });
  const weights: WeightSet = new Map(
    [...(await model.readWeights())].map(([path, weight]) => [
      path,
      { ...weight, values: given(path, weight.shape) },
    ]),
  );
  model.writeWeights(weights);
  const inference = model.inference({ batch: 1, execution: 'eager' });
  const logits = await inference.logits(
    Float32Array.from(hashed('image', 14 * 14 * 3), (value) => 4 * value),
  );
  inference.dispose();
  model.dispose();
  return { logits, weights };
}

describe.each(all)('%s', (_, block) => {
  const plain = blockCosts(network(block, {}));
  const changed = (params: ParamValues): { params: number; macs: number }[] => {
    const architecture = network(block, params);
    expect(architectureProblem(architecture)).toBeUndefined();
    return blockCosts(architecture);
  };
  const plus = (params: number, macs: number): { params: number; macs: number }[] =>
    plain.map((one) => ({ params: one.params + params, macs: one.macs + macs }));

  it('with-layer-scale adds C, with-se 2CR + C + R, with-scse C² + 2.5C + 1, with-drop-path nothing', () => {
    expect(changed({ 'with-layer-scale': 0.1 })).toEqual(plus(C, 0));
    expect(changed({ 'with-se': 0.25 })).toEqual(plus(2 * C * 16 + C + 16, 2 * C * 16));
    expect(changed({ 'with-scse': 'add' })).toEqual(plus(C * C + 2.5 * C + 1, C * C + C * 196));
    expect(changed({ 'with-drop-path': 0.2 })).toEqual(plain);
  });
  it('with-parallel is k blocks, with-calls k blocks’ MACs for one’s parameters', () => {
    expect(changed({ 'with-parallel': 3 })).toEqual(
      plain.map(({ params, macs }) => ({ params: 3 * params, macs: 3 * macs })),
    );
    expect(changed({ 'with-calls': 3 })).toEqual(
      plain.map(({ params, macs }) => ({ params, macs: 3 * macs })),
    );
  });
  it('with-layer-scale of 1 and with-parallel of copies answer as they must', async () => {
    const loud = await logitsOf(network(block, {}), valuesOf);
    const scaled = await logitsOf(network(block, { 'with-layer-scale': 1 }), (path, shape) =>
      path.endsWith('with-layer-scale') ? new Float32Array(shape[0]!).fill(1) : valuesOf(path, shape),
    );
    expect(difference(scaled.logits, loud.logits)).toBeLessThan(2e-4);
    const half = await logitsOf(
      network(block, { 'with-parallel': 2, 'with-layer-scale': 1 }),
      (path, shape) =>
        path.endsWith('with-layer-scale')
          ? new Float32Array(shape[0]!).fill(0.5)
          : valuesOf(path.replace(/parallel\d\//, ''), shape),
    );
    expect(difference(half.logits, loud.logits)).toBeLessThan(2e-4); // two equal halves are one block
  });
  it('with-reparam merges into equal outputs', async () => {
    const training = await logitsOf(network(block, { 'with-reparam': 'training' }), valuesOf);
    const merged = mergeReparam(training.weights);
    const again = await logitsOf(
      network(block, { 'with-reparam': 'merged' }),
      (path) => merged.get(path)!.values,
    );
    expect([...again.weights.keys()].sort()).toEqual([...merged.keys()].sort());
    expect(difference(again.logits, training.logits)).toBeLessThan(1e-4);
  });
});

describe('with-drop-path in training', () => {
  it('drops branches at its own rate, and none at rest', async () => {
    const losses: number[] = [];
    const answers: Float32Array[] = [];
    for (const params of [{}, { 'with-drop-path': 0 }, { 'with-drop-path': 0.9 }] as ParamValues[]) {
      const architecture = network(blocks.convnext, params);
      const model = runtime.instantiate(architecture, { seed: 1 });
      const image = Float32Array.from(hashed('images', 4 * 14 * 14 * 3), (value) => 4 * value);
      const inference = model.inference({ batch: 4, execution: 'eager' });
      answers.push(await inference.logits(image));
      inference.dispose();
      const training = model.training({
        batch: 4,
        execution: 'eager',
        optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
        labelSmoothing: 0,
        clipNorm: 0,
        dropPath: 0,
        seed: 3,
      });
      losses.push((await training.step(image, Int32Array.of(0, 1, 2, 3), { learningRate: 0 })).loss);
      training.dispose();
      model.dispose();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(losses[1]).toBe(losses[0]);
    expect(Math.abs(losses[2]! - losses[0]!)).toBeGreaterThan(1e-4);
  });
});

describe('modifiers', () => {
  it.each(Object.values(modifiers))(
    '$name has a source and its own name as parameter',
    ({ name, source, summary }) => {
      expect(name).toMatch(/^with-[a-z-]+$/);
      expect(source).toMatch(/^https:\/\//);
      expect(summary.length).toBeGreaterThan(10);
    },
  );
  it('re-parameterise something in every block that has a larger convolution', () => {
    const with3x3 = ['fused-mbconv', 'mbconv', 'convnext', 'residual', 'lsnet'] as const;
    for (const name of with3x3)
      expect(
        networkCost(network(blocks[name], { 'with-reparam': 'training' })).total.params,
        name,
      ).toBeGreaterThan(networkCost(network(blocks[name], {})).total.params);
  });
  it('that share or copy are refused where the block reduces', () => {
    for (const params of [{ 'with-calls': 2 }, { 'with-parallel': 2 }]) {
      const problem = blockProblem(
        { type: 'mbconv', letter: 'C', params: { ...paramsWithDefaults(blocks.mbconv.params), ...params } },
        { height: 8, width: 8, channels: 8 },
        { width: 16, stride: 2, index: 0, stage: 1, dropPath: 0 },
      );
      expect(problem?.message).toMatch(
        /^mbconv: with-\w+ needs a block that keeps shape and width, got 8 to 16 channels at stride 2$/,
      );
    }
  });
  it('are parameters of any block in a space file, with diagnostics at their place', () => {
    const text = (args: string): string =>
      `space m input 8x8x3 classes 2 block C = convnext(${args}) stem conv(width: 8) stage 1 width 8 C head pool-linear`;
    const { space } = spaceFromText(text('with-scse: {maximum, add}, with-parallel: 2'), 'm.space');
    expect(space?.count()).toEqual({ exact: true, count: 2n });
    expect(space!.unrank(0n).stages[0]!.blocks[0]!.params).toMatchObject({ 'with-parallel': 2 });
    expect(
      spaceFromText(text(''), 'm.space').space!.unrank(0n).stages[0]!.blocks[0]!.params,
    ).not.toHaveProperty('with-parallel');
    expect(spaceFromText(text('with-parallel: 1'), 'm.space').diagnostics).toMatchObject([
      { message: 'with-parallel must lie in 2..64, got 1', span: { line: 1 } },
    ]);
  });
});
