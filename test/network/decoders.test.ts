/**
 * Networks with skip connections, decoders and conditions: what is inferred is what is built, and mistakes
 * are named.
 */
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { forwardNetwork } from '../../src/network/forward-network.js';
import { networkCost } from '../../src/network/network-cost.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import { spaceFromText } from '../../src/space/load.js';
import { SymbolicOps } from '../../src/tensor/infer/symbolic-ops.js';
import { gated, segmenter, unet } from '../fixtures/decoder-networks.js';
import { networkOf } from '../fixtures/network-of.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });

describe('architectureProblem of decoders', () => {
  it.each([
    unet(),
    unet({ join: 'concat' }),
    unet({ condition: 'text' }),
    unet({ condition: 'time' }),
    segmenter(),
    gated(),
  ])('finds nothing wrong (%#)', (network) => expect(architectureProblem(network)).toBeUndefined());
  it('names a stage that something took before', () =>
    expect(architectureProblem(unet({ last: 2 }))).toEqual({
      part: 'stage5/downsample',
      message: 'up: from must be an earlier stage whose output nothing took before, got 2',
    }));
  it('names a stage that does not exist yet', () =>
    expect(architectureProblem(unet({ last: 5 }))?.message).toMatch(/got 5$/));
  it('follows odd sides back up', () => {
    for (const join of ['add', 'concat']) {
      expect(architectureProblem(unet({ side: 17, join }))).toBeUndefined();
      expect(networkCost(unet({ side: 17, join })).parts.at(-1)!.output).toEqual({
        height: 17,
        width: 17,
        channels: 2,
      });
    }
  });
  it('names maps that do not meet', () => {
    const network = unet();
    const tall = {
      ...network,
      stages: network.stages.map((stage, index) =>
        index === 4
          ? {
              ...stage,
              downsample: { ...stage.downsample!, params: { ...stage.downsample!.params, scale: 1 } },
            }
          : stage,
      ),
    };
    expect(architectureProblem(tall)).toEqual({
      part: 'stage5/downsample',
      message: 'up: from needs stage 1 to leave a map of 8×8, got 16×16',
    });
  });
});

describe('a space with skip connections', () => {
  const text = (
    width: string,
  ): string => `space u input 16x16x2 classes 3 let w = {8, 16} block C = unet-conv(expand: 2) stem denoise(width: 8)
    stage 1 width w C{1,2} stage 2 width 16 C stage 3 width ${width} downsample up(from: 1) mirrors 1 head to-image(channels: 2)`;
  it('holds the members whose widths meet', () =>
    expect(spaceFromText(text('w'), 'u.space').space?.count()).toEqual({ exact: true, count: 4n }));
  it('leaves out, exactly, those whose widths do not', () => {
    const { space, diagnostics } = spaceFromText(text('{8, 16}'), 'u.space');
    expect(space?.count()).toEqual({ exact: true, count: 4n });
    expect(diagnostics.map(({ message }) => message).join()).toMatch(
      /up: join add from stage 1 needs its width/,
    );
  });
  it('costs its members as networks cost: budgets count what enumeration counts', () => {
    const { space } = spaceFromText(text('w'), 'u.space');
    const members = [0n, 1n, 2n, 3n].map((rank) => space!.unrank(rank));
    for (const member of members) expect(architectureProblem(member)).toBeUndefined();
    for (const [measure, of] of [
      ['params', 'params'],
      ['macs', 'macs'],
      ['memory', 'activationBytes'],
    ] as const) {
      const costs = members.map((member) => networkCost(member).total[of]).sort((a, b) => a - b);
      const limit = costs[1]!;
      expect(spaceFromText(`${text('w')} where ${measure} <= ${limit}`, 'u.space').space?.count()).toEqual({
        exact: true,
        count: BigInt(costs.filter((cost) => cost <= limit).length),
      });
    }
  });
});

describe('memory of kept maps', () => {
  it('adds at most the map while it is kept; MACs are those of the whole pass read at once', () => {
    for (const network of [unet(), segmenter()]) {
      const ops = new SymbolicOps();
      forwardNetwork(
        ops,
        network,
        ops.tensor([1, network.input.height, network.input.width, network.input.channels], true),
      );
      expect(networkCost(network).total.macs).toBe(ops.operations.reduce((sum, { macs }) => sum + macs, 0));
    }
    const without = networkOf({
      side: 16,
      classes: 3,
      stem: ['patch', { size: 1 }],
      stemWidth: 8,
      blocks: { C: ['convnext'] },
      stages: [
        { width: 8, layout: 'C' },
        { width: 8, down: ['conv'], layout: '' },
        { width: 8, down: ['up'], layout: 'C' },
      ],
      head: ['pool-linear'],
    });
    const skip = {
      ...without,
      stages: without.stages.map((stage, index) =>
        index === 2
          ? { ...stage, downsample: { type: 'up', params: { ...stage.downsample!.params, from: 1 } } }
          : stage,
      ),
    };
    const bytes = (network: Architecture, name: string): number =>
      networkCost(network).parts.find((part) => part.name === name)!.cost.activationBytes;
    const map = 16 * 16 * 8 * 4;
    for (const part of ['stage2/downsample', 'stage3/downsample']) {
      const more = bytes(skip, part) - bytes(without, part);
      expect(more >= 0 && more <= map, `${part} ${more}`).toBe(true);
    }
    expect(bytes(skip, 'stage3/downsample')).toBeGreaterThan(bytes(without, 'stage3/downsample'));
  });
});

describe(`decoders on ${runtime.id}`, () => {
  it.each([
    ['UNet of a class', unet(), [2, 16, 16, 2]],
    ['UNet of a text', unet({ condition: 'text', join: 'concat' }), [2, 16, 16, 2]],
    ['UNet of odd sides', unet({ side: 17 }), [2, 17, 17, 2]],
    ['UPerNet', segmenter(), [2, 64, 64, 5]],
    ['MAXIM’s cross-gating', gated(), [2, 16, 16, 3]],
  ] as const)(
    '%s: weights as inferred, output of the stated shape, compiled as eager',
    async (_, network, shape) => {
      const model = runtime.instantiate(network, { seed: 1 });
      expect(model.parameterCount).toBe(networkCost(network).total.params);
      const image = Float32Array.from(
        { length: 2 * network.input.height ** 2 * network.input.channels },
        (_v, index) => Math.sin(index * 1.7),
      );
      const eager = model.inference({ batch: 2, execution: 'eager' });
      const y = await eager.logits(image);
      expect(y.length).toBe(shape.reduce((a, b) => a * b, 1));
      expect(Math.max(...y.map(Math.abs))).toBeGreaterThan(1e-4);
      if (runtime.supports.compiled) {
        const compiled = model.inference({ batch: 2, execution: 'compiled' });
        const again = await compiled.logits(image);
        expect(Math.max(...again.map((value, index) => Math.abs(value - y[index]!)))).toBeLessThan(1e-4);
        compiled.dispose();
      }
      eager.dispose();
      model.dispose();
    },
  );
});
