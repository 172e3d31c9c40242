/** `compare-strategies TABLE`: search strategies × seeds on a table of published results. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { fixedText } from '../../../analysis/number-text.js';
import {
  type ComparisonSubject,
  comparisonFinding,
  comparisonPage,
  comparisonTitle,
} from '../../../report/html/comparison-page.js';
import { type ThemeName, themes } from '../../../report/report-theme.js';
import { comparedAxes, comparisonSvg, rankedRows } from '../../../report/svg/comparison-svg.js';
import { writePicture } from '../../../report/write-figure.js';
import { type AutoChoice, autoChoice } from '../../../search/strategies/auto.js';
import { compareStrategies, type StrategyComparison } from '../../../search/tables/compare-strategies.js';
import { readTable, usualObjectives } from '../../../search/tables/read-table.js';
import { UserError } from '../../../util/errors.js';
import { readTextFile } from '../../../util/read-text-file.js';
import { examples, themeOption, wholeNumber } from '../../options/option-parsers.js';
import { strategyList } from '../../options/strategy-list.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, compact, duration, table as textTable } from '../../output/text-format.js';

interface Options {
  readonly strategies: string;
  readonly seeds: number;
  readonly budget: number;
  readonly objectives?: string;
  readonly workers: number;
  readonly scores: string;
  readonly html?: string;
  readonly figure?: string;
  readonly theme: ThemeName;
  readonly json?: boolean;
}

const usual = 'uniform,regularized-evolution,nsga2,tpe,predictor';

export function configure(command: Command, io: Io): void {
  command
    .argument('<table>', 'NAS-Bench-Macro as .json, or a CSV file (docs/benchmark-tables.md)')
    .option('--strategies <list>', 'strategies, also with parameters: nsga2(population: 20)', usual)
    .option('-s, --seeds <count>', 'repetitions of each strategy', wholeNumber(1), 30)
    .option('--budget <trials>', 'trials of each search', wholeNumber(1), 100)
    .option('--objectives <list>', 'quantities of the table; default: the first score and the first cost')
    .option('--workers <count>', 'simulated workers', wholeNumber(1), 1)
    .option('--scores <what>', 'mean: a search sees means over the seeds; seeds: one seed per trial', 'mean')
    .option('--html <file>', 'also write a page with figure and tables')
    .option('--figure <file>', 'also write the figure, as .svg or .png')
    .addOption(themeOption())
    .option('--json', 'one object: subject, rows, points along each axis, reference point, hypervolume')
    .addHelpText(
      'after',
      examples(
        'compare-strategies results.csv --strategies uniform,nsga2,predictor --budget 200',
        'compare-strategies nas-bench-macro_cifar10.json --workers 8 --html strategies.html',
      ),
    )
    .action(async (file: string, options: Options) => {
      const { comparison, subject, chosen } = compared(file, options, io);
      const title = comparisonTitle(subject);
      if (options.html !== undefined) writePage(options.html, comparisonPage(comparison, subject));
      if (options.figure !== undefined) {
        const theme = themes[options.theme];
        const svg = () => comparisonSvg(title, comparison, { theme, workers: subject.workers });
        await writePicture(options.figure, svg, 'compare-strategies');
      }
      if (options.json) print(io, jsonLine(plainObject(comparison, subject)));
      else printTables(comparison, subject, io);
      if (!options.json && chosen !== undefined) print(io, chosen);
    });
}

function compared(
  file: string,
  options: Options,
  io: Io,
): {
  readonly comparison: StrategyComparison;
  readonly subject: ComparisonSubject;
  /** What `auto` chose, and why; undefined where it is not compared. */
  readonly chosen: string | undefined;
} {
  const { seeds, budget, workers } = options;
  const scores = oneOf('--scores', options.scores, ['mean', 'seeds'] as const);
  const strategies = strategyList(options.strategies);
  const table = readTable(readTextFile(file), basename(file));
  const names = options.objectives?.split(',').map((name) => name.trim());
  const objectives = usualObjectives(table, names);
  const comparison = compareStrategies({
    table,
    objectives,
    strategies,
    seeds,
    budget,
    workers,
    scores,
    points: POINTS,
    note: (line) => {
      if (io.isInteractive) io.stderr.write(`\r\u001b[K${line}`);
    },
  });
  if (io.isInteractive) io.stderr.write('\r\u001b[K');
  const { name, source } = table;
  const choice = autoChoice({ space: table.space, objectives, constraints: [], budget });
  const networks = Number(table.space.size ?? 0);
  return {
    comparison,
    subject: { table: name, source, networks, objectives, seeds, budget, workers, scores },
    chosen: strategies.some(({ strategy }) => strategy.name === 'auto') ? chosenText(choice) : undefined,
  };
}

