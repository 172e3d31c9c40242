/** A structured mask is a sub-architecture: the masked network computes what the smaller one does. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture, BlockSpec } from '../../src/architecture/architecture.js';
import { rewindWeights, sparsityOf } from '../../src/network/sparsity-masks.js';
import { ticketMasks } from '../../src/network/structured-masks.js';
import type { Model, Runtime, WeightSet } from '../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { engineFolder, noise, openPlatform, relativeDifference, smallNetwork } from '../runtime/platforms.js';

const [convStage, mixedStage] = smallNetwork.stages as [
  Architecture['stages'][number],
  Architecture['stages'][number],
];
const conv: BlockSpec = {
  ...convStage.blocks[0]!,
  params: { ...convStage.blocks[0]!.params, 'se-of': 'input', expand: 4 },
};
const attention = mixedStage.blocks[1]!;
const network = (first: readonly BlockSpec[], second: readonly BlockSpec[]): Architecture => ({
  ...smallNetwork,
  stages: [
    { ...convStage, blocks: first },
    { ...mixedStage, width: 16, blocks: second },
  ],
});
const whole = network([conv, conv], [attention, attention]);

describe.skipIf(engineFolder === undefined)('ticketMasks', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });
  const images = noise('images', 2 * 8 * 8 * 3);
  async function logitsOf(
    architecture: Architecture,
    weights?: WeightSet,
    masks?: ReadonlyMap<string, Uint8Array>,
  ) {
    const model: Model = runtime.instantiate(architecture, { seed: 5, ...(masks && { masks }) });
    if (weights) model.writeWeights(weights);
    const inference = model.inference({ batch: 2, execution: 'eager' });
    const logits = await inference.logits(images);
    inference.dispose();
    model.dispose();
    return logits;
  }
  /** Weights with every entry drawn, so that no norm or bias is at its initial value. */
  async function drawn(): Promise<WeightSet> {
    const model = runtime.instantiate(whole, { seed: 5 });
    const random = seededRandom('drawn');
    const weights = new Map(
      [...(await model.readWeights())].map(([path, weight]) => [
        path,
        { ...weight, values: weight.values.map((value) => value + 0.1 * Math.abs(random.normal())) },
      ]),
    );
    model.dispose();
    return weights;
  }

  it('of blocks: the network without them', async () => {
    const weights = await drawn();
    const masks = ticketMasks({
      architecture: whole,
      unit: 'blocks',
      share: 0.5,
      trained: weights,
      initial: weights,
      rank: (unit) => [0, 1, 1, 0][unit]!,
    });
    const smaller = network([conv], [attention]);
    const carried = new Map(
      [...weights]
        .filter(([path]) => !/^(stage1\/block1|stage2\/block2)\//.test(path))
        .map(([path, weight]) => [path.replace('stage1/block2', 'stage1/block1'), weight]),
    );
    const masked = await logitsOf(whole, weights, masks);
    expect(relativeDifference(masked, await logitsOf(smaller, carried))).toBeLessThan(1e-5);
    expect(relativeDifference(masked, await logitsOf(whole, weights))).toBeGreaterThan(1e-2);
    expect(relativeDifference(await logitsOf(whole, rewindWeights(weights, masks)), masked)).toBeLessThan(
      1e-6,
    );
  });

  it('of channels: the network with a smaller expansion', async () => {
    const weights = await drawn();
    const masks = ticketMasks({
      architecture: whole,
      unit: 'channels',
      share: 0.5,
      trained: weights,
      initial: weights,
      rank: (unit) => -unit, // the last half of each block's channels
    });
    const thinner = network(
      [conv, conv].map((block) => ({ ...block, params: { ...block.params, expand: 2 } })),
      [attention, attention].map((block) => ({ ...block, params: { ...block.params, mlp: 1 } })),
    );
    const model = runtime.instantiate(thinner, { seed: 5 });
    const smaller = new Map(
      [...(await model.readWeights())].map(([path, { shape }]) => {
        const { values, shape: from, trainable } = weights.get(path)!;
        // row-major: keep what lies within the smaller shape
        const kept = values.filter((_, at) => {
          let rest = at;
          return from.every((__, axis) => {
            const inner = from.slice(axis + 1).reduce((product, dim) => product * dim, 1);
            const index = Math.floor(rest / inner);
            rest %= inner;
            return index < shape[axis]!;
          });
        });
        return [path, { shape, trainable, values: kept }];
      }),
    );
    model.dispose();
    const masked = await logitsOf(whole, weights, masks);
    expect(relativeDifference(masked, await logitsOf(thinner, smaller))).toBeLessThan(1e-5);
  });

  it('of heads: what a pruned head computes does not count', async () => {
    const weights = await drawn();
    const masks = ticketMasks({
      architecture: whole,
      unit: 'heads',
      share: 0.5,
      trained: weights,
      initial: weights,
    });
    const masked = await logitsOf(whole, weights, masks);
    const noisy = new Map(
      [...rewindWeights(weights, masks)].map(([path, weight]) => {
        const mask = masks.get(path);
        if (!mask || !/qkv|bias-table/.test(path)) return [path, weight] as const;
        return [
          path,
          { ...weight, values: weight.values.map((value, at) => (mask[at] === 1 ? value : 3)) },
        ] as const;
      }),
    );
    expect(relativeDifference(await logitsOf(whole, noisy), masked)).toBeLessThan(1e-5);
    expect(relativeDifference(await logitsOf(whole, weights), masked)).toBeGreaterThan(1e-3);
    expect(sparsityOf(masks)).toBeCloseTo(0.5, 6);
    // one head of each block is left, however much is pruned
    const most = ticketMasks({
      architecture: whole,
      unit: 'heads',
      share: 0.99,
      trained: weights,
      initial: weights,
    });
    expect(most).toEqual(masks);
  });

  it('prunes the units whose weights grew least, and refuses a network without such units', async () => {
    const model = runtime.instantiate(whole, { seed: 5 });
    const initial = await model.readWeights();
    model.dispose();
    const trained = new Map(
      [...initial].map(([path, weight]) => [
        path,
        { ...weight, values: weight.values.map((value) => value * (path.includes('block1') ? 3 : 2)) },
      ]),
    );
    const masks = ticketMasks({ architecture: whole, unit: 'blocks', share: 0.5, trained, initial });
    expect([...masks.keys()].every((path) => path.includes('block2'))).toBe(true);
    const attentionless = network([conv], [conv]);
    expect(() =>
      ticketMasks({
        architecture: attentionless,
        unit: 'heads',
        share: 0.5,
        trained: new Map(),
        initial: new Map(),
      }),
    ).toThrow('must have heads to prune');
  });
});
