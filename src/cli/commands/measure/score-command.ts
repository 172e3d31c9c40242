/** `score ARCH…`: what zero-cost measures say of untrained networks. */
import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { experimentFromText } from '../../../lab/experiment.js';
import { probeDevice } from '../../../profile/probe.js';
import { type ZeroCostResult, zeroCostInChild } from '../../../train/zero-cost/run-zero-cost.js';
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
    .option(
      '-d, --data <call>',
      'data set that the batch is taken from',
      'motif(train: 1000, validation: 10)',
    )
    .option('-m, --measures <names>', 'names with commas between them, or all', 'all')
    .option('-b, --batch <count>', 'images of the batch', wholeNumber(2), 32)
    .option('-s, --seed <number>', 'of weights, batch and draws', wholeNumber(0), 1)
    .option('-t, --threads <count>', 'threads of the engine', wholeNumber(1), 1)
    .option('--runtime <name>', 'auto, tensorflow or wasm', 'auto')
    .option('--db <file>', 'look ids up in this database')
    .option('--list', 'list the measures and their papers')
    .option('--json', 'one object a network: id, layout, scores')
    .addHelpText(
      'after',
      examples(
        'score --list',
        'score search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT search-spaces/ascan-cpu.space@C-TTTT-TTTT-TTTT',
        'score 3fa9 --db reports/quickstart/results.sqlite --measures synflow,naswot',
      ),
    )
    .action(async (names: string[], options: Options) => {
      if (options.list || names.length === 0) {
        print(
          io,
          table(
            [{ title: 'measure' }, { title: 'what it is' }, { title: 'source' }],
            zeroCostNames.map((name) => [
              name,
              zeroCostMeasures[name].summary,
              zeroCostMeasures[name].source,
            ]),
            io.colours.dim,
          ),
        );
        return;
      }
      const architectures: Architecture[] = [];
      for (const name of names) architectures.push(await findArchitecture(name, options.db));
      const of = options.measures === 'all' ? 'all' : `{${options.measures}}`;
      // the checks and messages of an experiment file
      const experiment = experimentFromText(
        `experiment score\n  data ${options.data.replace(/\s+/g, ' ')}\n  train adamw\n  zero-cost measures(of: ${of}, batch: ${options.batch}, seed: ${options.seed})\n  runtime ${options.runtime}\n`,
        'command line',
        { architectures },
      );
      const { dataset, zeroCost } = experiment.train!;
      const results = await interruptible(async (signal) => {
        const probe = await probeDevice(
          { runtime: experiment.runtime.id, execution: 'auto', threads: options.threads },
          signal,
        );
        const found: ZeroCostResult[] = [];
        for (const architecture of architectures)
          found.push(
            await zeroCostInChild(
              {
                architecture,
                dataset: { ...dataset, baseFolder: process.cwd() },
                measures: zeroCost!.measures,
                batch: options.batch,
                seed: options.seed,
                runtime: probe.runtime,
                threads: options.threads,
              },
              { signal },
            ),
          );
        return found;
      });
      if (options.json) {
        results.forEach(({ scores }, index) =>
          print(
            io,
            jsonLine({
              id: architectureId(architectures[index]!),
              layout: layoutOf(architectures[index]!),
              scores,
            }),
          ),
        );
        return;
      }
      const right = (title: string): Column => ({ title, align: 'right' });
      print(
        io,
        table(
          [
            { title: 'measure' },
            ...architectures.map((architecture) => right(layoutOf(architecture))),
            right('time'),
          ],
          zeroCost!.measures.map((measure) => {
            const row = results.map(({ scores }) => scores.find((score) => score.measure === measure)!);
            return [
              measure,
              ...row.map((score) =>
                score.value === undefined
                  ? '–'
                  : Math.abs(score.value) < 1e7
                    ? significantText(score.value)
                    : score.value.toExponential(2),
              ),
              duration(row.reduce((sum, { seconds }) => sum + seconds, 0)),
            ];
          }),
          io.colours.dim,
        ),
      );
      for (const { scores } of results)
        for (const { measure, value, reason } of scores)
          if (value === undefined) io.stderr.write(`${measure}: ${reason}\n`);
    });
}
