/**
 * `profile ARCH…`: throughput and latency per batch size, with intervals; verdicts between networks; time by
 * part.
 */
import { type Command, Option } from 'commander';
import type { Architecture } from '../../../architecture/architecture.js';
import { experiment, fromOption, optionText } from '../../../lab/experiment-builder.js';
import { experimentFromOptions } from '../../../lab/load-experiment.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import { standardRelevance } from '../../../util/statistics/verdict.js';
import { executeWithProgress } from '../../execute-with-progress.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { addRuntime, runtimeValues } from '../../options/compute-options.js';
import { examples, wholeNumber, wholeNumbers } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { profileTable } from '../../output/profile-table.js';
import { type ModeOptions, runComparison, runLargestBatch, runParts } from './profile-modes.js';

interface Options extends ModeOptions, WhereOption {
  readonly space?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly each?: boolean;
  readonly largestBatch?: boolean;
  readonly compare?: boolean;
  readonly parts?: boolean;
  readonly protocol?: string;
}

export function configure(command: Command, io: Io): void {
  addArguments(command);
  addModes(command);
  command
    .option('--db <file>', 'store the measurements in this database, and look ids up in it')
    .option(
      '--json',
      'one object per line: id, layout, batch, stepMs, imagesPerSecond, latencyMs, peakBytes, …',
    )
    .addHelpText(
      'after',
      examples(
        'profile search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT',
        "profile 'search-spaces/ascan-cpu.space#0' 'search-spaces/ascan-cpu.space#124' -b 16 --minutes 3",
        'profile --space search-spaces/ascan-cpu.space --sample 12 -b 16 --minutes 20 --db measured.sqlite',
        'profile search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --parts -b 16',
        'profile search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --precision bfloat16 --db measured.sqlite',
        "profile net.json 'search-spaces/ascan-cpu.space#0' --batches 1,32 --launches 5 --db measured.sqlite",
      ),
    )
    .action((names: string[], options: Options) => profile(names, options, io));
}

function addArguments(command: Command): void {
  addRuntime(
    addWhere(command.argument('[arch...]', architectureHelp))
      .option('--space <file>', 'add members of this space')
      .option(
        '--sample <count>',
        'with --space: number of members, uniform and distinct (default: all)',
        wholeNumber(1),
      )
      .option('-s, --seed <seed>', 'seed of the sample', wholeNumber(0), 1)
      .option('--each', 'several networks: throughput and latency of each, no verdicts')
      .addOption(
        new Option('-b, --batches <sizes>', 'batch sizes in images')
          .argParser(wholeNumbers(1))
          .default([1, 16, 64], '1,16,64'),
      )
      .option('-l, --launches <count>', 'process launches per network', wholeNumber(1), 3)
      .option('-t, --threads <count>', 'threads of the engine; 0 for all cores', wholeNumber(0), 0),
  );
}

function addModes(command: Command): void {
  command
    .option('--protocol <settings>', "changes to the protocol, e.g. 'half-width: 0.002, cap-ms: 5000'")
    .option(
      '--compare',
      'FASTER, SLOWER, SAME or NOT TOLD APART for each pair, from interleaved launches; ' +
        'the default for several networks',
    )
    .option(
      '--minutes <count>',
      'time budget for further launches of undecided pairs, pairs near the front first',
      Number,
      2,
    )
    .option('--relevance <fraction>', 'networks that differ by less are the SAME', Number, standardRelevance)
    .option('--parts', 'time each stage and block in place')
    .option('--largest-batch', 'find the largest batch that fits')
    .option(
      '--memory-limit <GiB>',
      'with --largest-batch: stop before a try that would take more (default on a CPU: ' +
        'three quarters of the free memory)',
      Number,
    );
}

async function profile(names: readonly string[], options: Options, io: Io): Promise<void> {
  const architectures: Architecture[] = [];
  for (const name of names) architectures.push(await findArchitecture(name, options.db));
  architectures.push(...drawMembers(options));
  if (architectures.length === 0)
    throw new UserError('profile: a network is needed, got none', {
      fix: 'name one, or a space: --space SPACE --sample 8',
    });
  if (!(options.minutes >= 0))
    throw new UserError(`--minutes: must be a number of at least 0, got ${options.minutes}`);
  if (!(options.relevance > 0 && options.relevance < 1))
    throw new UserError(`--relevance: must be a fraction between 0 and 1, got ${options.relevance}`);
  if (options.parts) return runParts(architectures, options, io);
  if (options.largestBatch) return runLargestBatch(architectures, options, io);
  if (options.compare || (architectures.length > 1 && !options.each))
    return runComparison(architectures, options, io);
  return profileEach(architectures, options, io);
}

async function profileEach(architectures: readonly Architecture[], options: Options, io: Io): Promise<void> {
  const { batches, launches, threads, protocol } = options;
  const built = experiment({
    name: 'profile',
    profile: {
      batches: fromOption('--batches', batches),
      launches: fromOption('--launches', launches),
      threads: fromOption('--threads', threads),
      protocol: protocol === undefined ? undefined : optionText('--protocol', protocol),
    },
    runtime: runtimeValues(options),
  });
  const { result } = await executeWithProgress(
    experimentFromOptions(built, architectures),
    { database: options.db, retryFailed: true, again: 'the same command' },
    io,
  );
  if (options.json) printJson(result, io);
  else print(io, profileTable(result, io));
}

function drawMembers({ space: file, sample, seed, where }: Options): Architecture[] {
  if (file === undefined) return [];
  const space = openSpace(file, where === undefined ? {} : { where });
  const count = space.count();
  if (sample === undefined && (!count.exact || count.count > 200n))
    throw new UserError(
      'profile: --space without --sample takes at most 200 members, ' +
        `got ${count.exact ? count.count : 'a space too large to count'}`,
      { fix: '--sample 12' },
    );
  return sample === undefined ? [...space.enumerate()] : space.sampleDistinct(sample, seededRandom(seed));
}

function printJson(result: ExperimentResult, io: Io): void {
  for (const { architectureId: id, layout, profiles } of result.candidates) {
    for (const { launches, samplesMs: _, ...row } of profiles)
      print(io, jsonLine({ id, layout, ...row, launches: launches.length, deviceKey: result.device.key }));
  }
}