const chosenText = ({ strategy, reason }: AutoChoice): string => `auto is ${strategy.name}: ${reason}`;

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found === undefined)
    throw new UserError(`${option}: must be one of ${known.join(', ')}, got ${JSON.stringify(value)}`);
  return found;
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new UserError(`--html: must be a file that can be written, got ${JSON.stringify(file)} (${code})`, {
      cause,
    });
  }
}

/** Points along each axis; quarters of it are among them. */
const POINTS = 48;
const QUARTERS = [1, 2, 3, 4] as const;

const plainObject = (comparison: StrategyComparison, subject: ComparisonSubject): object => ({
  subject,
  ...comparison,
  rows: comparison.rows.map((row) => ({ ...row, trialsTo99: row.trialsTo99 ?? null, p: row.p ?? null })),
});

const right = (title: string): Column => ({ title, align: 'right' });
const percent = (share: number): string => fixedText(100 * share, 2);

function printTables(comparison: StrategyComparison, subject: ComparisonSubject, io: Io): void {
  const { objectives } = subject;
  print(io, `${comparisonTitle(subject)}`);
  print(
    io,
    `objectives: ${objectives.map(({ name, better }) => `${name} (${better})`).join(' and ')}; ` +
      "hypervolume in % of the full front's\n",
  );
  print(io, rankTable(comparison, io));
  print(io, '\np: signed-rank test against the best mean rank, paired by seed, corrected by Holm');
  for (const axis of comparedAxes(comparison, subject.workers)) {
    print(io);
    print(io, quarterTable(comparison, axis, io));
  }
  print(io, `\n${comparisonFinding(comparison)}`);
}

function rankTable(comparison: StrategyComparison, io: Io): string {
  return textTable(
    [
      { title: 'strategy' },
      right('hypervolume'),
      right('95 % interval'),
      right('regret'),
      right('mean rank'),
      right('p'),
      right('trials to 99 %'),
    ],
    rankedRows(comparison).map(({ label, share, meanRank, p, trialsTo99 }) => [
      label,
      percent(share.value),
      `${percent(share.low)} to ${percent(share.high)}`,
      percent(1 - share.value),
      fixedText(meanRank, 2),
      p === undefined ? '' : pText(p),
      trialsTo99 === undefined ? 'not reached' : String(trialsTo99),
    ]),
    io.colours.dim,
  );
}

const pText = (p: number): string => (p < 0.001 ? '< 0.001' : fixedText(p, 3));

const axisTitles = {
  trials: 'hypervolume after trials',
  computeSeconds: 'hypervolume after seconds of training',
  clockSeconds: 'hypervolume on the simulated clock',
} as const;

/** Medians at a quarter, half, three quarters and the whole of an axis. */
function quarterTable(comparison: StrategyComparison, axis: keyof typeof axisTitles, io: Io): string {
  const rows = rankedRows(comparison).map(({ label }) => {
    const own = comparison.points.filter((point) => point.axis === axis && point.label === label);
    return { label, marks: QUARTERS.map((quarter) => own[(quarter * POINTS) / 4 - 1]!) };
  });
  const head = rows[0]!.marks.map(({ at }) => right(axis === 'trials' ? compact(at) : duration(at)));
  return textTable(
    [{ title: axisTitles[axis] }, ...head],
    rows.map(({ label, marks }) => [label, ...marks.map(({ share }) => percent(share.value))]),
    io.colours.dim,
  );
}
