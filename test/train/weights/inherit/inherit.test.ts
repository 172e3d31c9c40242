/**
 * Networks that start from others: grown ones compute what their parent did, cut ones are its parts; on the
 * runtime at hand.
 */

import { describe, expect, it } from 'vitest';
import type { Architecture, BlockSpec } from '../../../../src/architecture/architecture.js';
import type { Block } from '../../../../src/blocks/block.js';
import { blocks } from '../../../../src/blocks/block-table.js';
import { architectureProblem } from '../../../../src/network/architecture-problem.js';
import { oneBlock } from '../../../../src/network/block-networks.js';
import { openRuntime } from '../../../../src/runtime/open-runtime.js';
import type { Model, WeightSet } from '../../../../src/runtime/runtime.js';
import {
  assertSameFunction,
  largestDifference,
} from '../../../../src/train/weights/inherit/check-function.js';
import { type InheritMode, inheritWeights } from '../../../../src/train/weights/inherit/inherit.js';
import { seededRandom } from '../../../../src/util/random.js';
import { smallNetwork } from '../../../fixtures/small-network.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const tolerance = 1e-4;

/** Weights that look trained: everything moved off its start, statistics included. */
function trained(weights: WeightSet): WeightSet {
  const random = seededRandom('as if trained');
  return new Map(
    [...weights].map(([path, weight]) => [
      path,
      {
        ...weight,
        values: weight.values.map((value) =>
          path.endsWith('running-variance') ? 0.5 + random.next() : value + 0.1 * random.normal(),
        ),
      },
    ]),
  );
}

async function pair(
  parent: Architecture,
  child: Architecture,
  mode: InheritMode,
): Promise<{ parent: Model; child: Model; inherited: number; fresh: number; dispose(): void }> {
  const [before, after] = [runtime.instantiate(parent, { seed: 1 }), runtime.instantiate(child, { seed: 2 })];
  before.writeWeights(trained(await before.readWeights()));
  const { weights, inherited, fresh } = inheritWeights(
    { architecture: parent, weights: await before.readWeights() },
    child,
    await after.readWeights(),
    { mode, seed: 3 },
  );
  after.writeWeights(weights);
  return {
    parent: before,
    child: after,
    inherited,
    fresh,
    dispose() {
      before.dispose();
      after.dispose();
    },
  };
}

async function difference(
  parent: Architecture,
  child: Architecture,
  mode: InheritMode = 'grow',
): Promise<number> {
  const models = await pair(parent, child, mode);
  try {
    return await largestDifference(models.parent, models.child, 'eager');
  } finally {
    models.dispose();
  }
}

const withStage = (
  architecture: Architecture,
  index: number,
  change: (stage: Architecture['stages'][number]) => Partial<Architecture['stages'][number]>,
): Architecture => ({
  ...architecture,
  stages: architecture.stages.map((stage, at) => (at === index ? { ...stage, ...change(stage) } : stage)),
});
const withParams = (block: BlockSpec, params: BlockSpec['params']): BlockSpec => ({
  ...block,
  params: { ...block.params, ...params },
});

const hybrid = smallNetwork({ layout: 'C-CT', widths: [8, 16] });
const [C, T] = hybrid.stages[1]!.blocks as [BlockSpec, BlockSpec];

