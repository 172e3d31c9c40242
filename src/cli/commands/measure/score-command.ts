/** `score ARCH…`: zero-cost measures of untrained networks. */
import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import type { Experiment } from '../../../lab/experiment.js';
import { experiment, fromOption, optionText } from '../../../lab/experiment-builder.js';
import { experimentFromOptions } from '../../../lab/load-experiment.js';
import { scoreNetworks } from '../../../lab/score-networks.js';
import type { ZeroCostResult } from '../../../train/zero-cost/run-zero-cost.js';
import { zeroCostMeasures, zeroCostNames } from '../../../train/zero-cost/zero-cost-table.js';
import { interruptible } from '../../interruptible.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, duration, table } from '../../output/text-format.js';

interface Options {
  readonly data: string;
  readonly measures: string;
  readonly batch: number;
  readonly seed: number;
  readonly threads: number;
  readonly runtime: string;
  readonly db?: string;
  readonly json?: boolean;
  readonly list?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[archs...]', architectureHelp)
    .option('-d, --data <call>', 'data set of the batch', 'motif(train: 1000, validation: 10)')
    .option('-m, --measures <names>', 'names separated by commas, or all', 'all')
    .option('-b, --batch <count>', 'images of the batch', wholeNumber(2), 32)
    .option('-s, --seed <number>', 'seed of weights, batch and random measures', wholeNumber(0), 1)
    .option('-t, --threads <count>', 'threads of the engine', wholeNumber(1), 1)
    .option('--runtime <name>', 'auto, tensorflow or wasm; pytorch for measures of gradients', 'auto')
    .option('--db <file>', 'look ids up in this database')
    .option('--list', 'list the measures and their papers')
    .option('--json', 'one object per network: id, layout, scores')
    .addHelpText(
      'after',
      examples(
        'score --list',
        'score search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT search-spaces/ascan-cpu.space@C-TTTT-TTTT-TTTT',
        'score d3c8 --db reports/quickstart/results.sqlite --measures synflow,naswot',
      ),
    )
    .action((names: string[], options: Options) => score(names, options, io));
}

async function score(names: readonly string[], options: Options, io: Io): Promise<void> {
  if (options.list || names.length === 0) return print(io, measureTable(io));
  const architectures: Architecture[] = [];
  for (const name of names) architectures.push(await findArchitecture(name, options.db));
  const scored = scoreExperiment(architectures, options);
  const results = await interruptible((signal) => scoreNetworks(scored, options.threads, signal));
  if (options.json)
    results.forEach(({ scores }, index) => {
      const architecture = architectures[index]!;
      print(io, jsonLine({ id: architectureId(architecture), layout: layoutOf(architecture), scores }));
    });
  else printScores(scored, results, io);
}

function scoreExperiment(
  architectures: readonly Architecture[],
  { data, measures, batch, seed, runtime }: Options,
): Experiment {
  const names = measures.split(',').map((name) => name.trim());
  const built = experiment({
    name: 'score',
    data: optionText('--data', data),
    train: { recipe: 'adamw' },
    zeroCost: {
      of: fromOption('--measures', measures === 'all' ? 'all' : names),
      batch: fromOption('--batch', batch),
      seed: fromOption('--seed', seed),
    },
    runtime: { id: fromOption('--runtime', runtime) },
  });
  return experimentFromOptions(built, architectures);
}

const measureTable = (io: Io): string =>
  table(
    [{ title: 'measure' }, { title: 'what it is' }, { title: 'source' }],
    zeroCostNames.map((name) => [name, zeroCostMeasures[name].summary, zeroCostMeasures[name].source]),
    io.colours.dim,
  );

function valueText(value: number | undefined): string {
  if (value === undefined) return '–';
  return Math.abs(value) < 1e7 ? significantText(value) : value.toExponential(2);
}

/** Measures down, networks across; why a measure has no value goes to stderr. */
function printScores({ architectures, train }: Experiment, results: readonly ZeroCostResult[], io: Io): void {
  const right = (title: string): Column => ({ title, align: 'right' });
  const rows = train!.zeroCost!.measures.map((measure) => {
    const row = results.map(({ scores }) => scores.find((each) => each.measure === measure)!);
    const seconds = row.reduce((sum, each) => sum + each.seconds, 0);
    return [measure, ...row.map(({ value }) => valueText(value)), duration(seconds)];
  });
  const columns = [
    { title: 'measure' },
    ...architectures.map((architecture) => right(layoutOf(architecture))),
    right('time'),
  ];
  print(io, table(columns, rows, io.colours.dim));
  for (const { scores } of results)
    for (const { measure, value, reason } of scores)
      if (value === undefined) io.stderr.write(`${measure}: ${reason}\n`);
}
