/** Puts the command line together and runs it. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type CommandName, commands } from './command-table.js';
import { exitCodes, reportError } from './exit-codes.js';
import { examples } from './options/option-parsers.js';
import type { Io } from './output/io.js';

function packageVersion(): string {
  return (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version;
}

/** What networks run on, where a person named it; loaded then alone. */
async function applyNamedDevice(): Promise<void> {
  if (process.env['STAGECRAFT_DEVICE'])
    await (await import('../setup/engine/named-device.js')).applyNamedDevice();
}

/** @param argv without `node` and the script @returns the exit code; never throws */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const program = new Command('stagecraft')
    .description(
      'Architecture-search and ablation lab for vision networks that mix convolution (C) and transformer (T) blocks.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError('(stagecraft --help says more)')
    .addHelpText(
      'after',
      examples('count search-spaces/ascan-cpu.space', 'run experiments/quickstart.experiment', 'explore'),
    )
    .addHelpText(
      'after',
      '\nEnvironment:\n  STAGECRAFT_DEVICE  where networks run: cpu, or a GPU by UUID, index or name (`stagecraft doctor` lists them)\n  STAGECRAFT_CACHE   folder of the native engine',
    )
    .exitOverride();
  const asked = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  try {
    for (const name of Object.keys(commands) as CommandName[]) {
      const command = program
        .command(name)
        .summary(commands[name].summary)
        .description(`${commands[name].summary[0]!.toUpperCase()}${commands[name].summary.slice(1)}.`);
      command.showHelpAfterError(`(stagecraft ${name} --help says more)`);
      if ('computes' in commands[name]) command.hook('preAction', applyNamedDevice);
      if (asked.includes(name)) (await commands[name].load()).configure(command, io);
    }
    if (argv.length === 0) {
      program.outputHelp();
      return exitCodes.done;
    }
    await program.parseAsync(argv, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return reportError(error, io);
  }
}
