/** `train ARCH`: trains one architecture by a recipe and scores it, once per seed. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Experiment } from '../../../lab/experiment.js';
import { experiment, fromOption, optionText } from '../../../lab/experiment-builder.js';
import { experimentFromOptions } from '../../../lab/load-experiment.js';
import { inheritModes } from '../../../train/weights/inherit/inherit.js';
import { UserError } from '../../../util/errors.js';
import { executeWithProgress } from '../../execute-with-progress.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { addRuntime, type RuntimeFlags, runtimeValues } from '../../options/compute-options.js';
import { examples, wholeNumber, wholeNumbers } from '../../options/option-parsers.js';
import { curveTable } from '../../output/curve-table.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options extends RuntimeFlags {
  readonly data: string;
  readonly recipe: string;
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly initial?: string;
  readonly inherit: string;
  readonly stages?: string;
  readonly weights?: string;
  readonly db?: string;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  addRuntime(
    command
      .argument('<arch>', architectureHelp)
      .requiredOption(
        '-d, --data <call>',
        "data set with its parameters, e.g. 'cifar10(folder: /data/cifar-10-batches-bin)'",
      )
      .option('-r, --recipe <call>', 'recipe with its parameters', 'adamw')
      .option(
        '--stages <set>',
        "training in stages, e.g. '{stage(epochs: 2, resolution: 16), stage(epochs: 2)}'",
      )
      .addOption(
        new Option('-s, --seeds <numbers>', 'one training each').argParser(wholeNumbers(0)).default([1], '1'),
      )
      .option('-t, --threads <count>', 'threads of each training', wholeNumber(1), 1),
  )
    .option('--initial <file>', 'initialize with the weights of another network (safetensors)')
    .addOption(
      new Option(
        '--inherit <mode>',
        'with --initial: grow preserves the function while blocks are inserted and widths grow, ' +
          'cut takes a part of a supernet, match takes equal names and shapes',
      )
        .choices(inheritModes)
        .default('grow'),
    )
    .option('--weights <file>', 'write the final weights of the first seed here (safetensors)')
    .option('--db <file>', 'store the results in this database, and look ids up in it')
    .option('--json', 'one object per seed: id, layout, seed, top1, loss, seconds, curve')
    .addHelpText(
      'after',
      examples(
        "train search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --data 'motif(train: 2000, validation: 500)'",
        "train net.json --data 'cifar10(folder: data)' --recipe 'cifar-proxy(epochs: 5)' --seeds 1,2,3",
      ),
    )
    .action((name: string, options: Options) => train(name, options, io));
}

async function trainExperiment(name: string, options: Options): Promise<Experiment> {
  const { data, recipe, stages, seeds, initial, inherit, threads } = options;
  const built = experiment({
    name: 'train',
    data: optionText('--data', data),
    train: { recipe: optionText('--recipe', recipe), seeds: fromOption('--seeds', seeds) },
    stages: stages === undefined ? undefined : optionText('--stages', stages),
    initial:
      initial === undefined
        ? undefined
        : { file: fromOption('--initial', resolve(initial)), mode: fromOption('--inherit', inherit) },
    workers: { threads: fromOption('--threads', threads) },
    runtime: runtimeValues(options),
  });
  return experimentFromOptions(built, [await findArchitecture(name, options.db)]);
}

async function train(name: string, options: Options, io: Io): Promise<void> {
  const { result } = await executeWithProgress(
    await trainExperiment(name, options),
    {
      database: options.db,
      retryFailed: true,
      again: 'the same command',
      ...(options.weights === undefined ? {} : { keepWeights: options.weights }),
    },
    io,
  );
  const candidate = result.candidates[0]!;
  const { architectureId: id, layout, scores, failures } = candidate;
  for (const { seed, status, reason } of failures) io.stderr.write(`seed ${seed}: ${status}: ${reason}\n`);
  if (scores.length === 0)
    throw new UserError('train: at least one seed must finish, got none', { fix: 'the reasons are above' });
  if (!options.json) return print(io, curveTable(candidate, result, io));
  const { datasetHash } = result;
  for (const score of scores) print(io, jsonLine({ id, layout, ...score, datasetHash }));
}
