/**
 * `run EXPERIMENT`: runs every job, writes the report, and prints the front, the files and the next commands.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { percent } from '../../../analysis/summary/resolution-text.js';
import { databaseName } from '../../../lab/database-name.js';
import type { Experiment } from '../../../lab/experiment.js';
import { loadExperiment } from '../../../lab/load-experiment.js';
import type { PlannedJob } from '../../../lab/plan.js';
import { planPower } from '../../../lab/plan-power.js';
import type { ProfileSetting } from '../../../lab/settings/profile-setting.js';
import { settingTable } from '../../../lab/settings/setting-table.js';
import { standardQuietWaitMs } from '../../../profile/candidate/quiet-gate.js';
import { writeReport } from '../../../report/write-report.js';
import { executeWithProgress } from '../../execute-with-progress.js';
import { collected, examples, wholeNumber } from '../../options/option-parsers.js';
import { storedResult } from '../../options/stored-result.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { printLeftOut } from '../../output/left-out.js';
import { powerLines } from '../../output/power-text.js';
import { networkText } from '../../output/progress/job-text.js';
import { runSummary } from '../../output/run-summary.js';
import { searchJson, searchPlan, searchPlanJson, searchText } from '../../output/search-text.js';
import { grouped, table } from '../../output/text-format.js';
import { openJobs, type StatedJob, statedJobs, stateText, timeText } from '../../planning/run-plan.js';

interface Options {
  readonly db?: string;
  readonly out?: string;
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
  readonly retryFailed?: boolean;
  /** Seconds. */
  readonly quietWait: number;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<experiment>', 'experiment file')
    .option('--db <file>', `database to fill (default: reports/NAME/${databaseName})`)
    .option('--out <folder>', "folder of the report (default: the database's)")
    .option(
      '--set <setting>',
      "a setting in place of the file's, such as 'train imagenet-300'; repeatable",
      collected,
    )
    .option('--dry-run', 'print the plan and what is stored of it, run nothing')
    .option('--retry-failed', 'run failed jobs again; with --dry-run: list what is to do')
    .option(
      '--quiet-wait <seconds>',
      'longest wait of the whole run, before launches, for other work on the machine to pause',
      wholeNumber(0),
      standardQuietWaitMs / 1000,
    )
    .option('--json', 'print one object at the end (with --dry-run: one per job)')
    .addHelpText(
      'after',
      `
Stored results are not computed again. A run may be interrupted at any time; the same command resumes it.

Settings of an experiment file:
${settingHelp()}
${examples(
  'run experiments/quickstart.experiment',
  'run experiments/quickstart.experiment --dry-run',
  'run experiments/cifar10.experiment --db /data/cifar10.sqlite --out reports/cifar10',
)}`,
    )
    .action((file: string, options: Options) => runFile(file, options, io));
}

async function runFile(file: string, options: Options, io: Io): Promise<void> {
  const experiment = loadExperiment(file, options.set ?? []);
  const database = options.db ?? join(options.out ?? join('reports', experiment.name), databaseName);
  const folder = options.out ?? dirname(database);
  if (options.dryRun) return dryRun(experiment, database, options, io);
  io.stderr.write(`${await opening(experiment, database)}\n`);
  const again = [
    'npx stagecraft run',
    file,
    ...(options.db ? ['--db', options.db] : []),
    ...(options.out ? ['--out', options.out] : []),
    ...(options.set ?? []).flatMap((setting) => ['--set', shellWord(setting)]),
  ].join(' ');
  const { result, summary } = await executeWithProgress(
    experiment,
    {
      database,
      retryFailed: options.retryFailed ?? false,
      quietWaitMs: 1000 * options.quietWait,
      again,
    },
    io,
  );
  const { htmlFile } = await writeReport(result, folder);
  if (options.json)
    print(
      io,
      jsonLine({
        database,
        report: htmlFile,
        done: summary.done,
        failed: summary.failed,
        deviceKey: summary.probe.deviceKey,
        ...(summary.search && { search: searchJson(summary.search) }),
      }),
    );
  else {
    const where = { database, htmlFile, objectives: experiment.objectives, ...summary };
    print(io, asCalled(runSummary(result, where, io), io));
  }
  printLeftOut(result.damaged, database, io);
}

