/** Parquet tables, read back by hyparquet: every value is that of the tables behind the CSV files. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { type ColumnName, columnKinds } from '../../../src/report/tables/result-columns.js';
import { type ResultTableName, resultTables } from '../../../src/report/tables/result-tables.js';
import { resultsParquet } from '../../../src/report/tables/results-parquet.js';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { asAblation } from '../../fixtures/ablation-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const names = Object.keys(resultTables) as ResultTableName[];

async function readBack(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = bytes.slice().buffer;
  return parquetReadObjects({ file });
}

/** As a reader of the file sees a row: no value is null, a count is a 64-bit integer. */
const expected = (row: Readonly<Record<string, string | number | undefined>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === undefined) return [name, null];
      return [name, columnKinds[name as ColumnName] === 'count' ? BigInt(value) : value];
    }),
  );
/** hyparquet leaves out what is null. */
const withNulls = (row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));

const hostile: ExperimentResult = (() => {
  const result = fixtureResult({ candidates: 3 });
  const [first, ...others] = result.candidates;
  return {
    ...result,
    candidates: [{ ...first!, layout: '=HYPERLINK("x")\u0000\n"ü😀"', macs: 2 ** 40 + 1 }, ...others],
  };
})();

it.each([
  ['a fixture with failures', fixtureResult({ candidates: 20 })],
  ['an ablation', asAblation(fixtureResult({ candidates: 8 }))],
  ['hostile names and large counts', hostile],
])('resultsParquet of %s: every value of every table', async (_, result) => {
  for (const name of names) {
    const { columns, rows: cells } = resultTables[name](result);
    const rows = [...cells].map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
    const bytes = resultsParquet(result, name);
    const read = (await readBack(bytes)).map((row) => withNulls(row, columns));
    expect(read).toEqual(rows.map(expected));
    const { schema } = parquetMetadata(bytes.slice().buffer);
    expect(schema.slice(1).map((each) => each.name)).toEqual(columns);
  }
});

it('resultsParquet: text, counts and measured numbers have one type each, whatever the values', () => {
  const { schema } = parquetMetadata(
    resultsParquet(fixtureResult({ candidates: 2 }), 'results').slice().buffer,
  );
  const typeOf = (name: string) => schema.find((each) => each.name === name)?.type;
  expect([typeOf('layout'), typeOf('macs'), typeOf('top-1'), typeOf('miou')]).toEqual([
    'BYTE_ARRAY',
    'INT64',
    'DOUBLE',
    'DOUBLE',
  ]);
});

it('resultsParquet of a table without rows has its columns', () => {
  const { schema, num_rows: rows } = parquetMetadata(
    resultsParquet(fixtureResult({ candidates: 0 }), 'results').slice().buffer,
  );
  expect(Number(rows)).toBe(0);
  expect(schema.slice(1).map((each) => each.name)).toContain('top-1-low');
});
