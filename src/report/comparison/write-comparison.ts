/** Writes the comparison of runs: one self-contained page, and all networks of all runs as CSV. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareRuns, type RunComparison, type RunSource } from '../../analysis/comparison/compared-runs.js';
import { UserError } from '../../util/errors.js';
import { pageScript } from '../page-script.js';
import { replaceInPieces } from '../replace-in-pieces.js';
import { type Row, resultTables } from '../tables/result-tables.js';
import { csvOfRows } from '../tables/results-csv.js';
import { runsPage } from './runs-page.js';

export interface ComparisonFiles {
  readonly htmlFile: string;
  /** Networks, one a row and run. */
  readonly csvFile: string;
}

/** @throws UserError where the folder cannot be written */
export async function writeComparison(
  sources: readonly RunSource[],
  folder: string,
): Promise<ComparisonFiles> {
  const comparison = compareRuns(sources);
  const files = { htmlFile: join(folder, 'comparison.html'), csvFile: join(folder, 'comparison.csv') };
  const page = runsPage(comparison, pageScript('runs-main'));
  try {
    await mkdir(folder, { recursive: true });
    await replaceInPieces(files.csvFile, csvOfRows(...tableOf(comparison)));
    await replaceInPieces(files.htmlFile, page);
  } catch (error) {
    throw new UserError(
      `report: ${folder} must be a folder that can be written, ` +
        `got ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      { cause: error, fix: 'name another folder with --out' },
    );
  }
  return files;
}

/** The tables of networks one after the other, led by the run. Only ablations have arms. */
function tableOf({ runs }: RunComparison): [columns: string[], rows: Iterable<Row>] {
  const tables = runs.map(({ result }) => resultTables.results(result));
  const all = [...new Set(tables.flatMap(({ columns }) => columns))];
  function* rows(): Generator<Row> {
    for (const [index, { columns, rows: own }] of tables.entries()) {
      const { label, result } = runs[index]!;
      const places = all.map((name) => columns.indexOf(name));
      for (const row of own) yield [label, result.experiment.id, ...places.map((place) => row[place])];
    }
  }
  return [['run', 'experiment-id', ...all], rows()];
}
