/**
 * The result tables as CSV. Missing values are empty cells. Text that a spreadsheet would read as a formula
 * gets a leading apostrophe.
 */
import { stringify } from 'csv-stringify/sync';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type ResultTableName, type Row, resultTables } from './result-tables.js';

/** Rows per piece of a table. */
const pieceSize = 2000;

/** A table in pieces; a table without rows is empty. */
export function resultsCsv(result: ExperimentResult, name: ResultTableName): Iterable<string> {
  const { columns, rows } = resultTables[name](result);
  return csvOfRows(columns, rows);
}

export function* csvOfRows(columns: readonly string[], rows: Iterable<Row>): Generator<string> {
  let waiting: Row[] = [];
  const piece = (): string => stringify(waiting, { escape_formulas: true, record_delimiter: 'unix' });
  let isFirst = true;
  for (const row of rows) {
    if (isFirst) waiting.push(columns);
    isFirst = false;
    waiting.push(row);
    if (waiting.length < pieceSize) continue;
    yield piece();
    waiting = [];
  }
  yield piece();
}