/** In single quotes where a shell would read it otherwise. */
const shellWord = (text: string): string =>
  /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A line per setting of an experiment file. */
const settingHelp = (): string =>
  settingTable.map(({ keyword, summary }) => `  ${keyword.padEnd(11)} ${summary}`).join('\n');

/** What is run, and what it can tell. */
async function opening(experiment: Experiment, database: string): Promise<string> {
  const { name, spaceCount, architectures, profile, train, ablation, search } = experiment;
  const parts = [
    ...(profile
      ? [
          `measured at batch ${profile.batches.join(', ')} in ${profile.launches} ` +
            `${profile.launches === 1 ? 'launch' : 'launches'}${extraText(profile)}`,
        ]
      : []),
    ...(train
      ? [
          `trained for ${train.recipe.epochs} ${train.recipe.epochs === 1 ? 'epoch' : 'epochs'} with ` +
            `${train.seeds.length} ${train.seeds.length === 1 ? 'seed' : 'seeds'} on ${train.datasetName}`,
        ]
      : []),
  ];
  const whole = `${grouped(BigInt(spaceCount))} architectures`;
  if (search) return `${name}: search of ${whole} by ${searchText(experiment)}, ${parts.join('; ')}`;
  const power = powerLines(planPower(experiment, await storedResult(database)), database);
  const networks = ablation
    ? `${ablation.arms.length} arms of an ablation`
    : `${architectures.length} of ${whole}`;
  return [`${name}: ${networks}, ${parts.join('; ')}`, ...power].join('\n');
}

/** `, and up to 3 more until 2.0 % is resolved`; empty where none are added. */
const extraText = ({ launches, resolve, extraLaunches = launches }: ProfileSetting): string =>
  resolve === undefined ? '' : `, and up to ${extraLaunches} more until ${percent(resolve)} is resolved`;

async function dryRunSearch(
  experiment: Experiment,
  database: string,
  { json }: Options,
  io: Io,
): Promise<void> {
  if (json) {
    print(io, jsonLine(searchPlanJson(experiment, database)));
    return;
  }
  print(io, `${await opening(experiment, database)}\n`);
  print(io, searchPlan(experiment, database));
  const stored = existsSync(database) ? ' (exists: the search goes on)' : '';
  print(io, `\ninto ${database}${stored}; nothing was run`);
}

async function dryRun(experiment: Experiment, database: string, options: Options, io: Io): Promise<void> {
  if (experiment.search) return dryRunSearch(experiment, database, options, io);
  const { json, retryFailed = false } = options;
  const jobs = statedJobs(experiment, database);
  const listed = retryFailed ? openJobs(jobs, true) : jobs;
  if (json) {
    for (const { job, state, reason } of listed) print(io, jsonLine(jobJson(job, state, reason)));
    return;
  }
  print(io, `${await opening(experiment, database)}\n`);
  if (listed.length > 0) print(io, `${jobTable(listed, io)}\n`);
  const exists = existsSync(database) ? ' (exists: stored results are not computed again)' : '';
  print(io, asCalled(timeText(experiment, database, openJobs(jobs, retryFailed), undefined), io));
  print(io, `${stateText(jobs, retryFailed)} into ${database}${exists}; nothing was run`);
}

const jobJson = (
  { id, kind, architectureId, layout, arm, replicate }: PlannedJob,
  state: StatedJob['state'],
  reason: string,
): object => ({
  id,
  kind,
  architectureId,
  layout,
  ...(arm !== undefined && { arm }),
  [kind === 'profile' ? 'launch' : 'seed']: replicate,
  state,
  ...(reason && { reason }),
});

function jobTable(jobs: readonly StatedJob[], io: Io): string {
  const rows = jobs.map(({ job, state, reason }, index) => [
    String(index + 1),
    job.kind,
    networkText(job),
    `${job.kind === 'profile' ? 'launch' : 'seed'} ${job.replicate}`,
    job.architectureId,
    job.id,
    state === 'open' ? 'to do' : [state, reason].filter(Boolean).join(': '),
  ]);
  const network = jobs.some(({ job }) => job.arm !== undefined) ? 'arm' : 'layout';
  const columns = ['job', network, 'replicate', 'architecture', 'trial', 'state'].map((title) => ({
    title,
  }));
  return table([{ title: '#', align: 'right' }, ...columns], rows, io.colours.dim);
}
