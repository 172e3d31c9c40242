/**
 * The result tables as CSV. Missing values are empty cells. Text that a spreadsheet would read as a formula
 * gets a leading apostrophe.
 */
import { stringify } from 'csv-stringify/sync';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type Cell, type ResultTableName, type Row, resultTables } from './result-tables.js';

/** Rows per piece of a table. */
const pieceSize = 2000;

/** A table in pieces; a table without rows is empty. */
export function resultsCsv(result: ExperimentResult, name: ResultTableName): Iterable<string> {
  const { columns, rows } = resultTables[name](result);
  return csvOfRows(columns, rows);
}

/** Numbers and such texts are their own CSV form: no sign begins them, nothing in them separates. */
const plainText = /^[A-Za-z0-9][\w .-]*$/;

/** The library quotes and defuses all other texts; a call for every cell would take most of the time. */
function cellText(value: Cell): string {
  if (value === undefined || value === '') return '';
  if (typeof value === 'number' || plainText.test(value)) return String(value);
  return stringify([[value]], { escape_formulas: true, record_delimiter: 'unix', eof: false });
}

export function* csvOfRows(columns: readonly string[], rows: Iterable<Row>): Generator<string> {
  let waiting: string[] = [];
  let isFirst = true;
  const line = (cells: Row): string => `${cells.map(cellText).join(',')}\n`;
  for (const row of rows) {
    if (isFirst) waiting.push(line(columns));
    isFirst = false;
    waiting.push(line(row));
    if (waiting.length < pieceSize) continue;
    yield waiting.join('');
    waiting = [];
  }
  yield waiting.join('');
}
