/** `report [DB]`: the page, the CSV and the JSON of a database. */
import { dirname, relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type Objective,
  objectiveKinds,
  parseObjective,
  scoreNames,
} from '../../../analysis/objectives/objectives.js';
import type { ThemeName } from '../../../report/report-theme.js';
import { writeFigure } from '../../../report/write-figure.js';
import { writeReport } from '../../../report/write-report.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { addDatabase, type DatabaseOption, givenDatabase } from '../../options/database-argument.js';
import { examples, themeOption } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options extends DatabaseOption {
  readonly out?: string;
  readonly experiment?: string;
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
  addDatabase(command)
    .option('--out <folder>', "output folder (default: the database's folder)")
    .option('--experiment <id>', 'which experiment of the database (default: the latest)')
    .option('--device <id>', 'which device key (default: the latest)')
    .option('--figure <file>', 'write only the front, as .svg or .png')
    .option(
      '--cost <objective>',
      'with --figure: the cost axis, e.g. images-per-second@16, latency@1, params (default: the main one)',
      costObjective,
    )
    .addOption(themeOption())
    .option('--json', 'print the paths: htmlFile, csvFile, seedsFile, batchesFile, launchesFile, jsonFile')
    .addHelpText(
      'after',
      examples(
        'report',
        'report reports/quickstart --out /tmp/page',
        'report reports/quickstart --figure front.svg --cost latency@1',
      ),
    )
    .action(async (argument: string | undefined, options: Options) => {
      const file = givenDatabase(argument, options);
      const store = openStore(file, { readonly: true });
      try {
        if (options.figure !== undefined) {
          await writeFigure(readExperimentResult(store, options.experiment, options.device), options.figure, {
            ...(options.cost ? { cost: options.cost } : {}),
            theme: options.theme,
          });
          print(io, options.json ? jsonLine({ figureFile: options.figure }) : options.figure);
          return;
        }
        const files = await writeReport(
          readExperimentResult(store, options.experiment, options.device),
          options.out ?? dirname(file),
        );
        if (options.json) print(io, jsonLine(files));
        else for (const path of Object.values(files)) print(io, relative('.', path) || path);
      } finally {
        store.close();
      }
    });
}
