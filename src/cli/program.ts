/** Puts the command line together and runs it. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { packageVersion } from '../setup/host/package-version.js';
import { InterruptedError, UserError } from '../util/errors.js';
import { type CommandName, commandTable } from './command-table.js';
import { exitCodes, reportError } from './exit-codes.js';
import { describedWithDefault } from './options/help-texts.js';
import { namedRuntime } from './options/named-runtime.js';
import { withNewSpellings } from './options/old-spellings.js';
import { examples } from './options/option-parsers.js';
import { asCalled, commandName } from './output/as-called.js';
import type { Io } from './output/io.js';

/** Selects the device that STAGECRAFT_DEVICE names. */
async function applyNamedDevice(): Promise<void> {
  if (process.env['STAGECRAFT_DEVICE'])
    await (await import('../setup/engine/named-device.js')).applyNamedDevice();
}

type SetUpOnUse = typeof import('../setup/install/set-up-on-use.js');

/** Sets up what a command needs and this installation lacks. */
async function onUse(
  setUp: (module: SetUpOnUse, options: Parameters<SetUpOnUse['addonOnUse']>[0]) => Promise<void>,
  io: Io,
): Promise<void> {
  const [module, { createProgressPrinter }, { interruptible }] = await Promise.all([
    import('../setup/install/set-up-on-use.js'),
    import('../setup/host/setup-progress.js'),
    import('./interruptible.js'),
  ]);
  const printer = createProgressPrinter({ worded: (line) => asCalled(line, io) });
  try {
    await interruptible((signal) =>
      setUp(module, {
        env: process.env,
        isInteractive: process.stderr.isTTY === true,
        signal,
        onProgress: printer.onProgress,
        say: (line) => void io.stderr.write(asCalled(`${line}\n`, io)),
      }),
    );
  } finally {
    printer.close();
  }
}

function createProgram(io: Io): Command {
  return new Command(commandName(io.env))
    .description(
      'Architecture-search and ablation lab for vision networks that mix convolution (C) ' +
        'and transformer (T) blocks.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .configureHelp({ optionDescription: describedWithDefault, argumentDescription: describedWithDefault })
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(asCalled(text, io)),
      writeErr: (text) => void io.stderr.write(asCalled(text, io)),
    })
    .showHelpAfterError('(help: npx stagecraft --help)')
    .addHelpText(
      'after',
      examples('count search-spaces/ascan-cpu.space', 'run experiments/quickstart.experiment', 'explore') +
        '\n`npx stagecraft init --examples` copies the search-spaces and experiments that examples name.\n',
    )
    .addHelpText(
      'after',
      '\nEverywhere:\n  --blocks <file>    module of blocks, stems, layers or heads of your own; ' +
        'may be repeated' +
        '\n\nEnvironment:\n  STAGECRAFT_DEVICE  device that runs networks: cpu, or a GPU by index, UUID ' +
        'or name, such as H100\n                     (`npx stagecraft doctor` lists them)\n' +
        '  STAGECRAFT_CACHE   folder of the native engine\n' +
        '  STAGECRAFT_BLOCKS  modules as of --blocks, separated as in PATH' +
        '\n  STAGECRAFT_SETUP   never: no set-up on first use; always: also without a terminal',
    )
    .exitOverride();
}

/** Values that an option rejects become errors of the form `--option: rule, got value`. */
function nameRejectedOptions(command: Command): void {
  for (const option of command.options) {
    const parse = option.parseArg?.bind(option);
    if (!parse) continue;
    option.argParser((value: string, previous: unknown) => {
      try {
        return parse(value, previous);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        const rule = option.argChoices ? `must be one of ${option.argChoices.join(', ')}` : error.message;
        throw new UserError(`${option.long}: ${rule}, got ${JSON.stringify(value)}`, { cause: error });
      }
    });
  }
}

/** Values of `--to` that write tables of a database. */
const tableFormats: readonly string[] = ['parquet', 'csv'];

