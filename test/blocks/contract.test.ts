/**
 * What every block, stem, downsampling layer and head must hold; loops over the tables, so a new one is
 * tested on arrival.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, BlockContext, Head, MapSize } from '../../src/blocks/block.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';
import { blockProblem } from '../../src/network/architecture-problem.js';
import { blockCost, downsampleCost, headCost, stemCost } from '../../src/network/network-cost.js';
import { infer } from '../../src/tensor/infer/infer.js';
import {
  type ParamSpec,
  type ParamTable,
  type ParamValue,
  type ParamValues,
  paramProblem,
  paramsWithDefaults,
} from '../../src/util/params.js';

const all = {
  ...blocks,
  ...Object.fromEntries(
    Object.entries({ ...stems, ...downsamples, ...heads }).map(([name, part]) => [`layer ${name}`, part]),
  ),
};
const allBlocks: readonly (readonly [string, Block])[] = Object.entries(blocks);
const sides = [7, 8, 13, 14, 16];
const widths = [32, 64, 96];

/** A value that a parameter must refuse. */
function valueOutside(spec: ParamSpec): ParamValue {
  if (spec.kind === 'int' || spec.kind === 'number') return spec.max + 1;
  return spec.kind === 'choice' ? 'nonsense' : 7;
}

/**
 * Allowed values of one parameter, the ends of its range included; wide integer ranges are cut so that tests
 * stay small.
 */
function arbitraryValue(spec: ParamSpec): fc.Arbitrary<ParamValue> {
  switch (spec.kind) {
    case 'int':
      return fc
        .integer({ min: spec.min, max: Math.min(spec.max, Math.max(spec.min, 33)) })
        .map((value) => (spec.odd && value % 2 === 0 ? Math.min(value + 1, spec.max) : value));
    case 'number':
      return fc.oneof(
        fc.constant(spec.min),
        fc.constant(Math.min(spec.max, 16)),
        fc.double({ min: spec.min, max: Math.min(spec.max, 16), noNaN: true }),
      );
    case 'choice':
      return fc.constantFrom(...spec.oneOf);
    case 'bool':
      return fc.boolean();
    case 'text':
      return fc.constant(spec.default ?? '');
    case 'list':
      return fc
        .uniqueArray(fc.integer({ min: spec.min, max: Math.min(spec.max, 8) }), {
          minLength: 1,
          maxLength: spec.most,
        })
        .map((items) => items.join('-'));
    default:
      return spec satisfies never;
  }
}

/** Every parameter at its default or, one time in three, at any allowed value. */
const paramsOf = (table: ParamTable): fc.Arbitrary<ParamValues> =>
  fc.record(
    Object.fromEntries(
      Object.entries(table).map(([name, spec]) => [
        name,
        spec.default === undefined
          ? arbitraryValue(spec)
          : fc.oneof(
              { arbitrary: fc.constant(spec.default), weight: 2 },
              { arbitrary: arbitraryValue(spec), weight: 1 },
            ),
      ]),
    ),
  );
const mapOf: fc.Arbitrary<MapSize> = fc.record({
  height: fc.constantFrom(...sides),
  width: fc.constantFrom(...sides),
  channels: fc.constantFrom(...widths),
});
const placeOf = (block: Block, map: MapSize): fc.Arbitrary<BlockContext> =>
  fc.record({
    width: block.reduces ? fc.constantFrom(...widths) : fc.constant(map.channels),
    stride: block.reduces ? fc.constantFrom(1, 2) : fc.constant(1),
    index: fc.integer({ min: 0, max: 3 }),
    stage: fc.integer({ min: 1, max: 4 }),
    dropPath: fc.constant(0),
  });