describe('grow', () => {
  it.each([
    ['at the end', [C, T, T]],
    ['at the front', [C, C, T]],
    ['of another letter in between', [C, T, C, T]],
    ['everywhere', [T, C, C, C, T, T]],
  ] as const)('puts blocks in %s and keeps the function', async (_, put) => {
    expect(
      await difference(
        hybrid,
        withStage(hybrid, 1, () => ({ blocks: put })),
      ),
    ).toBeLessThan(tolerance);
  });

  it('widens hidden maps of convolution, squeeze-excitation and MLP by any amount', async () => {
    const child = withStage(hybrid, 1, ({ blocks: [c, t] }) => ({
      blocks: [withParams(c!, { expand: 5.5 }), withParams(t!, { mlp: 6.3 })],
    }));
    expect(await difference(hybrid, child)).toBeLessThan(tolerance);
  });

  it('enlarges filters', async () => {
    expect(
      await difference(
        hybrid,
        withStage(hybrid, 1, ({ blocks: [c, t] }) => ({ blocks: [withParams(c!, { kernel: 7 }), t!] })),
      ),
    ).toBeLessThan(tolerance);
  });

  it('widens whole stages, heads and their tables with them', async () => {
    const wide = smallNetwork({ layout: 'C-CT', widths: [16, 32] });
    expect(await difference(hybrid, wide)).toBeLessThan(tolerance);
    expect(await difference(hybrid, smallNetwork({ layout: 'C-CT', widths: [8, 48] }))).toBeLessThan(
      tolerance,
    );
  });

  it('does it all at once, and repeated channels do not stay twins', async () => {
    const child = withStage(smallNetwork({ layout: 'C-CT', widths: [16, 32] }), 1, ({ blocks: [c, t] }) => ({
      blocks: [withParams(c!, { kernel: 5, expand: 6 }), c!, t!, t!],
    }));
    const models = await pair(hybrid, child, 'grow');
    expect(await largestDifference(models.parent, models.child, 'eager')).toBeLessThan(tolerance);
    expect(models.inherited).toBeGreaterThan(models.parent.parameterCount);
    const training = models.child.training({
      batch: 4,
      execution: 'eager',
      optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
      labelSmoothing: 0,
      clipNorm: 0,
      dropPath: 0,
      seed: 1,
    });
    const random = seededRandom('twins');
    const { height, width, channels } = child.input;
    await training.step(
      Float32Array.from({ length: 4 * height * width * channels }, () => random.normal()),
      Int32Array.of(0, 1, 2, 0),
      { learningRate: 0.1 },
    );
    const { shape, values } = (await models.child.readWeights()).get('stem/conv1/filter')!;
    const [inputs, outputs] = [shape[2]!, shape[3]!];
    const column = (out: number): number[] =>
      Array.from({ length: 9 * inputs }, (__, at) => values[at * outputs + out]!);
    expect(column(0)).not.toEqual(column(outputs / 2)); // repetitions of one channel before the step
    training.dispose();
    models.dispose();
  });

  it.each([
    [
      'fewer blocks',
      withStage(hybrid, 1, () => ({ blocks: [C] })),
      /stage2: must hold the parent's blocks in their order \(fused-mbconv, transformer\), got fused-mbconv/,
    ],
    [
      'another order',
      withStage(hybrid, 1, () => ({ blocks: [T, C] })),
      /stage2: must hold the parent's blocks/,
    ],
    [
      'a narrower stage',
      smallNetwork({ layout: 'C-CT', widths: [8, 8] }),
      /stage2\/.*: axis \d must not shrink from 16, got 8/,
    ],
    [
      'an even step of a filter',
      withStage(hybrid, 0, ({ blocks: [c] }) => ({ blocks: [withParams(c!, { kernel: 1 })] })),
      /must not shrink from 3, got 1/,
    ],
    [
      'a part without counterpart',
      withStage(hybrid, 1, ({ blocks: [c, t] }) => ({
        blocks: [withParams(c!, { 'project-norm': false }), t!],
      })),
      /block1\/project\/bias: the parent must have this weight/,
    ],
    [
      'more stages',
      smallNetwork({ layout: 'C-CT-C', widths: [8, 16, 16] }),
      /stages: a child has as many as its parent, 2, got 3/,
    ],
  ] as const)('refuses %s', async (_, child, message) => {
    await expect(pair(hybrid, child, 'grow')).rejects.toThrow(message);
  });

  it('refuses to put in a block that cannot be the identity', async () => {
    const plain: BlockSpec = {
      ...C,
      type: 'plain-conv',
      params: Object.fromEntries(
        Object.entries(blocks['plain-conv'].params).map(([name, spec]) => [name, spec.default]),
      ),
    };
    await expect(
      pair(
        hybrid,
        withStage(hybrid, 1, () => ({ blocks: [C, plain, T] })),
        'grow',
      ),
    ).rejects.toThrow(
      /stage2\/block2: a block that is put in must be able to start as the identity, got plain-conv/,
    );
  });

  it('finds out where a norm over channels that are not all repeated alike changes the function', async () => {
    const models = await pair(hybrid, smallNetwork({ layout: 'C-CT', widths: [8, 24] }), 'grow');
    await expect(assertSameFunction(models.parent, models.child, 'eager')).rejects.toThrow(
      /must compute what its parent does, got logits that differ by/,
    );
    models.dispose();
  });
});

