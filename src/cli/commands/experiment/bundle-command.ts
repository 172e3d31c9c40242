/** `bundle EXPERIMENT`: writes a folder that a Python with torch runs where the lab is not installed. */
import type { Command } from 'commander';
import { planBundle, writeBundle } from '../../../lab/bundle/write-bundle.js';
import { loadExperiment } from '../../../lab/load-experiment.js';
import type { PlannedJob } from '../../../lab/plan.js';
import { collected, examples } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { networkText } from '../../output/progress/job-text.js';
import { table } from '../../output/text-format.js';

interface Options {
  readonly out?: string;
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<experiment>', 'experiment file with `runtime pytorch`')
    .option('--out <folder>', 'the folder to write (default: NAME.bundle)')
    .option(
      '--set <setting>',
      "a setting in place of the file's, such as 'runtime pytorch'; repeatable",
      collected,
    )
    .option('--dry-run', 'print the jobs, write nothing')
    .option('--json', 'print one object at the end (with --dry-run: one per job)')
    .addHelpText(
      'after',
      `
\`python run.py\` in the folder runs the jobs and appends to results.jsonl; it needs torch and nothing else.
\`npx stagecraft import FOLDER\` takes the results into a database.
${examples(
  'bundle experiments/quickstart.experiment --set "runtime pytorch"',
  'bundle experiments/quickstart.experiment --set "runtime pytorch" --dry-run',
)}`,
    )
    .action((file: string, options: Options) => bundle(file, options, io));
}

async function bundle(file: string, options: Options, io: Io): Promise<void> {
  const experiment = loadExperiment(file, options.set ?? []);
  const createdAt = new Date().toISOString();
  if (options.dryRun) {
    printJobs(
      planBundle(experiment, createdAt).jobs.map(({ job }) => job),
      options,
      io,
    );
    return;
  }
  const folder = options.out ?? `${experiment.name}.bundle`;
  const { plan, bytes } = await writeBundle(experiment, folder, createdAt);
  const { id, name } = plan.experiment;
  if (options.json) {
    print(io, jsonLine({ folder, experiment: id, jobs: plan.jobs.length, bytes }));
    return;
  }
  print(io, `wrote ${folder}: ${plan.jobs.length} jobs of ${name}, ${(bytes / 1e6).toFixed(1)} MB`);
  print(io, 'python run.py  in it, on any machine with torch, runs them');
  print(io, asCalled(`npx stagecraft import ${folder}  takes the results into a database`, io));
}

function printJobs(jobs: readonly PlannedJob[], { json }: Options, io: Io): void {
  const replicate = ({ kind }: PlannedJob): string => (kind === 'profile' ? 'launch' : 'seed');
  if (json) {
    for (const job of jobs) {
      const { id, kind, architectureId, layout } = job;
      print(io, jsonLine({ id, kind, architectureId, layout, [replicate(job)]: job.replicate }));
    }
    return;
  }
  const rows = jobs.map((job, index) => [
    String(index + 1),
    job.kind,
    networkText(job),
    `${replicate(job)} ${job.replicate}`,
    job.architectureId,
    job.id,
  ]);
  const columns = ['job', 'layout', 'replicate', 'architecture', 'trial'].map((title) => ({ title }));
  print(io, table([{ title: '#', align: 'right' }, ...columns], rows, io.colours.dim));
  print(io, `\n${jobs.length} jobs; nothing was written`);
}
