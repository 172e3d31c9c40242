/** `import-optuna FILE`: a study of Optuna as a table in the documented CSV form. */
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { type OptunaStudy, readOptunaStudy } from '../../../store/optuna-study.js';
import { UserError } from '../../../util/errors.js';
import { examples } from '../../options/option-parsers.js';
import type { Io } from '../../output/io.js';

export function configure(command: Command, io: Io): void {
  command
    .argument('<file>', 'SQLite database of Optuna')
    .option('--study <name>', 'the study; may be left out where the file holds one')
    .addHelpText('after', examples('import-optuna study.db > results.csv'))
    .action((file: string, { study: name }: { readonly study?: string }) => {
      const study = readOptunaStudy(file, name);
      if (study.trials.length === 0)
        throw new UserError(`${file}: a study needs at least one complete trial, got none`);
      io.stdout.write(studyCsv(study));
      if (study.left > 0) io.stderr.write(`${study.left} trials without a finite result are left out\n`);
    });
}

/** A parameter that a trial does not have is `none`; a repeated configuration is a further seed. */
function studyCsv({ objectives, trials }: OptunaStudy): string {
  const names = [...new Set(trials.flatMap(({ choices }) => Object.keys(choices)))];
  const repeats = new Map<string, number>();
  const rows = trials.map(({ choices, values, seconds }) => {
    const own = names.map((name) => choices[name] ?? 'none');
    const key = JSON.stringify(own);
    const seed = repeats.get(key) ?? 0;
    repeats.set(key, seed + 1);
    return [...own, seed, seconds, ...values];
  });
  const head = [
    ...names.map((name) => `choice.${name}`),
    'seed',
    'seconds',
    ...objectives.map(({ name, better }) => `${name.replaceAll(':', ' ')}:${better}`),
  ];
  return stringify([head, ...rows]);
}
