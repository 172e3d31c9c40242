/** `doctor`: the engine, its device and versions, problems with their fixes, and measured speed. */
import type { Command } from 'commander';
import { renderDoctor, runDoctor } from '../../../setup/doctor/doctor.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';

export function configure(command: Command, io: Io): void {
  command
    .option('--no-measure', 'inspect only, measure nothing')
    .option('--verbose', "show TensorFlow's log")
    .option('--json', 'print one object: ok, runtime, device, versions, measured, findings with fixes')
    .addHelpText(
      'after',
      `\nExits with 2 where something is broken, and prints the fix.\n${examples('doctor', 'doctor --json')}`,
    )
    .action(async ({ measure, verbose, json }: { measure: boolean; verbose?: boolean; json?: boolean }) => {
      const report = await interruptible((signal) => runDoctor({ measure, signal }));
      print(io, json ? jsonLine(report) : renderDoctor(report, { verbose: verbose ?? false }));
      const broken = report.findings.filter(({ level }) => level === 'error').length;
      if (!report.ok)
        throw new UserError(
          `doctor: ${broken} ${broken === 1 ? 'problem' : 'problems'} found, see the fixes above`,
        );
    });
}
