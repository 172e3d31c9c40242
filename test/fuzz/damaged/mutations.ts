/** Seeded damage to files: one changed byte, or a cut. */
import Database from 'better-sqlite3';
import type { Random } from '../../../src/util/random.js';

/** One byte changed, or the file cut short, or a stretch taken out. */
export function damagedBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(bytes.length);
  if (random.integer(3) > 0) return withFlippedByte(bytes, at, random);
  if (random.integer(2) > 0) return bytes.subarray(0, at);
  const to = Math.min(bytes.length, at + 1 + random.integer(64));
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
}

function withFlippedByte(bytes: Buffer, at: number, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = changed[at]! ^ (1 + random.integer(255));
  return changed;
}

/** As `damagedBytes`, of a text; a flipped byte is printable more often than not. */
export function damagedText(text: string, random: Random): string {
  if (text === '') return '5';
  const odd = ['null', '5', '[]', '{}', '""', '"x"', '{"value":null}', '[null]', '-1e999'];
  if (random.integer(4) === 0) return odd[random.integer(odd.length)]!;
  const at = random.integer(text.length);
  if (random.integer(3) === 0) return text.slice(0, at);
  return text.slice(0, at) + String.fromCharCode(32 + random.integer(96)) + text.slice(at + 1);
}

interface Column {
  readonly table: string;
  readonly column: string;
}

/** The columns that hold JSON or a packed array, by the table's own schema. */
function damageableColumns(sqlite: Database.Database): Column[] {
  const tables = sqlite
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql LIKE '%json_valid%'",
    )
    .pluck()
    .all() as string[];
  return tables.flatMap((table) =>
    (sqlite.pragma(`table_info(${table})`) as { name: string; type: string; pk: number }[])
      .filter(({ type, pk }) => pk === 0 && (type === 'TEXT' || type === 'BLOB'))
      .map(({ name }) => ({ table, column: name })),
  );
}

/** The database with one value of one row damaged, as if no constraint had been checked. */
export function damagedColumn(bytes: Buffer, random: Random): Buffer {
  const source = Buffer.from(bytes);
  source[18] = source[19] = 1; // no write-ahead log in memory
  const sqlite = new Database(source);
  try {
    sqlite.pragma('ignore_check_constraints = ON');
    sqlite.pragma('foreign_keys = OFF');
    const triggers = sqlite
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
      .pluck()
      .all() as string[];
    for (const name of triggers) sqlite.exec(`DROP TRIGGER ${name}`);
    const columns = damageableColumns(sqlite).filter(
      ({ table, column }) =>
        sqlite.prepare(`SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL`).get() !== undefined,
    );
    const { table, column } = columns[random.integer(columns.length)]!;
    const rows = sqlite
      .prepare(`SELECT rowid AS id, ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL`)
      .all() as { id: number; value: string | Buffer }[];
    const { id, value } = rows[random.integer(rows.length)]!;
    const changed = typeof value === 'string' ? damagedText(value, random) : damagedBytes(value, random);
    sqlite.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(changed, id);
    const changedBytes = sqlite.serialize();
    changedBytes[18] = bytes[18]!;
    changedBytes[19] = bytes[19]!;
    return changedBytes;
  } finally {
    sqlite.close();
  }
}

/** A safetensors file without its checksum, whose header is damaged but as long as it says. */
export function damagedHeader(bytes: Buffer, random: Random): Buffer {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as {
    __metadata__: Record<string, unknown>;
  };
  const metadata = header.__metadata__;
  delete metadata['sha256'];
  const names = Object.keys(metadata);
  const name = names[random.integer(names.length)]!;
  let text: string;
  switch (random.integer(3)) {
    case 0:
      text = damagedText(JSON.stringify(header), random);
      break;
    case 1:
      metadata[name] = damagedText(String(metadata[name]), random);
      text = JSON.stringify(header);
      break;
    default:
      metadata[name] = [null, 5, {}, [], 'null'][random.integer(5)];
      text = JSON.stringify(header);
  }
  const body = Buffer.from(text);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(body.length));
  return Buffer.concat([size, body, bytes.subarray(8 + length)]);
}
