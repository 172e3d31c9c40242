/** Shared weights of a space: their sizes, slices, and blocks that cannot be sliced. */
import { describe, expect, it } from 'vitest';
import { SupernetPlan } from '../../src/network/supernet/supernet-plan.js';
import { sliceValues } from '../../src/network/supernet/weight-slice.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { coveringMembers, extremeMember } from '../../src/space/inspect/covering-members.js';
import { loadSpace, spaceFromText } from '../../src/space/load.js';

const spaceOf = (blocks: string, stages: string): CompiledSpace => {
  const { space, diagnostics } = spaceFromText(
    `space cut\n  input 16x16x3\n  classes 4\n${blocks}\n  stem conv(width: 4, layers: 1)\n${stages}\n  head pool-linear\n`,
    'cut.space',
  );
  if (!space) throw new Error(JSON.stringify(diagnostics));
  return space;
};

describe('SupernetPlan', () => {
  it('shared weights are as large as in the largest of every member', () => {
    const space = spaceOf(
      '  block T = transformer(head-dim: 4, mlp: {1, 3})\n  block M = mbconv(expand: {2, 4}, kernel: {3, 7})',
      '  stage 1  width {8, 12}  (T | M){1,2}',
    );
    const plan = new SupernetPlan(coveringMembers(space));
    const shapes = new Map([...plan.weights].map(([path, { shape }]) => [path, shape]));
    for (const member of space.enumerate())
      for (const { shared, shape } of plan.slices(member).values())
        shape.forEach((size, axis) => expect(size).toBeLessThanOrEqual(shapes.get(shared)![axis]!));
    const whole = new SupernetPlan(space.enumerate());
    expect(new Map([...whole.weights].map(([path, { shape }]) => [path, shape]))).toEqual(shapes);
  });

  it('queries, keys and values are cut each for itself', () => {
    const space = spaceOf('  block T = transformer(head-dim: 4, mlp: 1)', '  stage 1  width {8, 12}  T');
    const plan = new SupernetPlan(coveringMembers(space));
    const smallest = extremeMember(space, 'fewest');
    const [, qkv] = [...plan.slices(smallest)].find(([, { axes }]) => axes.at(-1)!.length > 1)!;
    expect(qkv.axes.at(-1)).toEqual([
      { begin: 0, size: 8 },
      { begin: 12, size: 8 },
      { begin: 24, size: 8 },
    ]);
    const { shape } = plan.weights.get(qkv.shared)!;
    const values = Float32Array.from({ length: shape[0]! * shape[1]! }, (_, at) => at % shape[1]!);
    const cut = sliceValues(values, shape, qkv);
    expect([...cut.subarray(0, 24)]).toEqual(
      [0, 12, 24].flatMap((begin) => Array.from({ length: 8 }, (_, at) => begin + at)),
    );
  });

  it('filters are cut in their middle', () => {
    const space = spaceOf('  block M = mbconv(expand: 1, kernel: {3, 5})', '  stage 1  width 4  M');
    const plan = new SupernetPlan(coveringMembers(space));
    const slices = [...plan.slices(extremeMember(space, 'fewest')).values()];
    const depthwise = slices.find(({ shape }) => shape.length === 4 && shape[0] === 3 && shape[3] === 1)!;
    expect(depthwise.axes.slice(0, 2)).toEqual([[{ begin: 1, size: 3 }], [{ begin: 1, size: 3 }]]);
  });

  it('a block that cannot be sliced is named with its parameters and weight', () => {
    const windows = spaceOf('  block W = swin(head-dim: 4, window: {2, 4})', '  stage 1  width 4  WW');
    expect(() => new SupernetPlan(coveringMembers(windows))).toThrow(
      /supernet: stage1\/block[12] \(W\): swin with window (2 and 4|4 and 2) cannot share \S+: an axis of no channels must keep its size/,
    );
    const mixed = spaceOf(
      '  block S = spartan(expand: {2, 4})\n  block T = transformer(head-dim: 4)',
      '  stage 1  width 8  downsample conv  (S | T)',
    );
    expect(() => new SupernetPlan(coveringMembers(mixed))).toThrow(
      /stage1\/block1 \(S\): spartan with expand 2 and 4 cannot share \S+: an axis of no channels must keep its size/,
    );
  });

  it('extremeMember: no member has more or fewer MACs', () => {
    const space = loadSpace('search-spaces/ascan-cpu.space');
    const macs = [...space.enumerate()].map((member) => space.costOf(member).macs);
    expect(space.costOf(extremeMember(space, 'most')).macs).toBe(Math.max(...macs));
    expect(space.costOf(extremeMember(space, 'fewest')).macs).toBe(Math.min(...macs));
    const limited = space.where(`macs <= ${[...macs].sort((a, b) => a - b)[60]}`);
    const kept = [...limited.enumerate()].map((member) => limited.costOf(member).macs);
    expect(kept).toContain(limited.costOf(extremeMember(limited, 'most')).macs);
  });
});
