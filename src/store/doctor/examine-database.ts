/**
 * What is damaged in a result database: SQLite's own check, the schema, and every row against the schema of
 * its table, the rows that it refers to, and the hash that its id is.
 */
import type Database from 'better-sqlite3';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import type { DamagedRow, FoundDamage } from '../damage/damaged-row.js';
import { changedSchema } from '../damage/schema-damage.js';
import { readRow, rowName } from '../damage/sound-rows.js';
import { readTable, type Stored } from './read-table.js';
import { tableSchemas } from './table-schemas.js';

export interface Examined {
  /** Findings about pages, indices, constraints and the schema. */
  readonly findings: readonly string[];
  readonly damaged: readonly DamagedRow[];
  /** Sound rows by table, as stored; a value that the row can do without is replaced. */
  readonly sound: ReadonlyMap<string, readonly Stored[]>;
}

const maxFindings = 20;

/** A table's columns that name rows of other tables. */
const references: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  session: { experiment_id: 'experiment.id', device_id: 'device.id' },
  trial: { architecture_id: 'architecture.id' },
  plan: { experiment_id: 'experiment.id', trial_id: 'trial.id' },
  profile: { trial_id: 'trial.id', device_id: 'device.id', session_id: 'session.id' },
  profile_batch: { profile_id: 'profile.id' },
  training: { trial_id: 'trial.id', device_id: 'device.id', session_id: 'session.id' },
  epoch: { training_id: 'training.id' },
  class_report: { training_id: 'training.id' },
  test_score: { training_id: 'training.id' },
  launch: { device_id: 'device.id' },
  zero_cost: { architecture_id: 'architecture.id', device_id: 'device.id' },
  part_time: { architecture_id: 'architecture.id', device_id: 'device.id' },
  search_event: { experiment_id: 'experiment.id' },
  supernet: { device_id: 'device.id' },
  supernet_score: { supernet_id: 'supernet.id', architecture_id: 'architecture.id' },
  other_device_time: {
    experiment_id: 'experiment.id',
    architecture_id: 'architecture.id',
    device_id: 'device.id',
  },
};

/** Columns whose hash is the row's id. */
const hashed: Readonly<Record<string, string>> = { architecture: 'text', device: 'key' };

/** @throws SqliteError where not even the list of tables can be read */
export function examineDatabase(sqlite: Database.Database): Examined {
  const findings = [
    ...integrityFindings(sqlite),
    ...changedSchema(sqlite).map((name) => `${name}: its schema is changed or missing`),
  ];
  const damaged: DamagedRow[] = [];
  const sound = new Map<string, readonly Stored[]>();
  const keys = new Map<string, ReadonlySet<unknown>>();
  for (const schema of tableSchemas) {
    const { table, key } = schema;
    const { rows, problems } = readTable(sqlite, table, key);
    findings.push(...problems.map((problem) => `${table}: not every row can be read (${problem})`));
    const kept = rows.flatMap((row) => {
      const { stored, problems: wrong } = examineRow(schema, row, keys);
      damaged.push(...wrong);
      return stored ? [stored] : [];
    });
    sound.set(table, kept);
    if (key.length === 1) keys.set(`${table}.${key[0]!}`, new Set(kept.map((row) => row[key[0]!])));
  }
  return { findings: [...new Set(findings)], damaged, sound };
}

function integrityFindings(sqlite: Database.Database): string[] {
  try {
    const found = sqlite.pragma(`integrity_check(${maxFindings})`) as { integrity_check: string }[];
    return found.map((each) => each.integrity_check.replace(/\s+/g, ' ')).filter((each) => each !== 'ok');
  } catch (error) {
    return [`integrity_check: ${(error as Error).message}`];
  }
}

interface ExaminedRow {
  /** Undefined: the row is of no use. */
  readonly stored?: Stored;
  readonly problems: readonly DamagedRow[];
}

function examineRow(
  schema: (typeof tableSchemas)[number],
  row: Stored,
  keys: ReadonlyMap<string, ReadonlySet<unknown>>,
): ExaminedRow {
  const found: FoundDamage[] = [];
  const read = readRow(schema, { ...row }, (each) => found.push(each));
  const problems = found.map(({ damage }) => damage);
  if (read === undefined) return { problems };
  const wrong =
    wrongReference(schema, row, keys) ?? (problems.length === 0 ? wrongHash(schema, row) : undefined);
  if (wrong) return { problems: [...problems, wrong] };
  if (problems.length === 0) return { stored: row, problems };
  const replaced = problems.map(({ column }) => [column, asStored(schema.table, row, read[column])]);
  return { stored: { ...row, ...(Object.fromEntries(replaced) as Stored) }, problems };
}

/** A replaced value as its column stores it. Device keys are unique, so a replaced one names its row. */
function asStored(table: string, row: Stored, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return canonicalJson(table === 'device' ? { ...value, device: `device ${String(row['id'])}` } : value);
}

function wrongReference(
  { table, key }: (typeof tableSchemas)[number],
  row: Stored,
  keys: ReadonlyMap<string, ReadonlySet<unknown>>,
): DamagedRow | undefined {
  for (const [column, target] of Object.entries(references[table] ?? {})) {
    if (keys.get(target)!.has(row[column])) continue;
    const reason = `must be the ${target} of a sound row, got ${JSON.stringify(row[column])}`;
    return { table, row: rowName(key, row), column, reason };
  }
  return undefined;
}

function wrongHash({ table, key }: (typeof tableSchemas)[number], row: Stored): DamagedRow | undefined {
  const column = hashed[table];
  if (column === undefined) return undefined;
  const hash = textHash(String(row[column]));
  if (hash === row['id']) return undefined;
  return { table, row: rowName(key, row), column, reason: `its hash must be the row's id, got ${hash}` };
}
