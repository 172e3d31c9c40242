/** `report [DB]`: the page, the CSV and the JSON of a database. */
import { dirname, relative } from 'node:path';
import type { Command } from 'commander';
import { writeReport } from '../../report/write-report.js';
import { openStore, readExperimentResult } from '../../store/open.js';
import { examples } from '../command.js';
import { databaseHelp, findDatabase } from '../database-argument.js';
import { jsonLine, print, type Io } from '../io.js';

interface Options { readonly out?: string; readonly experiment?: string; readonly device?: string; readonly json?: boolean }

export function configure(command: Command, io: Io): void {
  command.argument('[db]', databaseHelp)
    .option('--out <folder>', "where to write (default: the database's folder)")
    .option('--experiment <id>', 'which experiment of the database (default: the latest)')
    .option('--device <id>', 'which device key (default: the latest)')
    .option('--json', 'print {"htmlFile":…,"csvFile":…,"jsonFile":…}')
    .addHelpText('after', examples('report', 'report reports/quickstart --out /tmp/page'))
    .action(async (argument: string | undefined, options: Options) => {
      const file = findDatabase(argument);
      const store = openStore(file, { readonly: true });
      try {
        const files = await writeReport(readExperimentResult(store, options.experiment, options.device), options.out ?? dirname(file));
        if (options.json) print(io, jsonLine(files));
        else for (const path of Object.values(files)) print(io, relative('.', path) || path);
      } finally {
        store.close();
      }
    });
}
