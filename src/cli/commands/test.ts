/** `test EXPERIMENT`: the chosen network on the test split, once. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadExperiment } from '../../lab/experiment.js';
import { testChosen } from '../../lab/test-split.js';
import { lockWriter } from '../../store/lock.js';
import { openStore } from '../../store/open.js';
import { UserError } from '../../util/errors.js';
import { existsSync } from 'node:fs';
import { examples } from '../command.js';
import { databaseName } from '../database-argument.js';
import { table } from '../format.js';
import { interruptible } from '../interrupt.js';
import { jsonLine, print, type Io } from '../io.js';

interface Options { readonly db?: string; readonly arch?: string; readonly again?: boolean; readonly json?: boolean }

export function configure(command: Command, io: Io): void {
  command.argument('<experiment>', 'experiment file that was run')
    .option('--db <file>', `its database (default: reports/NAME/${databaseName})`)
    .option('--arch <id>', 'first digits of an id (default: the network that is best on validation)')
    .option('--again', 'look at the test split for another network than before')
    .option('--json', 'one object a seed: id, layout, seed, top1, top5, miou, loss, count, validationTop1')
    .addHelpText('after', `
Search chooses on the validation split. The test split is for the network that was chosen, once: its scores
are kept, and asked for again they are read, not taken anew.
${examples('test experiments/quickstart.experiment', 'test experiments/cifar10.experiment --arch 3fa9')}`)
    .action(async (file: string, options: Options) => {
      const experiment = loadExperiment(file);
      const database = options.db ?? join('reports', experiment.name, databaseName);
      if (!existsSync(database)) throw new UserError(`${database}: no such database`, { fix: `stagecraft run ${file} makes it` });
      const lock = lockWriter(database);
      try {
        const store = openStore(database);
        try {
          const tested = await interruptible((signal) => testChosen(experiment, store, { architecture: options.arch, again: options.again ?? false, signal }));
          const { architectureId, layout, scores, networks, stored } = tested;
          if (options.json) {
            for (const { seed, top1, top5, miou, loss, count, validationTop1 } of scores) print(io, jsonLine({ id: architectureId, layout, seed, top1, top5, miou, loss, count, validationTop1 }));
            return;
          }
          const percent = (value: number | null): string => (value === null ? '–' : (value * 100).toFixed(1));
          const columns = [{ title: 'seed', align: 'right' as const }, { title: 'test top-1 %', align: 'right' as const }, { title: 'validation top-1 %', align: 'right' as const }, { title: 'loss', align: 'right' as const }];
          print(io, `${io.colours.bold(layout)}  ${architectureId}`);
          print(io);
          print(io, table(columns, scores.map(({ seed, top1, validationTop1, loss }) => [String(seed), percent(top1), percent(validationTop1), loss === null ? '–' : loss.toFixed(3)]), io.colours.dim));
          print(io);
          print(io, io.colours.dim(`${scores[0]?.count ?? 0} images, ${stored ? `scored on ${scores[0]?.tested_at.slice(0, 10) ?? ''}` : 'scored now'}; the split has been looked at for ${networks} ${networks === 1 ? 'network' : 'networks'} of this experiment`));
        } finally {
          store.close();
        }
      } finally {
        lock.release();
      }
    });
}
