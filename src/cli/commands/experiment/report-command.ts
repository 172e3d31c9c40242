/** `report [DB…]`: page, CSV and JSON of a database; of several, the page that compares them. */
import { dirname, relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type Objective,
  objectiveKinds,
  parseObjective,
  scoreNames,
} from '../../../analysis/objectives/objectives.js';
import { writeComparison } from '../../../report/comparison/write-comparison.js';
import type { ThemeName } from '../../../report/report-theme.js';
import { writeFigure } from '../../../report/write-figure.js';
import { writeReport } from '../../../report/write-report.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { compactHeap } from '../../compact-heap.js';
import {
  type DatabaseOption,
  databaseHelp,
  findDatabase,
  givenDatabase,
} from '../../options/database-argument.js';
import { collected, examples, themeOption } from '../../options/option-parsers.js';
import { readRuns } from '../../options/read-runs.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options extends DatabaseOption {
  readonly out?: string;
  readonly experiment?: readonly string[];
  readonly compare?: boolean;
  readonly device?: string;
  readonly json?: boolean;
  readonly figure?: string;
  readonly cost?: Objective;
  readonly theme: ThemeName;
}

function costObjective(text: string): Objective {
  const found = parseObjective(text);
  if (!found || scoreNames.includes(found.name))
    throw new InvalidArgumentError(
      `must be one of ${Object.keys(objectiveKinds)
        .filter((name) => !scoreNames.includes(name))
        .join(', ')}, with @BATCH for throughput, latency and peak memory`,
    );
  return found;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[db...]', `${databaseHelp}; several: a page that compares them`)
    .option('--db <file>', 'the database, in place of the argument')
    .option('--out <folder>', "output folder (default: the first database's folder)")
    .option(
      '--experiment <id>',
      'which experiment of the database (default: the latest); repeatable, for a comparison',
      collected,
    )
    .option('--device <id>', 'which device key (default: the latest; in a comparison all)')
    .option('--compare', 'compare all experiments and devices of the databases')
    .option('--figure <file>', 'write only the front, as .svg or .png')
    .option(
      '--cost <objective>',
      'with --figure: the cost axis, e.g. images-per-second@16, latency@1, params (default: the main one)',
      costObjective,
    )
    .addOption(themeOption())
    .option(
      '--json',
      'print the paths: htmlFile, csvFile, seedsFile, batchesFile, launchesFile, jsonFile ' +
        '(of a comparison the first two)',
    )
    .addHelpText(
      'after',
      examples(
        'report',
        'report reports/quickstart --out /tmp/page',
        'report reports/quickstart --figure front.svg --cost latency@1',
        'report gpu.sqlite cpu.sqlite --out comparison',
      ),
    )
    .action(async (databases: readonly string[], options: Options) => {
      const { compare = false, experiment = [] } = options;
      if (compare || databases.length > 1 || experiment.length > 1) return writeRuns(databases, options, io);
      await writeOne(givenDatabase(databases[0], options), options, io);
    });
}

async function writeOne(file: string, options: Options, io: Io): Promise<void> {
  compactHeap();
  const store = openStore(file, { readonly: true });
  try {
    const result = readExperimentResult(store, options.experiment?.[0], options.device);
    if (options.figure !== undefined) {
      await writeFigure(result, options.figure, {
        ...(options.cost ? { cost: options.cost } : {}),
        theme: options.theme,
      });
      print(io, options.json ? jsonLine({ figureFile: options.figure }) : options.figure);
      return;
    }
    printFiles(await writeReport(result, options.out ?? dirname(file)), options, io);
  } finally {
    store.close();
  }
}

async function writeRuns(databases: readonly string[], options: Options, io: Io): Promise<void> {
  if (options.figure !== undefined)
    throw new UserError('--figure: a comparison has several figures, got several runs', {
      fix: 'name one database and one experiment',
    });
  const named = databases.length > 0 ? databases.map(findDatabase) : [givenDatabase(undefined, options)];
  const runs = readRuns([...new Set(named)], {
    experiments: options.experiment ?? [],
    all: options.compare ?? false,
    ...(options.device !== undefined && { device: options.device }),
  });
  if (runs.length < 2)
    throw new UserError(`report: a comparison needs two runs, got ${runs.length}`, {
      fix: 'name a second database, or leave --compare out',
    });
  printFiles(await writeComparison(runs, options.out ?? dirname(named[0]!)), options, io);
}

function printFiles(files: object, { json }: Options, io: Io): void {
  if (json) print(io, jsonLine(files));
  else for (const path of Object.values(files) as string[]) print(io, relative('.', path) || path);
}
