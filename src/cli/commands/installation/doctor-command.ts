/**
 * `doctor`: the engine, its device and versions, problems with their fixes, and measured speed; or damage in
 * a database.
 */
import type { Command } from 'commander';
import { renderDoctor, runDoctor } from '../../../setup/doctor/doctor.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { type DatabaseOption, givenDatabase } from '../../options/database-argument.js';
import { examples } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options extends DatabaseOption {
  readonly measure: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly repair?: string;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[database]', 'examine this database instead: pages, references and the values of all rows')
    .option('--db <file>', 'the database, in place of the argument')
    .option('--repair <out>', 'with a database: copy what is sound into this new file')
    .option('--no-measure', 'inspect only, measure nothing')
    .option('--verbose', "show TensorFlow's log")
    .option('--json', 'print one object: ok, runtime, device, versions, measured, findings with fixes')
    .addHelpText(
      'after',
      '\nExits with 2 where something is broken, and prints the ' +
        `fix.\n${examples('doctor', 'doctor --json', 'doctor reports/quickstart --repair sound.sqlite')}`,
    )
    .action(async (argument: string | undefined, options: Options) => {
      const { measure, verbose, json, repair } = options;
      if (argument !== undefined || options.db !== undefined) {
        const { examineCommand } = await import('./examine-command.js');
        return examineCommand(
          givenDatabase(argument, options),
          { ...(repair && { repair }), ...(json && { json }) },
          io,
        );
      }
      if (repair !== undefined)
        throw new UserError('doctor: --repair needs a database, got none', {
          fix: 'npx stagecraft doctor DATABASE --repair OUT',
        });
      const report = await interruptible((signal) => runDoctor({ measure, signal }));
      print(io, json ? jsonLine(report) : asCalled(renderDoctor(report, { verbose: verbose ?? false }), io));
      const broken = report.findings.filter(({ level }) => level === 'error').length;
      if (!report.ok)
        throw new UserError(
          `doctor: ${broken} ${broken === 1 ? 'problem' : 'problems'} found, see the fixes above`,
        );
    });
}
