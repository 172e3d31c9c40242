/**
 * Damages a database, a weights file, a checkpoint and a report's JSON at random, and lets the commands read
 * them. Each must print a result or one line of error: no stack, no changed file, within a time limit.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import pc from 'picocolors';
import type { Io } from '../../../src/cli/output/io.js';
import { runCli } from '../../../src/cli/program.js';
import { readCheckpoint } from '../../../src/train/loop/checkpoint.js';
import { readWeightsFile } from '../../../src/train/weights/weights-file.js';
import { UserError } from '../../../src/util/errors.js';
import { type Random, seededRandom } from '../../../src/util/random.js';
import { damagedBytes, damagedColumn, damagedHeader } from './mutations.js';

/** The sound files that a campaign damages. */
export interface SoundFiles {
  readonly database: string;
  readonly weights: string;
  readonly checkpoint: string;
  /** `results.json` of a report. */
  readonly json: string;
  /** First digits of an architecture's id in the database. */
  readonly architecture: string;
  /** The experiment of the database; without one, `run` and `test` are left out. */
  readonly experiment?: string;
}

const targets = ['database', 'column', 'column', 'weights', 'checkpoint', 'json'] as const;
type Target = (typeof targets)[number];

export interface Problem {
  readonly index: number;
  readonly target: Target;
  readonly action: string;
  readonly problem: string;
}

export interface CampaignFigures {
  readonly cases: number;
  readonly actions: number;
  readonly results: number;
  readonly errors: number;
  readonly slowestMs: number;
  readonly slowest: string;
  readonly problems: readonly Problem[];
}

interface Outcome {
  readonly code: number;
  readonly err: string;
}

/** Of a command in this process; a child that starts others gets more, since a busy machine stretches it. */
const limitMs = 10_000;
const childLimitMs = 60_000;
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Runs a command in this process; what it prints is taken, `explore` included. */
async function command(argv: readonly string[]): Promise<Outcome> {
  let err = '';
  const sink = { write: () => true };
  const io: Io = {
    stdout: sink,
    stderr: {
      write: (text: string) => {
        err += text;
        return true;
      },
    },
    env: {},
    colours: pc.createColors(false),
    isInteractive: false,
    width: 100,
  };
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return { code: await runCli(argv, io), err };
  } finally {
    process.stdout.write = write;
  }
}

const main = join(import.meta.dirname, '../../../dist/cli/main.js');

/** Runs a command of the build in a child process. */
function child(argv: readonly string[]): Outcome {
  const { status, stderr } = spawnSync(process.execPath, [main, ...argv], {
    encoding: 'utf8',
    timeout: childLimitMs,
  });
  return { code: status ?? -1, err: stderr };
}

