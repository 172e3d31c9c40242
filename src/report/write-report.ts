/**
 * Writes the report: one self-contained HTML page, and the results as CSV and JSON. Enters: an
 * ExperimentResult of the store. Leaves: the three files. Callers: the cli.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { conclusionsOf } from '../analysis/summary/conclusions.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { figureInfos } from './figures/figure-table.js';
import { htmlPage } from './html/html-page.js';
import { pageBody } from './html/page-body.js';
import { mostPlainNetworks } from './packing/pack-data.js';
import { pageData } from './page-data.js';
import { batchesCsv, launchesCsv, networksCsv, seedsCsv } from './results-csv.js';
import { resultsJson } from './results-json.js';
import { liveScript } from './serve/live-script.js';

export interface ReportFiles {
  readonly htmlFile: string;
  /** Networks, one a row. */
  readonly csvFile: string;
  readonly seedsFile: string;
  readonly batchesFile: string;
  readonly launchesFile: string;
  readonly jsonFile: string;
}

/**
 * Writes `index.html`, `results.csv` (networks), `seeds.csv`, `batches.csv`, `launches.csv` and
 * `results.json` to `folder`, which is created if missing. Each file is replaced atomically.
 * @throws UserError where the folder cannot be written
 */
export async function writeReport(result: ExperimentResult, folder: string): Promise<ReportFiles> {
  const files = {
    htmlFile: join(folder, 'index.html'),
    csvFile: join(folder, 'results.csv'),
    seedsFile: join(folder, 'seeds.csv'),
    batchesFile: join(folder, 'batches.csv'),
    launchesFile: join(folder, 'launches.csv'),
    jsonFile: join(folder, 'results.json'),
  };
  const page = reportPage(result);
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(files.csvFile, networksCsv(result));
    await replaceFile(files.seedsFile, seedsCsv(result));
    await replaceFile(files.batchesFile, batchesCsv(result));
    await replaceFile(files.launchesFile, launchesCsv(result));
    await replaceFile(files.jsonFile, resultsJson(result));
    await replaceFile(files.htmlFile, page);
  } catch (error) {
    throw new UserError(
      `report: ${folder} must be a folder that can be written, ` +
        `got ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      { cause: error, fix: 'name another folder with --out' },
    );
  }
  return files;
}

export interface PageOptions {
  /**
   * Of a page that a server keeps up to date: it loads again when the server states another. Default: a file.
   */
  readonly liveVersion?: string;
}

/** The page as HTML. */
export function reportPage(result: ExperimentResult, { liveVersion }: PageOptions = {}): string {
  const infos = figureInfos(result);
  const data = pageData(result, infos);
  return htmlPage({
    title: `${result.experiment.name} – stagecraft report`,
    body: pageBody(result, conclusionsOf(result), data, infos),
    data,
    packed: result.candidates.length > mostPlainNetworks,
    scripts: [
      ...(data.figures.front ? [plotlyCode(), pageCode()] : []),
      ...(liveVersion === undefined ? [] : [liveScript(liveVersion)]),
    ],
    isServed: liveVersion !== undefined,
  });
}

/** @param text whole or in pieces, of which one at a time is in memory */
async function replaceFile(file: string, text: string | Iterable<string>): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, typeof text === 'string' ? text : inLargePieces(text), { flush: true });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const pieceLength = 2 ** 20;

/** Each piece becomes one write. */
function* inLargePieces(pieces: Iterable<string>): Generator<string> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < pieceLength) continue;
    yield waiting.join('');
    [waiting, length] = [[], 0];
  }
  yield waiting.join('');
}

const plotlyCode = (): string =>
  readFileSync(createRequire(import.meta.url).resolve('plotly.js-basic-dist-min'), 'utf8');

/** The page's script as bundled by the build, also when this file runs from `src`. */
function pageCode(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('report: no package.json above the report code');
    folder = dirname(folder);
  }
  const file = join(folder, 'dist/report/page/main.js');
  if (!existsSync(file))
    throw new UserError('report: the page script is not built', { fix: 'npm run build' });
  return readFileSync(file, 'utf8');
}
