/**
 * The data of a large page: columns, gzip, base64. A page of a few networks holds plain JSON, which people
 * can read.
 */
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { type Json, toColumn } from './columns.js';

/** Pages of more networks are packed. */
export const mostPlainNetworks = 1000;

const gzipOptions = { level: 7 };

/** @returns base64 of the gzip of the columns of `value`, which `unpackData` of the page reads */
export const packData = (value: object): string =>
  gzipSync(JSON.stringify(columnsIn(value)), gzipOptions).toString('base64');

/** `packData`, compressed by another thread; neither value nor text is kept meanwhile. */
export const packDataLater = (value: object): Promise<string> =>
  promisify(gzip)(Buffer.from(JSON.stringify(columnsIn(value))), gzipOptions).then((packed) =>
    packed.toString('base64'),
  );

/** Objects and short arrays as they are; every long array as `{ $column }`. */
function columnsIn(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length > 500 ? { $column: toColumn(value as Json[]) } : value.map(columnsIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, columnsIn(each)]));
}
