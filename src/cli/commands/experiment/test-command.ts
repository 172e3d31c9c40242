/** `test EXPERIMENT`: the chosen network on the test split, once. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { testChosen } from '../../../lab/evaluate-test-split.js';
import { loadExperiment } from '../../../lab/experiment.js';
import { openStore } from '../../../store/open-store.js';
import { lockWriter } from '../../../store/writer-lock.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { databaseName } from '../../options/database-argument.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, table } from '../../output/text-format.js';

interface Options {
  readonly db?: string;
  readonly arch?: string;
  readonly again?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<experiment>', 'experiment file that was run')
    .option('--db <file>', `its database (default: reports/NAME/${databaseName})`)
    .option('--arch <id>', 'first digits of an id (default: the network that is best on validation)')
    .option('--again', 'look at the test split for another network than before')
    .option('--json', 'one object a seed: id, layout, seed, top1, top5, miou, loss, count, validationTop1')
    .addHelpText(
      'after',
      `
Search chooses on the validation split. The test split is for the network that was chosen, once: its scores
are kept, and asked for again they are read, not taken anew.
${examples('test experiments/quickstart.experiment', 'test experiments/cifar10.experiment --arch 3fa9')}`,
    )
    .action(async (file: string, options: Options) => {
      const experiment = loadExperiment(file);
      const database = options.db ?? join('reports', experiment.name, databaseName);
      if (!existsSync(database))
        throw new UserError(`${database}: no such database`, { fix: `stagecraft run ${file} makes it` });
      const lock = lockWriter(database);
      try {
        const store = openStore(database);
        try {
          const tested = await interruptible((signal) =>
            testChosen(experiment, store, {
              architecture: options.arch,
              again: options.again ?? false,
              signal,
            }),
          );
          const { architectureId, layout, score, scores, networks, stored } = tested;
          if (options.json) {
            for (const { seed, top1, top5, miou, loss, count, validationTop1 } of scores)
              print(
                io,
                jsonLine({ id: architectureId, layout, seed, top1, top5, miou, loss, count, validationTop1 }),
              );
            return;
          }
          const text = (value: number | undefined): string =>
            value === undefined
              ? '–'
              : score.unit === '%'
                ? (value * score.scale).toFixed(1)
                : value.toFixed(3);
          const title = `${score.short}${score.unit && ` ${score.unit}`}`;
          const right = (each: string): Column => ({ title: each, align: 'right' });
          const columns = [
            right('seed'),
            right(`test ${title}`),
            right(`validation ${title}`),
            ...(score.id === 'loss' ? [] : [right('loss')]),
          ];
          print(io, `${io.colours.bold(layout)}  ${architectureId}`);
          print(io);
          print(
            io,
            table(
              columns,
              scores.map(({ seed, top1, miou, loss, validation }) => [
                String(seed),
                text(
                  score.ofSeed({
                    top1: top1 ?? Number.NaN,
                    loss: loss ?? Number.NaN,
                    ...(miou === null ? {} : { miou }),
                  }),
                ),
                text(score.ofSeed(validation)),
                ...(score.id === 'loss' ? [] : [loss === null ? '–' : loss.toFixed(3)]),
              ]),
              io.colours.dim,
            ),
          );
          print(io);
          print(
            io,
            io.colours.dim(
              `${scores[0]?.count ?? 0} images, ${stored ? `scored on ${scores[0]?.tested_at.slice(0, 10) ?? ''}` : 'scored now'}; the split has been looked at for ${networks} ${networks === 1 ? 'network' : 'networks'} of this experiment`,
            ),
          );
          print(io, io.colours.dim(`npx stagecraft report ${database}  says it in the report`));
        } finally {
          store.close();
        }
      } finally {
        lock.release();
      }
    });
}
