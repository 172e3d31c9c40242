/** `export DB --to parquet`, `csv` or `json`: a result as files for other programs. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { UserError } from '../../../util/errors.js';
import { findDatabase } from '../../options/database-argument.js';
import { type Io, jsonLine, print } from '../../output/io.js';

export interface ResultExport {
  readonly to: string;
  /** Folder; default: the database's. */
  readonly out?: string;
  readonly experiment?: string;
  readonly device?: string;
  readonly json?: boolean;
}

type Pieces = string | Uint8Array | Iterable<string>;
/** Files by name, each made when it is written. */
type Files = readonly (readonly [name: string, make: () => Pieces | Promise<Pieces>])[];

/** By `--to`. */
export const resultFormats = {
  parquet: async (result) => {
    const { resultsParquet } = await import('../../../report/tables/results-parquet.js');
    return (await tableNames()).map((name) => [`${name}.parquet`, () => resultsParquet(result, name)]);
  },
  csv: async (result) => {
    const { resultsCsv } = await import('../../../report/tables/results-csv.js');
    return (await tableNames()).map((name) => [`${name}.csv`, () => resultsCsv(result, name)]);
  },
  json: async (result) => {
    const { resultsJson } = await import('../../../report/results-json.js');
    return [['results.json', () => resultsJson(result)]];
  },
} satisfies Record<string, (result: ExperimentResult) => Promise<Files>>;

async function tableNames() {
  const { resultTables } = await import('../../../report/tables/result-tables.js');
  return Object.keys(resultTables) as (keyof typeof resultTables)[];
}

export const isResultFormat = (name: string): name is keyof typeof resultFormats =>
  Object.hasOwn(resultFormats, name);

/**
 * @param subject a database, the folder of one, or an experiment file whose database lies under reports/
 * @throws UserError where there is no database, or the folder cannot be written
 */
export async function exportResults(subject: string, options: ResultExport, io: Io): Promise<void> {
  const { openStore, readExperimentResult } = await import('../../../store/open-store.js');
  const { replaceFile } = await import('../../../train/weights/replace-file.js');
  const database = findDatabase(await databaseOf(subject));
  const store = openStore(database, { readonly: true });
  const written: string[] = [];
  try {
    const result = readExperimentResult(store, options.experiment, options.device);
    const folder = options.out ?? dirname(database);
    makeFolder(folder);
    const files: Files = await resultFormats[options.to as keyof typeof resultFormats](result);
    for (const [name, make] of files) {
      const file = join(folder, name);
      replaceFile(file, bytesOf(await make()));
      written.push(file);
    }
  } finally {
    store.close();
  }
  print(io, options.json ? jsonLine({ files: written }) : written.map((file) => `wrote ${file}`).join('\n'));
}

/** The database that `run` fills by default. */
async function databaseOf(subject: string): Promise<string> {
  if (extname(subject) !== '.experiment') return subject;
  const { loadExperiment } = await import('../../../lab/load-experiment.js');
  return join('reports', loadExperiment(subject).name);
}

function bytesOf(made: Pieces): Buffer {
  if (made instanceof Uint8Array) return Buffer.from(made);
  return Buffer.from(typeof made === 'string' ? made : [...made].join(''));
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new UserError(`--out: ${folder} must be a folder that can be written, got ${code}`, {
      cause: error,
    });
  }
}
