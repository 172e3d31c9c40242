/**
 * `test EXPERIMENT`: evaluates the selected network on the test split. `test --weights FILE --data CALL`:
 * evaluates a weights file on data of your own.
 */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { databaseName } from '../../../lab/database-name.js';
import {
  type EvaluatedNetwork,
  type EvaluateOptions,
  evaluateTestSplit,
} from '../../../lab/evaluate-test-split.js';
import type { Experiment } from '../../../lab/experiment.js';
import { loadExperiment } from '../../../lab/load-experiment.js';
import { assertDatabaseExists, openStore } from '../../../store/open-store.js';
import { lockWriter } from '../../../store/writer-lock.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { addRuntime } from '../../options/compute-options.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { printLeftOut } from '../../output/left-out.js';
import { type Column, table } from '../../output/text-format.js';
import { testWeights, type WeightsOptions } from './test-weights.js';

interface Options extends WeightsOptions {
  readonly db?: string;
  readonly arch?: string;
  readonly again?: boolean;
}

export function configure(command: Command, io: Io): void {
  addRuntime(
    command
      .argument('[experiment]', 'experiment file that was run')
      .option('--weights <file>', 'evaluate these weights in place of an experiment; stores nothing')
      .option('-d, --data <call>', "of --weights: the data, e.g. 'folder(folder: photos, size: 224)'")
      .addOption(
        new Option('--split <name>', 'of --weights: test or validation')
          .choices(['test', 'validation'])
          .default('test'),
      )
      .option('-b, --batch <count>', 'of --weights: images of a pass', wholeNumber(1), 32)
      .option('-t, --threads <count>', 'of --weights: threads of the engine', wholeNumber(1), 1),
  )
    .option('--db <file>', `its database (default: reports/NAME/${databaseName})`)
    .option('--arch <id>', 'first digits of an id (default: the network that is best on validation)')
    .option('--again', 'allow another network than before')
    .option(
      '--json',
      'one object per seed: id, layout, seed, top1, top5, miou, loss, count, validationTop1; ' +
        'of --weights one: id, layout, split, top1, top5, miou, loss, count',
    )
    .addHelpText(
      'after',
      `
Search selects on the validation split. The test split is for the selected network alone. Its scores are
stored, and later calls read them.

--weights takes the file of a training or of \`import\`, with its normalisation. Classes are found by their
names, so that data may hold a part of them; where the weights have numbers, by their order. Options of the
runtime go with --weights; an experiment names its own.
${examples(
  'test experiments/quickstart.experiment',
  'test experiments/quickstart.experiment --arch d3c8',
  "test --weights convnext.safetensors --data 'folder(folder: photos, size: 224)'",
)}`,
    )
    .action((file: string | undefined, options: Options) => {
      if (options.weights !== undefined)
        return testWeights(file, { ...options, weights: options.weights }, io);
      if (file !== undefined && options.data === undefined) return test(file, options, io);
      throw new UserError('test: an experiment, or --weights with --data, is needed, got none of them');
    });
}

async function test(file: string, options: Options, io: Io): Promise<void> {
  const experiment = loadExperiment(file);
  const database = options.db ?? join('reports', experiment.name, databaseName);
  assertDatabaseExists(database, file);
  const evaluated = await interruptible((signal) =>
    evaluate(experiment, database, {
      architecture: options.arch,
      again: options.again ?? false,
      signal,
    }),
  );
  if (options.json) printJson(evaluated, io);
  else printTable(evaluated, database, io);
  printLeftOut(evaluated.damaged, database, io);
}

async function evaluate(
  experiment: Experiment,
  database: string,
  options: EvaluateOptions,
): Promise<EvaluatedNetwork> {
  const lock = lockWriter(database);
  try {
    const store = openStore(database);
    try {
      return await evaluateTestSplit(experiment, store, options);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

function printJson({ architectureId: id, layout, scores }: EvaluatedNetwork, io: Io): void {
  for (const { seed, top1 = null, top5 = null, miou = null, loss = null, count, validation } of scores) {
    const validationTop1 = validation.top1 ?? null;
    print(io, jsonLine({ id, layout, seed, top1, top5, miou, loss, count, validationTop1 }));
  }
}

function printTable(
  { architectureId, layout, score, scores, networks, stored }: EvaluatedNetwork,
  database: string,
  io: Io,
): void {
  const { bold, dim } = io.colours;
  const valueText = (value: number | undefined): string => {
    if (value === undefined) return '–';
    return score.unit === '%' ? (value * score.scale).toFixed(1) : value.toFixed(3);
  };
  const right = (each: string): Column => ({ title: each, align: 'right' });
  const title = `${score.short}${score.unit && ` ${score.unit}`}`;
  const hasLoss = score.id !== 'loss';
  const columns = [
    right('seed'),
    right(`test ${title}`),
    right(`validation ${title}`),
    ...(hasLoss ? [right('loss')] : []),
  ];
  const rows = scores.map(({ seed, validation, ...test }) => [
    String(seed),
    valueText(score.ofSeed(test)),
    valueText(score.ofSeed(validation)),
    ...(hasLoss ? [test.loss?.toFixed(3) ?? '–'] : []),
  ]);
  const when = stored ? `evaluated on ${scores[0]?.at.slice(0, 10) ?? ''}` : 'evaluated now';
  const used = `${networks} ${networks === 1 ? 'network' : 'networks'}`;
  const note = `${scores[0]?.count ?? 0} images, ${when}; the split was used for ${used} of this experiment`;
  print(io, `${bold(layout)}  ${architectureId}\n`);
  print(io, table(columns, rows, dim));
  print(io, `\n${dim(note)}`);
  print(io, dim(asCalled(`npx stagecraft report ${database}  adds it to the report`, io)));
}
