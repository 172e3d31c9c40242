import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, fromColumn, type Json, toColumn } from '../../src/report/packing/columns.js';
import { packData } from '../../src/report/packing/pack-data.js';

describe('columns', () => {
  const value = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, 0, 'a', 'b'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('x', 'y', '$column', '__proto__'), tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  it('give back any JSON values, alike or not', () =>
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), (values) => {
        const through = JSON.parse(JSON.stringify(toColumn(values))) as Column;
        expect(JSON.stringify(sorted(fromColumn(through)))).toBe(JSON.stringify(sorted(values)));
      }),
      { seed: 1, numRuns: 500 },
    ));
  it('of like rows are shorter than the rows', () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({
      layout: `CC-${index % 7}`,
      values: [index, null],
      kind: 'symmetric',
    }));
    expect(fromColumn(toColumn(rows))).toEqual(rows);
    expect(JSON.stringify(toColumn(rows)).length).toBeLessThan(JSON.stringify(rows).length / 4);
  });
});

/** Keys in one order: columns keep values, not the order of names. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.keys(value).sort();
  return entries.map((name) => [name, sorted((value as Record<string, Json>)[name]!)]);
}

it('packData packs long arrays and leaves the rest', () => {
  const rows = Array.from({ length: 600 }, (_, id) => ({ id }));
  const packed = JSON.parse(gunzipSync(Buffer.from(packData({ rows, few: [1] }), 'base64')).toString());
  expect(packed).toMatchObject({ few: [1], rows: { $column: {} } });
  expect(fromColumn(packed.rows.$column)).toEqual(rows);
});