/** Adds the command; its module is loaded only where `isAsked`. */
async function addCommand(program: Command, name: CommandName, isAsked: boolean, io: Io): Promise<void> {
  const entry = commandTable[name];
  const command = program
    .command(name)
    .summary(entry.summary)
    .description(`${entry.summary[0]!.toUpperCase()}${entry.summary.slice(1)}.`)
    .showHelpAfterError(`(help: npx stagecraft ${name} --help)`);
  if ('opensDatabase' in entry)
    command.hook('preAction', async (_, { args, opts }) => {
      const isNamed = args.length > 0 || opts.call(command)['db'] !== undefined;
      if (entry.opensDatabase === 'where named' && !isNamed) return;
      const readsTables = tableFormats.includes(String(opts.call(command)['to']));
      const namesId = args.some((word) => /^[0-9a-f]{3,64}$/.test(word));
      if (entry.opensDatabase === 'for ids' && !namesId && !readsTables) return;
      const { isAddonBuilt } = await import('../setup/sqlite/addon-state.js');
      if (!isAddonBuilt()) await onUse((setUp, options) => setUp.addonOnUse(options), io);
    });
  if ('computes' in entry) {
    command.hook('preAction', async (_, { args, opts }) => {
      const options = opts.call(command) as Readonly<Record<string, unknown>>;
      const mayBuild = process.stderr.isTTY || process.env['STAGECRAFT_SETUP'];
      const runtime = namedRuntime(args, options);
      const needsEngine = runtime === undefined || runtime === 'auto' || runtime === 'tensorflow';
      if (mayBuild && needsEngine && !options['dryRun'] && !options['list'])
        await onUse((setUp, options) => setUp.engineOnUse(options), io);
    });
    command.hook('preAction', applyNamedDevice);
  }
  if (!isAsked) return;
  (await entry.load()).configure(command, io);
  nameRejectedOptions(command);
}

/**
 * An unexpected error of a command that opens databases, or its cause: an SQLite addon that does not load.
 * The addon is tried only after a failure, since that takes a process of its own.
 */
async function withAddonCause(error: unknown, asked: readonly string[]): Promise<unknown> {
  const isExpected =
    error instanceof UserError || error instanceof InterruptedError || error instanceof CommanderError;
  const opensDatabase = asked.some((name) => {
    const entry = Object.hasOwn(commandTable, name) ? commandTable[name as CommandName] : undefined;
    return entry !== undefined && 'opensDatabase' in entry;
  });
  if (isExpected || !opensDatabase) return error;
  const { assertAddon } = await import('../setup/sqlite/addon-state.js');
  try {
    assertAddon();
    return error;
  } catch (addonError) {
    return addonError;
  }
}

/** Takes every `--blocks FILE` out of the arguments. @throws UserError where the file is missing */
function takeBlocks(argv: readonly string[]): { readonly rest: string[]; readonly files: string[] } {
  const rest: string[] = [];
  const files: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word.startsWith('--blocks=')) files.push(word.slice('--blocks='.length));
    else if (word !== '--blocks') rest.push(word);
    else if (argv[at + 1] === undefined)
      throw new UserError('--blocks: must name a module, got nothing', { fix: '--blocks my-blocks.mjs' });
    else files.push(argv[++at]!);
  }
  return { rest, files };
}

/** Registers blocks of the user's own; loads nothing where none are named. */
async function loadOwnBlocks(files: readonly string[]): Promise<void> {
  if (files.length === 0 && !process.env['STAGECRAFT_BLOCKS']) return;
  const { loadBlocks, loadNamedBlocks } = await import('../runtime/load-blocks.js');
  await loadNamedBlocks();
  await loadBlocks(...files);
}

/** @param argv without `node` and the script @returns the exit code; never throws */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io);
  let asked: string[] = [];
  try {
    const { rest, files } = takeBlocks(argv);
    asked = rest.filter((word) => !word.startsWith('-')).slice(0, 2);
    await loadOwnBlocks(files);
    for (const name of Object.keys(commandTable) as CommandName[])
      await addCommand(program, name, asked.includes(name), io);
    if (rest.length === 0) program.outputHelp();
    else await program.parseAsync(withNewSpellings(rest), { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return reportError(await withAddonCause(error, asked), io);
  }
}
