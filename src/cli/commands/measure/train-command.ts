/** `train ARCH`: trains one architecture by a recipe and scores it, once per seed. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { plusMinusText } from '../../../analysis/number-text.js';
import { experimentFromText } from '../../../lab/experiment.js';
import type { CandidateResult, ExperimentResult } from '../../../store/experiment-result.js';
import { inheritModes } from '../../../train/weights/inherit/inherit.js';
import { UserError } from '../../../util/errors.js';
import { execute } from '../../execute.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { addCompute, type ComputeFlags, runtimeText } from '../../options/compute-options.js';
import { examples, wholeNumber, wholeNumbers } from '../../options/option-parsers.js';
import { deviceText } from '../../output/device-text.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, duration, table } from '../../output/text-format.js';

interface Options extends ComputeFlags {
  readonly data: string;
  readonly recipe: string;
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly runtime: string;
  readonly execution: string;
  readonly initial?: string;
  readonly inherit: string;
  readonly stages?: string;
  readonly weights?: string;
  readonly db?: string;
  readonly json?: boolean;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

function experimentText({
  data,
  recipe,
  seeds,
  threads,
  initial,
  inherit,
  stages,
  ...options
}: Options): string {
  const start =
    initial === undefined
      ? ''
      : `  initial weights(file: ${JSON.stringify(resolve(initial))}, mode: ${inherit})\n`;
  return `experiment train\n  data ${oneLine(data)}\n  train ${oneLine(recipe)} seeds {${seeds.join(', ')}}\n${stages === undefined ? '' : `  stages ${oneLine(stages)}\n`}${start}  workers trainings(threads: ${threads})\n  ${runtimeText(options.runtime, options.execution, options)}\n`;
}

export function configure(command: Command, io: Io): void {
  addCompute(
    command
      .argument('<arch>', architectureHelp)
      .requiredOption(
        '-d, --data <call>',
        "data set with its parameters, e.g. 'cifar10(folder: /data/cifar-10-batches-bin)'",
      )
      .option('-r, --recipe <call>', 'recipe with its parameters', 'adamw')
      .option(
        '--stages <set>',
        "stages one after the other, e.g. '{stage(epochs: 2, resolution: 16), stage(epochs: 2)}'",
      )
      .option('-s, --seeds <numbers>', 'one training each', wholeNumbers(0), [1])
      .option('-t, --threads <count>', 'threads of each training', wholeNumber(1), 1)
      .option('--runtime <name>', 'auto, tensorflow or wasm', 'auto')
      .option('--execution <mode>', 'auto, compiled or eager', 'auto'),
  )
    .option('--initial <file>', 'start from the weights of another network (safetensors)')
    .addOption(
      new Option(
        '--inherit <mode>',
        'how: grow keeps its function while blocks are put in and widths grow, cut takes a part of a supernet, match takes equal names and shapes',
      )
        .choices(inheritModes)
        .default('grow'),
    )
    .option('--weights <file>', 'write the final weights of the first seed here (safetensors)')
    .option('--db <file>', 'keep the results in this database, and look ids up in it')
    .option('--json', 'one object a seed: id, layout, seed, top1, loss, seconds, curve')
    .addHelpText(
      'after',
      examples(
        "train search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --data 'motif(train: 2000, validation: 500)'",
        "train net.json --data 'cifar10(folder: data)' --recipe 'cifar-proxy(epochs: 5)' --seeds 1,2,3",
      ),
    )
    .action(async (name: string, options: Options) => {
      const experiment = experimentFromText(experimentText(options), 'command line', {
        architectures: [await findArchitecture(name, options.db)],
      });
      const { result } = await execute(
        experiment,
        {
          database: options.db,
          retryFailed: true,
          again: 'the same command',
          ...(options.weights === undefined ? {} : { keepWeights: options.weights }),
        },
        io,
      );
      const candidate = result.candidates[0]!;
      for (const { seed, status, reason } of candidate.failures)
        io.stderr.write(`seed ${seed}: ${status}: ${reason}\n`);
      if (candidate.scores.length === 0)
        throw new UserError('train: no seed was trained to its end', { fix: 'the reasons are above' });
      if (options.json)
        for (const score of candidate.scores)
          print(
            io,
            jsonLine({
              id: candidate.architectureId,
              layout: candidate.layout,
              ...score,
              datasetHash: result.datasetHash,
            }),
          );
      else print(io, curveTable(candidate, result, io));
    });
}

/** Epochs down, seeds across. */
function curveTable(
  { layout, architectureId, scores, top1 }: CandidateResult,
  result: ExperimentResult,
  io: Io,
): string {
  const right = (title: string): Column => ({ title, align: 'right' });
  const percent = (value: number): string => (value * 100).toFixed(1);
  const epochs = Math.max(...scores.map(({ curve }) => curve.length));
  const rows = Array.from({ length: epochs }, (_, index) => [
    String(index + 1),
    ...scores.flatMap(({ curve }) => {
      const row = curve[index];
      return row
        ? [
            row.trainLoss.toFixed(3),
            row.validationLoss.toFixed(3),
            Number.isNaN(row.validationTop1) ? '–' : percent(row.validationTop1),
          ]
        : ['', '', ''];
    }),
  ]);
  const miou = scores.flatMap((score) => score.miou ?? []);
  const names = scores.flatMap(({ seed }) =>
    scores.length === 1 ? ['train loss', 'loss', 'top-1 %'] : [`train loss, seed ${seed}`, 'loss', 'top-1 %'],
  );
  return [
    `${io.colours.bold(layout)}  ${architectureId}`,
    '',
    table([right('epoch'), ...names.map(right)], rows, io.colours.dim),
    '',
    `${[...(top1 ? [`top-1 ${plusMinusText(top1, 100)} %`] : [`loss ${scores.map(({ loss }) => loss.toFixed(3)).join(', ')}`]), ...(miou.length > 0 ? [`mIoU ${miou.map(percent).join(', ')} %`] : [])].join(', ')}  on ${result.datasetName}`,
    io.colours.dim(
      `${scores.map(({ seconds }) => duration(seconds)).join(', ')}; ${deviceText(result.device.key)}`,
    ),
  ].join('\n');
}