/** Blocks that add to what they are given and do no more: these must be able to. */
const closes = [
  'fused-mbconv',
  'mbconv',
  'transformer',
  'convnext',
  'gpsa',
  'hiera',
  'hornet',
  'maxvit',
  'swin',
  'lowformer',
  'spartan',
  'unireplknet',
  'wavemix',
  'identity',
];

describe.each(Object.entries(blocks) as [string, Block][])('another %s', (name, block) => {
  const first = oneBlock(block);
  const child = withStage(first, 0, ({ blocks: [own] }) => ({ blocks: [own!, own!, own!] }));
  it('starts as the identity, or is refused', async () => {
    if (architectureProblem(child)) return expect(name).toBe('a block that stands once');
    const outcome = await difference(first, child).catch((error: Error) => error.message);
    if (typeof outcome === 'number' || closes.includes(name)) expect(outcome).toBeLessThan(tolerance);
    else expect(outcome).toMatch(/start as the identity|without skip connections/);
  });
});

it('a residual block with a ReLU after its sum is the identity behind another one', async () => {
  const first = oneBlock(blocks.residual as unknown as Block, { params: { act: 'relu' } });
  expect(
    await difference(
      first,
      withStage(first, 0, ({ blocks: [own] }) => ({ blocks: [own!, own!, own!] })),
    ),
  ).toBeLessThan(tolerance);
});

describe('cut', () => {
  const supernet = smallNetwork({ layout: 'CC-CTT', widths: [16, 32] });
  it('takes leading channels, middles of filters and leading blocks', async () => {
    const child = withStage(hybrid, 0, ({ blocks: [c] }) => ({
      blocks: [withParams(c!, { kernel: 1, expand: 2 })],
    }));
    const models = await pair(supernet, child, 'cut');
    const [large, small] = [await models.parent.readWeights(), await models.child.readWeights()];
    const path = 'stage1/block1/expand/filter';
    const [from, to] = [large.get(path)!, small.get(path)!];
    expect([from.shape, to.shape]).toEqual([
      [3, 3, 16, 32],
      [1, 1, 8, 16],
    ]);
    expect(to.values[3 * 16 + 5]).toBe(from.values[((1 * 3 + 1) * 16 + 3) * 32 + 5]); // centre pixel, input 3, output 5
    const [allQkv, qkv] = [
      large.get('stage2/block2/attention/qkv/kernel')!,
      small.get('stage2/block2/attention/qkv/kernel')!,
    ];
    expect([allQkv.shape, qkv.shape]).toEqual([
      [32, 96],
      [16, 48],
    ]);
    expect(qkv.values[2 * 48 + 16 + 7]).toBe(allQkv.values[2 * 96 + 32 + 7]); // the keys' part, not the queries'
    expect(models.fresh).toBe(0);
    models.dispose();
  });
  it('refuses what the supernet does not hold', async () => {
    await expect(pair(hybrid, smallNetwork({ layout: 'C-CT', widths: [8, 32] }), 'cut')).rejects.toThrow(
      /must not grow from 16, got 32/,
    );
    await expect(pair(hybrid, smallNetwork({ layout: 'CC-CT', widths: [8, 16] }), 'cut')).rejects.toThrow(
      /stage1\/block2: the supernet's stage has 1 blocks/,
    );
  });
});

describe('match', () => {
  it('keeps what has the same name and shape and starts the rest fresh', async () => {
    const models = await pair(hybrid, smallNetwork({ layout: 'C-TT', widths: [8, 16] }), 'match');
    const [before, after] = [await models.parent.readWeights(), await models.child.readWeights()];
    expect(after.get('stage2/block2/mlp/expand/kernel')!.values).toEqual(
      before.get('stage2/block2/mlp/expand/kernel')!.values,
    );
    expect(models.inherited).toBeGreaterThan(0);
    expect(models.fresh).toBeGreaterThan(0);
    models.dispose();
  });
});
