/** `reproduce REPORT`: runs its experiment again into a new database, and says which conclusions hold. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import {
  countVerdicts,
  type ReproducedConclusion,
  type ReproductionVerdict,
} from '../../../analysis/reproduction/reproduced-conclusion.js';
import { reproducedConclusions } from '../../../analysis/reproduction/reproduced-conclusions.js';
import { databaseName } from '../../../lab/database-name.js';
import { deviceText } from '../../../lab/device-text.js';
import type { Experiment } from '../../../lab/experiment.js';
import {
  experimentOfResult,
  planDifferences,
  type RunDifference,
  runDifferences,
} from '../../../lab/reproduce-experiment.js';
import { standardQuietWaitMs } from '../../../profile/candidate/quiet-gate.js';
import { readResultsJson } from '../../../report/read-results-json.js';
import { writeReport } from '../../../report/write-report.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { type Diagnostic, DiagnosticError, UserError } from '../../../util/errors.js';
import { executeWithProgress } from '../../execute-with-progress.js';
import { findDatabase } from '../../options/database-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { printLeftOut } from '../../output/left-out.js';
import { openJobs, statedJobs, stateText, timeText } from '../../planning/run-plan.js';

interface Options {
  readonly db?: string;
  readonly base: string;
  readonly dryRun?: boolean;
  /** Seconds. */
  readonly quietWait: number;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<report>', 'folder of a report, its results.json, or its database')
    .option('--db <file>', `database to fill (default: reports/NAME-reproduced/${databaseName})`)
    .option('--base <folder>', 'folder that paths of the experiment are relative to', '.')
    .option('--dry-run', 'print what would run and which conclusions it would check, run nothing')
    .option(
      '--quiet-wait <seconds>',
      'longest wait of the whole run, before launches, for other work on the machine to pause',
      wholeNumber(0),
      standardQuietWaitMs / 1000,
    )
    .option('--json', 'print one object: database, differences, conclusions')
    .addHelpText(
      'after',
      `
A conclusion holds where the new run supports it, is contradicted where its intervals exclude it, and is not
decided otherwise. A device or version that differs is said first. An interrupted run is resumed.
${examples(
  'reproduce reports/quickstart --dry-run',
  'reproduce reports/quickstart --db /data/again.sqlite',
)}`,
    )
    .action((report: string, options: Options) => reproduce(report, options, io));
}

async function reproduce(report: string, options: Options, io: Io): Promise<void> {
  const before = readReport(report);
  const experiment = experimentIn(before, options.base);
  const database = options.db ?? join('reports', `${experiment.name}-reproduced`, databaseName);
  assertNew(database, report);
  const planned = planDifferences(before, experiment);
  if (options.dryRun) return dryRun(before, experiment, planned, database, options, io);
  if (!options.json) printDifferences(planned, io);
  const { result } = await executeWithProgress(
    experiment,
    {
      database,
      retryFailed: false,
      quietWaitMs: 1000 * options.quietWait,
      again: `npx stagecraft reproduce ${report} --db ${database} --base ${options.base}`,
    },
    io,
  );
  const { htmlFile } = await writeReport(result, dirname(database));
  const differences = [...planned, ...runDifferences(before, result)];
  const conclusions = reproducedConclusions(before, result);
  if (options.json) print(io, jsonLine({ database, report: htmlFile, differences, conclusions }));
  else {
    printDifferences(differences.slice(planned.length), io);
    printConclusions(conclusions, io);
    print(io, `\nreport of the new run: ${htmlFile}`);
  }
  printLeftOut(result.damaged, database, io);
}

/** @throws UserError that names `--base` where a file of the experiment, such as `published`, is missing */
function experimentIn(before: ExperimentResult, base: string): Experiment {
  try {
    return experimentOfResult(before, base);
  } catch (error) {
    const isMissing = ({ message }: Diagnostic): boolean => message.endsWith('no such file');
    if (!(error instanceof DiagnosticError) || !error.diagnostics.some(isMissing)) throw error;
    const fix =
      `--base: must be the folder that paths of the experiment are relative to, ` +
      `got ${JSON.stringify(base)}; name the folder of the experiment file`;
    throw new UserError(error.message, { fix, cause: error });
  }
}

/** @throws UserError where there is no report */
function readReport(path: string): ExperimentResult {
  const json = existsSync(path) && statSync(path).isDirectory() ? join(path, 'results.json') : path;
  const isJson = extname(json) === '.json' && (json === path || existsSync(json));
  if (isJson) return readResultsJson(json);
  const store = openStore(findDatabase(path), { readonly: true });
  try {
    return readExperimentResult(store);
  } finally {
    store.close();
  }
}

/** The first run stays as it is. @throws UserError where its own database is named */
function assertNew(database: string, report: string): void {
  const folder = existsSync(report) && statSync(report).isDirectory() ? report : dirname(report);
  const own = join(folder, databaseName);
  if (!existsSync(database) || !existsSync(own)) return;
  const [first, second] = [statSync(own), statSync(database)];
  if (first.ino === second.ino && first.dev === second.dev)
    throw new UserError(`--db: must be another database than that of the report, got ${database}`);
}

/** What would run, and what it would check. */
function dryRun(
  before: ExperimentResult,
  experiment: Experiment,
  planned: readonly RunDifference[],
  database: string,
  { json }: Options,
  io: Io,
): void {
  const conclusions = reproducedConclusions(before, before);
  const jobs = experiment.search ? [] : statedJobs(experiment, database);
  if (json) {
    const open = openJobs(jobs, false).map(({ job }) => job.id);
    print(io, jsonLine({ database, differences: planned, jobs: open, conclusions: conclusions.map(claim) }));
    return;
  }
  printDifferences(planned, io);
  print(io, `${experiment.name}: first run on ${deviceText(before.device.key)}`);
  print(io, `${conclusions.length} conclusions to check`);
  for (const { conclusion, before: figure } of conclusions)
    print(io, `- ${conclusion}\n  first run: ${figure}`);
  if (!experiment.search) {
    print(io, `\n${timeText(experiment, database, openJobs(jobs, false), undefined)}`);
    print(io, `${stateText(jobs, false)} into ${database}; nothing was run`);
  } else print(io, `\na search into ${database}; nothing was run`);
}

const claim = ({ conclusion, before }: ReproducedConclusion): object => ({ conclusion, before });

function printDifferences(differences: readonly RunDifference[], io: Io): void {
  for (const { name, before, after } of differences)
    print(io, `${io.colours.bold('differs')}: ${name} was ${before}, is ${after}`);
}

function printConclusions(conclusions: readonly ReproducedConclusion[], io: Io): void {
  for (const { verdict, conclusion, before, after } of conclusions)
    print(io, `${verdictText(verdict, io)}  ${conclusion}\n  first run: ${before}\n  this run:  ${after}`);
  const counts = countVerdicts(conclusions);
  print(
    io,
    `\n${counts.holds} of ${conclusions.length} conclusions hold, ${counts.contradicted} contradicted, ` +
      `${counts['not decided']} not decided`,
  );
}

function verdictText(verdict: ReproductionVerdict, { colours }: Io): string {
  if (verdict === 'not decided') return colours.dim(verdict);
  return colours.bold(verdict);
}
