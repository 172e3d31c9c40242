/**
 * Every command line of README, docs, help texts and comments of shipped files. Quick ones run in a temporary
 * folder that has the shipped files and a database of the quickstart. Those that take minutes or need a
 * reader's own files are parsed by the command's own table, and what they name is checked.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { architectureId } from '../../src/architecture/canonical.js';
import { layoutOf, symmetryOf } from '../../src/architecture/layout.js';
import { type CommandName, commandTable } from '../../src/cli/command-table.js';
import { starterFiles } from '../../src/cli/commands/files/starter-files.js';
import { databaseName } from '../../src/lab/database-name.js';
import { loadExperiment } from '../../src/lab/load-experiment.js';
import { networkCost } from '../../src/network/network-cost.js';
import { createDatabase } from '../fixtures/experiment-database.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { repository } from '../import-graph.js';
import { codeLines, commentCommands, helpExamples, inlineCommands, shellWords } from './command-lines.js';
import { inProcess } from './in-process.js';

const home = process.cwd();
const temporary = mkdtempSync(join(tmpdir(), 'stagecraft-lines-'));
/** What a reader has: shipped files, results of the quickstart, and files that the documents print. */
const template = join(temporary, 'template');
/** The copy in which the lines of one test run. */
let folder = '';
const read = (file: string): string => readFileSync(join(repository, file), 'utf8');
const filesIn = (path: string, ending: string): string[] =>
  (readdirSync(join(repository, path), { recursive: true }) as string[])
    .filter((name) => name.endsWith(ending))
    .map((name) => join(path, name));

const documents = [
  'README.md',
  'FEATURES.md',
  'search-spaces/REFERENCE.md',
  'src/data/README.md',
  ...filesIn('docs', '.md'),
];
const shipped = [...filesIn('experiments', '.experiment'), ...filesIn('search-spaces', '.space')];

/** Files of a reader's own that lines name; they hold nothing, and what reads them is only parsed. */
const readersFiles = [
  'nas-bench-macro_cifar10.json',
  'net.json',
  'study.db',
  'best.safetensors',
  'trained.safetensors',
  'model.safetensors',
  'convnext.safetensors',
  'measured.sqlite',
  'gpu.sqlite',
  'cpu.sqlite',
  'gated.experiment',
];
/** Options that name what a command writes. */
const outputs = new Set(['out', 'svg', 'png', 'html', 'figure', 'repair']);

/** The quickstart's networks with made-up results, in `reports/quickstart`. */
function writeQuickstart(): void {
  const { architectures, name, text, spaceText, objectives } = loadExperiment(
    join(repository, 'experiments/quickstart.experiment'),
  );
  const result = fixtureResult({ candidates: architectures.length, seeds: 2, failures: false, name });
  createDatabase(join(template, 'reports/quickstart', databaseName), {
    ...result,
    experiment: { ...result.experiment, text, spaceText, objectives },
    candidates: result.candidates.map((candidate, index) => {
      const architecture = architectures[index]!;
      const layout = layoutOf(architecture);
      return {
        ...candidate,
        ...networkCost(architecture).total,
        architecture,
        layout,
        architectureId: architectureId(architecture),
        symmetry: symmetryOf(layout),
      };
    }),
  }).record(architectures.length);
}

beforeAll(() => {
  for (const name of ['search-spaces', 'experiments'])
    cpSync(join(repository, name), join(template, name), { recursive: true });
  for (const file of shipped.filter((name) => name.endsWith('.experiment')))
    mkdirSync(join(template, 'reports', /^experiment (\S+)/m.exec(read(file))![1]!), { recursive: true });
  for (const name of readersFiles) writeFileSync(join(template, name), '');
  const library = read('docs/library.md');
  writeFileSync(join(template, 'my-blocks.mjs'), /```js\n(\/\/ my-blocks[^]*?)```/.exec(library)![1]!);
  writeFileSync(join(template, 'gated.space'), /`\n(space gated[^]*?)`/.exec(library)![1]!);
  const table = /```csv\n([^]*?)```/.exec(read('docs/benchmark-tables.md'))![1]!;
  writeFileSync(join(template, 'results.csv'), table);
  mkdirSync(join(temporary, 'node_modules'));
  symlinkSync(repository, join(temporary, 'node_modules/stagecraft'), 'dir');
  writeQuickstart();
});
beforeEach(() => {
  folder = mkdtempSync(join(temporary, 'lines-'));
  cpSync(template, folder, { recursive: true });
  vi.spyOn(process.stdout, 'write').mockReturnValue(true); // where `explore` prints
});
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(home);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const isCommand = (name: string | undefined): name is CommandName =>
  name !== undefined && Object.hasOwn(commandTable, name);

/** Parses by the command's arguments and options, and runs nothing. @throws CommanderError */
async function parsed(name: CommandName, words: readonly string[]): Promise<Command> {
  const silent = { write: () => true };
  const command = new Command(name)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  const io = { stdout: silent, stderr: silent, env: {}, colours: pc, isInteractive: false, width: 100 };
  (await commandTable[name].load()).configure(command, io);
  command.action(() => undefined);
  return command.parseAsync([...words], { from: 'user' });
}

const PATH = /^[\w./-]+\.(space|experiment|json|csv|sqlite|safetensors|mjs|db)$|^reports\//;

