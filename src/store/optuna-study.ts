/**
 * Reads a study that Optuna stored in SQLite (schema version 12, as of Optuna 5.0): parameters and
 * values of the complete trials. The file is opened read-only.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { UserError } from '../util/errors.js';
import { nameHint } from '../util/nearest-name.js';
import { groupBy } from './group-by.js';
import { sqliteHeader } from './sqlite-header.js';

export interface OptunaStudy {
  readonly name: string;
  readonly objectives: readonly { readonly name: string; readonly better: 'higher' | 'lower' }[];
  /** Complete trials with finite values, in their order. */
  readonly trials: readonly OptunaTrial[];
  /** Trials that failed, were pruned, still run, or have a value that is not finite. */
  readonly left: number;
}

export interface OptunaTrial {
  readonly number: number;
  /** Text of each parameter's value, by name. */
  readonly choices: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly seconds: number;
}

/** Whether the file is an SQLite database with studies. */
export function isOptunaStudy(file: string): boolean {
  if (!sqliteHeader(file)) return false;
  const sqlite = new Database(file, { readonly: true });
  try {
    const found = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'studies'").pluck().get();
    return found !== undefined;
  } finally {
    sqlite.close();
  }
}

const studyRow = z.object({ study_id: z.number(), study_name: z.string() });
const directionRow = z.object({ direction: z.enum(['MAXIMIZE', 'MINIMIZE', 'NOT_SET']) });
const trialRow = z.object({
  trial_id: z.number(),
  number: z.number(),
  state: z.string(),
  started: z.string().nullable(),
  completed: z.string().nullable(),
});
const paramRow = z.object({
  trial_id: z.number(),
  param_name: z.string(),
  param_value: z.number(),
  distribution_json: z.string(),
});
const valueRow = z.object({
  trial_id: z.number(),
  objective: z.number(),
  value: z.number().nullable(),
  value_type: z.string(),
});
const distribution = z.object({
  name: z.string(),
  attributes: z.object({ choices: z.array(z.unknown()).optional() }),
});

/**
 * @param study name; may be left out where the file holds one
 * @throws UserError for a file that holds no study of Optuna, or not that one
 */
export function readOptunaStudy(file: string, study?: string): OptunaStudy {
  if (!existsSync(file)) throw new UserError(`${file}: no such file`);
  let sqlite: Database.Database | undefined;
  try {
    sqlite = new Database(file, { readonly: true });
    return readStudy(sqlite, file, study);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new UserError(`${file}: must be a database of Optuna, got ${JSON.stringify(reason)}`, { cause });
  } finally {
    sqlite?.close();
  }
}

function readStudy(sqlite: Database.Database, file: string, wanted: string | undefined): OptunaStudy {
  const rows = <T>(schema: z.ZodType<T>, sql: string, ...values: number[]): T[] =>
    z.array(schema).parse(sqlite.prepare(sql).all(...values));
  const studies = rows(studyRow, 'SELECT study_id, study_name FROM studies ORDER BY study_id');
  const names = studies.map(({ study_name: name }) => name);
  const found =
    wanted === undefined && studies.length === 1
      ? studies[0]
      : studies.find(({ study_name: name }) => name === wanted);
  if (!found)
    throw new UserError(
      `${file}: the study must be one of ${names.join(', ') || 'none'}, got ${JSON.stringify(wanted ?? '')}`,
      { fix: wanted === undefined ? 'name one with --study' : nameHint(wanted, names) },
    );
  const id = found.study_id;
  const directions = rows(
    directionRow,
    'SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective',
    id,
  );
  const trials = rows(
    trialRow,
    `SELECT trial_id, number, state, datetime_start AS started, datetime_complete AS completed
     FROM trials WHERE study_id = ? ORDER BY number`,
    id,
  );
  const params = rows(
    paramRow,
    `SELECT trial_id, param_name, param_value, distribution_json
     FROM trial_params JOIN trials USING (trial_id) WHERE study_id = ? ORDER BY param_id`,
    id,
  );
  const values = rows(
    valueRow,
    `SELECT trial_id, objective, value, value_type
     FROM trial_values JOIN trials USING (trial_id) WHERE study_id = ? ORDER BY trial_id, objective`,
    id,
  );
  const metricNames = metricNamesOf(sqlite, id);
  const valuesOf = groupBy(values, (row) => row.trial_id);
  const paramsOf = groupBy(params, (row) => row.trial_id);
  const complete = trials.flatMap((trial) => {
    const own = valuesOf.get(trial.trial_id) ?? [];
    const finite = own.every(({ value, value_type: type }) => value !== null && type === 'FINITE');
    if (trial.state !== 'COMPLETE' || own.length !== directions.length || !finite) return [];
    return [
      {
        number: trial.number,
        choices: Object.fromEntries(
          (paramsOf.get(trial.trial_id) ?? []).map(
            ({ param_name: name, param_value: value, distribution_json: json }) => [
              name,
              choiceText(value, json),
            ],
          ),
        ),
        values: own.map(({ value }) => value!),
        seconds: secondsBetween(trial.started, trial.completed),
      },
    ];
  });
  return {
    name: found.study_name,
    objectives: directions.map(({ direction }, index) => ({
      name: metricNames[index] ?? (directions.length === 1 ? 'value' : `value ${index}`),
      better: direction === 'MAXIMIZE' ? 'higher' : 'lower',
    })),
    trials: complete,
    left: trials.length - complete.length,
  };
}

/** Names that `Study.set_metric_names` stored; empty where it was not called. */
function metricNamesOf(sqlite: Database.Database, study: number): readonly string[] {
  const json = sqlite
    .prepare(
      "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = 'study:metric_names'",
    )
    .pluck()
    .get(study);
  return json === undefined ? [] : z.array(z.string()).parse(JSON.parse(z.string().parse(json)));
}

/** A categorical value is stored as its position, a number as itself. */
function choiceText(value: number, json: string): string {
  const { attributes } = distribution.parse(JSON.parse(json));
  return attributes.choices ? String(attributes.choices[value]) : String(value);
}

/** Optuna stores local times with microseconds and without a zone. */
function secondsBetween(start: string | null, end: string | null): number {
  if (start === null || end === null) return 0;
  const milliseconds = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
  return Math.max(0, milliseconds(end) - milliseconds(start)) / 1000;
}