/** Calls a reader of files; its own errors are answers, and what JavaScript throws is not. */
function reader(read: () => unknown): Outcome {
  try {
    read();
    return { code: 0, err: '' };
  } catch (error) {
    if (error instanceof UserError) return { code: 2, err: `${error.message}\n` };
    return { code: 1, err: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Lines on stderr beside an error. */
const progressLines = /^(?:[\w-]+: \d+ of|on |\d+ damaged values? w)[^\n]*\n/gm;

/** What is wrong with an outcome: a result, or one line and its fix, are right. */
function problemOf({ code, err }: Outcome, ms: number, isChild: boolean): string | undefined {
  if (/^\s+at |TypeError|SyntaxError|RangeError|this is a bug/m.test(err)) return err.slice(0, 900);
  if (code !== 0 && code !== 2) return `exit code ${code}: ${err.slice(0, 600)}`;
  // `run` and `test` tell their progress before an error; of the others an error is all they print.
  const text = isChild
    ? err.trimEnd().split('\n').slice(-1).join('').concat('\n')
    : err.replace(progressLines, '');
  if (code === 2 && !/^[^\n]+\n( {2}[^\n]+\n)?$/.test(text))
    return `no single line of error: ${JSON.stringify(err.slice(0, 600))}`;
  if (ms > (isChild ? childLimitMs : limitMs)) return `it takes ${Math.round(ms)} ms`;
  return undefined;
}

interface Action {
  readonly name: string;
  run(): Promise<Outcome> | Outcome;
  /** It runs in a child process. */
  readonly isChild?: true;
}

const damage: Record<Target, (bytes: Buffer, random: Random) => Buffer> = {
  database: damagedBytes,
  column: damagedColumn,
  weights: (bytes, random) => (random.integer(3) === 0 ? damagedBytes : damagedHeader)(bytes, random),
  checkpoint: (bytes, random) => (random.integer(3) === 0 ? damagedBytes : damagedHeader)(bytes, random),
  json: damagedBytes,
};

function actionsOf(
  target: Target,
  file: string,
  sound: SoundFiles,
  folder: string,
  random: Random,
): Action[] {
  if (target === 'weights')
    return [{ name: 'readWeightsFile', run: () => reader(() => readWeightsFile(file)) }];
  if (target === 'checkpoint')
    return [{ name: 'readCheckpoint', run: () => reader(() => readCheckpoint(file, 'campaign')) }];
  if (target === 'json') return ['show', 'check'].map((name) => ({ name, run: () => command([name, file]) }));
  const screen = ['table', 'plot', 'detail', 'help'][random.integer(4)]!;
  const argvs = [
    ['report', file, '--out', join(folder, 'report')],
    ['explore', file, '--frame', '100x30', '--screen', screen],
    ['fidelity', file],
    ['show', sound.architecture, '--db', file],
    ['doctor', file],
    ['doctor', file, '--repair', join(folder, 'repaired.sqlite')],
  ];
  return argvs.map((argv) => ({
    name: argv.slice(0, 1).concat(argv.slice(2, 3)).join(' '),
    run: () => command(argv),
  }));
}

/** `run` and `test` write, so each gets a copy of its own; they start children. */
function writingActions(file: string, { experiment }: SoundFiles, folder: string): Action[] {
  if (experiment === undefined) return [];
  return ['run', 'test'].map((name) => ({
    name,
    isChild: true,
    run: () => {
      const copy = join(folder, `${name}.sqlite`);
      copyFileSync(file, copy);
      const before = digest(copy);
      const out = name === 'run' ? ['--out', join(folder, 'report')] : [];
      const outcome = child([name, experiment, '--db', copy, ...out]);
      const isChanged = existsSync(copy) && digest(copy) !== before;
      for (const end of ['', '-lock', '-wal', '-shm', '.log']) rmSync(`${copy}${end}`, { force: true });
      if (outcome.code !== 0 && isChanged)
        return { code: 1, err: `it fails and changed the file: ${outcome.err}` };
      return outcome;
    },
  }));
}

/** @param children in how many cases `run` and `test` are started on a damaged database */
export async function runCampaign(
  sound: SoundFiles,
  folder: string,
  options: {
    seed: string;
    from: number;
    cases: number;
    childEvery: number;
    onProblem?: (problem: Problem) => void;
  },
): Promise<CampaignFigures> {
  mkdirSync(folder, { recursive: true });
  if (existsSync(`${sound.database}.weights`))
    symlinkSync(resolve(`${sound.database}.weights`), join(folder, `${basename(sound.database)}.weights`));
  const sources: Record<Target, Buffer> = {
    database: readFileSync(sound.database),
    column: readFileSync(sound.database),
    weights: readFileSync(sound.weights),
    checkpoint: readFileSync(sound.checkpoint),
    json: readFileSync(sound.json),
  };
  const problems: Problem[] = [];
  const figures = { cases: 0, actions: 0, results: 0, errors: 0, slowestMs: 0, slowest: '' };
  for (let index = options.from; index < options.from + options.cases; index++) {
    const random = seededRandom(`damaged ${options.seed} ${index}`);
    const target = targets[index % targets.length]!;
    const file = join(folder, target === 'json' ? 'damaged.json' : `damaged-${target}`);
    writeFileSync(file, damage[target](sources[target], random));
    const before = digest(file);
    const actions = actionsOf(target, file, sound, folder, random);
    const isDatabase = target === 'database' || target === 'column';
    if (isDatabase && index % options.childEvery < 2) actions.push(...writingActions(file, sound, folder));
    for (const { name, run, isChild } of actions) {
      rmSync(join(folder, 'repaired.sqlite'), { force: true });
      const start = performance.now();
      const outcome = await run();
      const ms = performance.now() - start;
      figures.actions++;
      if (outcome.code === 0) figures.results++;
      else figures.errors++;
      if (ms > figures.slowestMs) [figures.slowestMs, figures.slowest] = [ms, `${index} ${target} ${name}`];
      const wrong =
        digest(file) === before ? problemOf(outcome, ms, isChild === true) : 'it changed the file';
      if (wrong === undefined) continue;
      const problem = { index, target, action: name, problem: wrong };
      problems.push(problem);
      options.onProblem?.(problem);
    }
    figures.cases++;
  }
  return { ...figures, problems };
}
