/**
 * The result tables as Parquet, in the columns of the CSV files: text as strings, counts as 64-bit integers,
 * measured numbers as doubles, and null where nothing is known.
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type ColumnKind, columnKinds } from './result-columns.js';
import { type Cell, type ResultTableName, resultTables } from './result-tables.js';

const types = { text: 'STRING', count: 'INT64', number: 'DOUBLE' } as const;

/** Rows that are read without the others. */
const rowGroupSize = 50_000;

/** The bytes of a file. */
export function resultsParquet(result: ExperimentResult, name: ResultTableName): Uint8Array {
  const { columns, rows } = resultTables[name](result);
  const cells = columns.map((): Stored[] => []);
  const kinds = columns.map((column) => columnKinds[column]);
  for (const row of rows) row.forEach((cell, index) => cells[index]!.push(stored(cell, kinds[index]!)));
  const { id, name: experiment } = result.experiment;
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map((column, index) => ({
        name: column,
        type: types[kinds[index]!],
        nullable: true,
        data: cells[index]!,
      })),
      rowGroupSize,
      kvMetadata: [
        { key: 'stagecraft.experiment', value: experiment },
        { key: 'stagecraft.experiment-id', value: id },
      ],
    }),
  );
}

type Stored = string | number | bigint | null;

function stored(cell: Cell, kind: ColumnKind): Stored {
  if (cell === undefined) return null;
  return kind === 'count' && typeof cell === 'number' ? BigInt(cell) : cell;
}