/** Paths of what a command reads; an objective or an id is none. */
function inputs(command: Command): string[] {
  const isOutput = (option: string): boolean =>
    outputs.has(option) || (option === 'db' && 'computes' in commandTable[command.name() as CommandName]);
  return [
    ...command.args,
    ...Object.entries(command.opts()).flatMap(([option, value]) => (isOutput(option) ? [] : [String(value)])),
  ]
    .map((word) => word.replace(/(\.space)[@#].*$/, '$1'))
    .filter((word) => PATH.test(word));
}

/** Not a reader's own file, nor results of a run that takes minutes. */
const isAtHand = (path: string): boolean =>
  !readersFiles.includes(path) && (!/^reports\/[\w-]+$/.test(path) || existsSync(join(path, databaseName)));

function isQuick(command: Command): boolean {
  const name = command.name() as CommandName;
  const options: Readonly<Record<string, unknown>> = command.opts();
  if (name === 'doctor') return command.args.length > 0;
  if (name === 'import') return command.args.length > 1; // results of a bundle come from its Python
  if (name === 'serve' || name === 'setup' || 'computes' in commandTable[name])
    return options['dryRun'] === true || options['list'] === true;
  return true;
}

/** Checks the spaces, networks and experiments of a command that is not run. */
async function checkNamed(command: Command): Promise<void> {
  const words = [...command.args, String(command.opts()['arch'] ?? '')];
  for (const word of words.filter((each) => !readersFiles.includes(each))) {
    const isNetwork = /\.space[@#]|^[0-9a-f]{4,}$/.test(word);
    if (isNetwork) expect(await inProcess(['show', word])).toMatchObject({ code: 0, err: '' });
    else if (/\.(space|experiment)$/.test(word))
      expect(await inProcess(['check', '--no-data', word])).toMatchObject({ code: 0, err: '' });
  }
}

/** Stands for a run of minutes: results lie where it would put them. */
function putResults(experiment: string): void {
  const [, name] = /^experiment (\S+)/m.exec(readFileSync(experiment, 'utf8'))!;
  cpSync(join(template, 'reports/quickstart'), join('reports', name!), { recursive: true });
}

/** Runs or checks one line in the folder `from`. @returns the folder of the next line */
async function follow(line: string, from: string): Promise<string> {
  const words = shellWords(line, from);
  if (words[0] === 'cd') return join(from, words[1]!);
  process.chdir(from);
  const asked = words
    .slice(words.indexOf('stagecraft') + 1)
    .map((word) => word.replace(/^\/(?=\w)/, `${folder}/`));
  const own = asked.indexOf('--blocks');
  const [name, ...rest] = own < 0 ? asked : asked.filter((_, at) => at !== own && at !== own + 1);
  if (!isCommand(name)) throw new Error(`unknown command ${name}`);
  const command = await parsed(name, rest);
  const files = inputs(command);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  const isForm = rest.some((word) => /^[A-Z]{2,}$/.test(word)); // `explain SETTING`
  if (isForm || !isQuick(command) || !files.every(isAtHand)) {
    await checkNamed(command);
    if (name === 'run' && files.every(isAtHand)) putResults(command.args[0]!);
    return from;
  }
  const { code, err } = await inProcess(asked);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return from;
}

/** Follows the lines one after the other. @returns those that fail, with their reason */
async function failures(lines: readonly string[], follows = follow): Promise<string[]> {
  const failed: string[] = [];
  let at = folder;
  for (const line of lines)
    try {
      at = await follows(line, at);
    } catch (error) {
      failed.push(`${line}: ${error instanceof Error ? error.message : String(error)}`);
    }
  return failed;
}

/** A command within a sentence: it is known, and so are its options; it may lack arguments. */
async function parse(line: string, from: string): Promise<string> {
  const [, name, ...rest] = shellWords(line, from);
  if (name === 'help' || name === '--version') return from;
  if (!isCommand(name)) throw new Error(`unknown command ${name}`);
  try {
    await parsed(name, rest);
  } catch (error) {
    if (!/missing|required option/.test(String(error))) throw error;
  }
  return from;
}

describe('command lines', () => {
  it.each(documents.filter((file) => codeLines(read(file)).length > 0))('%s', async (file) => {
    expect(await failures(codeLines(read(file)))).toEqual([]);
  });

  it.each(Object.keys(commandTable) as CommandName[])('examples of %s --help', async (name) => {
    const lines = helpExamples((await inProcess([name, '--help'])).out);
    expect(lines.length).toBeGreaterThan(0);
    expect(await failures(lines)).toEqual([]);
  });

  it('comments of shipped experiments and spaces', async () => {
    const lines = shipped.flatMap((file) => commentCommands(read(file)));
    expect(lines.length).toBeGreaterThan(30);
    expect(await failures([...new Set(lines)])).toEqual([]);
  });

  it('comments of the files that init writes', async () => {
    const lines = Object.values(starterFiles).flatMap(commentCommands);
    expect(lines).toContain('stagecraft check networks.space');
    expect(await failures(['stagecraft init study', 'cd study', ...lines])).toEqual([]);
  });

  it('sentences of the documents', async () => {
    const lines = [...documents, ...shipped].flatMap((file) => inlineCommands(read(file)));
    expect(lines.length).toBeGreaterThan(30);
    expect(await failures([...new Set(lines)], parse)).toEqual([]);
  });

  it.each([
    ['stagecraft cuont search-spaces/ascan-cpu.space', 'unknown command'],
    ['stagecraft count search-spaces/ascan-cpu.space --jsn', 'unknown option'],
    ['stagecraft count', 'missing required argument'],
    ['stagecraft count search-spaces/absent.space', 'absent.space'],
    ['stagecraft run experiments/quickstart.experiment --db', 'argument missing'],
    ['stagecraft train search-spaces/ascan-cpu.space@C-XX --data motif', 'expected'],
    ['stagecraft show ffff --db reports/quickstart', 'expected'],
  ])('%s fails', async (line, reason) => {
    expect(await failures([line])).toEqual([expect.stringContaining(reason)]);
  });
});