describe.each(Object.entries(all))('%s', (key, part) => {
  it('has a kebab-case name equal to its key, a summary and a source', () => {
    expect(part.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(key.replace('layer ', '')).toBe(part.name);
    expect(part.summary.length).toBeGreaterThan(10);
    expect(part.source).toMatch(/^https:\/\//);
  });
  it('has defaults inside their ranges', () => {
    for (const [name, spec] of Object.entries(part.params as ParamTable))
      if (spec.default !== undefined) expect(paramProblem(name, spec, spec.default)).toBeUndefined();
  });
});

describe.each(allBlocks)('block %s', (_, block) => {
  const placed = (params: ParamValues): { type: string; letter: string; params: ParamValues } => ({
    type: block.name,
    letter: block.letter,
    params,
  });
  const cases = paramsOf(block.params).chain((params) =>
    mapOf.chain((map) => placeOf(block, map).map((place) => ({ params, map, place }))),
  );

  it('suggests one upper-case letter', () => expect(block.letter).toMatch(/^[A-Z]$/));

  it('stands with its defaults on 14×14×64', () => {
    expect(
      blockProblem(
        placed(paramsWithDefaults(block.params)),
        { height: 14, width: 14, channels: 64 },
        { width: 64, stride: 1, index: 0, stage: 1, dropPath: 0 },
      ),
    ).toBeUndefined();
  });

  it('gives the shape its place asks for, at odd sizes and extreme parameters, or says why not', () => {
    let built = 0;
    fc.assert(
      fc.property(cases, ({ params, map, place }) => {
        const problem = blockProblem(placed(params), map, place)?.message;
        if (problem !== undefined) {
          expect(problem).toMatch(new RegExp(`^${block.name}: .+, got .+`));
          expect(problem, 'a rule of the block, not a shape that happened to fail').not.toContain(
            'does not fit here',
          );
          return;
        }
        built += 1;
        const cost = blockCost(placed(params), map, place);
        expect(cost.output).toEqual({
          height: Math.ceil(map.height / place.stride),
          width: Math.ceil(map.width / place.stride),
          channels: place.width,
        });
        expect(cost.activationBytes).toBeGreaterThanOrEqual(
          4 *
            Math.max(
              map.height * map.width * map.channels,
              cost.output.height * cost.output.width * cost.output.channels,
            ),
        );
        for (const value of [cost.params, cost.macs, cost.activationBytes])
          expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      }),
      { seed: 5, numRuns: 150 },
    );
    expect(built).toBeGreaterThan(5);
  });

  it('reads the same twice, and per image: a batch of 3 has 3 times the memory and the same parameters', () => {
    const place = { width: 64, stride: 1, index: 1, stage: 2, dropPath: 0 } as const;
    const params = paramsWithDefaults(block.params) as never;
    const read = (batch: number): ReturnType<typeof infer> =>
      infer([batch, 14, 14, 64], (ops, x) => block.forward(ops, x, params, place));
    expect(read(1).operations).toEqual(read(1).operations);
    expect(read(3).params).toBe(read(1).params);
    expect(read(3).activationBytes).toBe(3 * read(1).activationBytes);
  });

  it('names a bad, a missing and an unknown parameter', () => {
    const defaults = paramsWithDefaults(block.params);
    const map = { height: 14, width: 14, channels: 64 };
    const place = { width: 64, stride: 1, index: 0, stage: 1, dropPath: 0 } as const;
    expect(blockProblem(placed({ ...defaults, nonsense: 1 }), map, place)?.message).toMatch(/nonsense/);
    for (const [name, spec] of Object.entries(block.params)) {
      const bad = valueOutside(spec);
      expect(blockProblem(placed({ ...defaults, [name]: bad }), map, place)?.message).toContain(
        `${block.name}: ${name} must`,
      );
      const { [name]: _gone, ...rest } = defaults;
      expect(blockProblem(placed(rest), map, place)?.message).toContain(`${name} must be given`);
    }
  });
});

describe('stems, downsampling layers and heads', () => {
  it.each(Object.values(stems))('stem $name gives the width asked for', (stem) => {
    const { output, params } = stemCost(
      { type: stem.name, width: 24, params: paramsWithDefaults(stem.params) },
      { height: 64, width: 96, channels: 3 },
    );
    expect(output.channels).toBe(24);
    expect(params).toBeGreaterThan(0);
  });
  it.each(
    Object.values(downsamples).filter(
      (each) => !['none', 'class-token', 'up', 'cross-gate'].includes(each.name),
    ),
  )('downsample $name halves the map, rounding up or down', (layer) => {
    const { output } = downsampleCost(
      { type: layer.name, params: paramsWithDefaults(layer.params) },
      { height: 14, width: 28, channels: 32 },
      64,
    );
    expect(output).toEqual({ height: 7, width: 14, channels: 64 });
  });
  it('downsample up doubles the map', () => {
    expect(
      downsampleCost(
        { type: 'up', params: paramsWithDefaults(downsamples.up.params) },
        { height: 7, width: 5, channels: 32 },
        24,
      ).output,
    ).toEqual({ height: 14, width: 10, channels: 24 });
  });
  it.each(Object.values(heads) as Head[])(
    'head $name gives logits of the image, of pixels, or an image',
    (head) => {
      const params = paramsWithDefaults(head.params);
      const { output } = headCost({ type: head.name, params }, { height: 7, width: 5, channels: 48 }, 11);
      const scale = Number(params['scale'] ?? 1);
      expect(output).toEqual(
        head.output === undefined
          ? { height: 1, width: 1, channels: 11 }
          : {
              height: 7 * scale,
              width: 5 * scale,
              channels: head.output === 'image' ? params['channels'] : 11,
            },
      );
    },
  );
  it('head upernet has a pooled map for each of its bins, more bins than pixels included', () => {
    const [width, channels] = [16, 48];
    const paramsWith = (bins: string): number =>
      headCost(
        { type: 'upernet', params: { ...paramsWithDefaults(heads.upernet.params), width, bins } },
        { height: 7, width: 5, channels },
        11,
      ).params;
    const pooled = channels * width + 2 * width + 9 * width * width; // its 1×1 convolution, norm, and share of the 3×3 convolution that joins them
    expect(['1-2-4', '6-3-2-1', '9-2'].map((bins) => paramsWith(bins) - paramsWith('1'))).toEqual([
      2 * pooled,
      3 * pooled,
      pooled,
    ]);
  });
});
