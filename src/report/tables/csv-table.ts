/** Tables as CSV; text that a spreadsheet would read as a formula gets a leading apostrophe. */
import { stringify } from 'csv-stringify/sync';
import type { Table } from './table.js';

export const csvTable = ({ columns, rows }: Table): string =>
  stringify([columns.map(({ title }) => title), ...rows.map((row) => row.map(({ text }) => text))], {
    escape_formulas: true,
    record_delimiter: 'unix',
  });
