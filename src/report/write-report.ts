/**
 * Writes the report: one self-contained HTML page, and the results as CSV and JSON. Enters: an
 * ExperimentResult of the store. Leaves: the three files. Callers: the cli.
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { conclusionsOf } from '../analysis/summary/conclusions.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { figureInfos } from './figures/figure-table.js';
import { htmlPage, type PageParts } from './html/html-page.js';
import { pageBody } from './html/page-body.js';
import { mostPlainNetworks, packData, packDataLater } from './packing/pack-data.js';
import { type PageData, pageData } from './page-data.js';
import { pageScript } from './page-script.js';
import { replaceInPieces } from './replace-in-pieces.js';
import { resultsJson } from './results-json.js';
import { liveScript } from './serve/live-script.js';
import { resultsCsv } from './tables/results-csv.js';

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
  const page = startedPage(draftOf(result));
  try {
    await mkdir(folder, { recursive: true });
    await replaceInPieces(files.csvFile, resultsCsv(result, 'results'));
    await replaceInPieces(files.seedsFile, resultsCsv(result, 'seeds'));
    await replaceInPieces(files.batchesFile, resultsCsv(result, 'batches'));
    await replaceInPieces(files.launchesFile, resultsCsv(result, 'launches'));
    await replaceInPieces(files.jsonFile, resultsJson(result));
    await replaceInPieces(files.htmlFile, await page());
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

interface PageDraft {
  readonly parts: Omit<PageParts, 'data'>;
  readonly data: PageData;
  readonly isPacked: boolean;
}

/** The page as HTML. */
export function reportPage(result: ExperimentResult, options: PageOptions = {}): string {
  const { parts, data, isPacked } = draftOf(result, options);
  return htmlPage({ ...parts, data: isPacked ? { packed: packData(data) } : { plain: data } });
}

/** Starts to compress the page's data; the page may be asked for when the other files are written. */
const startedPage = ({ parts, data, isPacked }: PageDraft): (() => Promise<string>) =>
  isPacked
    ? packedPage(parts, packDataLater(data))
    : () => Promise.resolve(htmlPage({ ...parts, data: { plain: data } }));

/** A function of its own, whose closure does not keep the data. */
function packedPage(parts: PageDraft['parts'], packing: Promise<string>): () => Promise<string> {
  packing.catch(() => undefined); // whoever asks for the page hears of it
  return async () => htmlPage({ ...parts, data: { packed: await packing } });
}

function draftOf(result: ExperimentResult, { liveVersion }: PageOptions = {}): PageDraft {
  const infos = figureInfos(result);
  const data = pageData(result, infos);
  const parts = {
    title: `${result.experiment.name} – stagecraft report`,
    body: pageBody(result, conclusionsOf(result), data, infos),
    scripts: [
      ...(data.figures.front ? [plotlyCode(), pageScript('main')] : []),
      ...(liveVersion === undefined ? [] : [liveScript(liveVersion)]),
    ],
    isServed: liveVersion !== undefined,
  };
  return { parts, data, isPacked: result.candidates.length > mostPlainNetworks };
}

const plotlyCode = (): string =>
  readFileSync(createRequire(import.meta.url).resolve('plotly.js-basic-dist-min'), 'utf8');
