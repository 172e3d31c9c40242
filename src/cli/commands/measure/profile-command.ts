/**
 * `profile ARCH…`: throughput and latency per batch size, with intervals; verdicts between networks; time by
 * part.
 */
import type { Command } from 'commander';
import { bytesText, plusMinusText, significantText } from '../../../analysis/number-text.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { experimentFromText } from '../../../lab/experiment.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import { median } from '../../../util/statistics/order-statistics.js';
import { compare } from '../../compare-mode.js';
import { execute } from '../../execute.js';
import { knownScores } from '../../known-scores.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { addCompute, runtimeText } from '../../options/compute-options.js';
import { examples, wholeNumber, wholeNumbers } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { deviceText } from '../../output/device-text.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, table } from '../../output/text-format.js';
import { largest, type ModeOptions, parts } from '../../profile-modes.js';

interface Options extends ModeOptions, WhereOption {
  readonly space?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly each?: boolean;
  readonly largestBatch?: boolean;
  readonly memoryLimit?: number;
  readonly compare?: boolean;
  readonly parts?: boolean;
  readonly batches: readonly number[];
  readonly launches: number;
  readonly threads: number;
  readonly runtime: string;
  readonly execution: string;
  readonly protocol?: string;
  readonly db?: string;
  readonly json?: boolean;
}

/** The options as an experiment file, so that they are checked like one. */
function experimentText({ batches, launches, threads, protocol, ...options }: Options): string {
  const more = protocol === undefined ? '' : `, ${protocol.replace(/\s+/g, ' ')}`;
  return `experiment profile\n  profile throughput(batches: {${batches.join(', ')}}, launches: ${launches}, threads: ${threads}${more})\n  ${runtimeText(options.runtime, options.execution, options)}\n`;
}

export function configure(command: Command, io: Io): void {
  addCompute(
    addWhere(command.argument('[arch...]', architectureHelp))
      .option('--space <file>', 'take members of this space, too')
      .option(
        '--sample <count>',
        'with --space: how many, uniform and distinct; all where not given',
        wholeNumber(1),
      )
      .option('--seed <seed>', 'of the sample', wholeNumber(0), 1)
      .option('--each', 'several networks: throughput and latency of each, no verdicts')
      .option('-b, --batches <sizes>', 'batch sizes in images', wholeNumbers(1), [1, 16, 64])
      .option('-l, --launches <count>', 'process launches per network', wholeNumber(1), 3)
      .option('-t, --threads <count>', 'threads of the engine; 0 for all cores', wholeNumber(0), 0)
      .option('--runtime <name>', 'auto, tensorflow or wasm', 'auto')
      .option('--execution <mode>', 'auto, compiled or eager', 'auto'),
  )
    .option('--protocol <settings>', "changes to the protocol, e.g. 'half-width: 0.002, cap-ms: 5000'")
    .option(
      '--compare',
      'say FASTER, SLOWER, SAME or AMBIGUOUS for each pair, from interleaved launches; what several networks get anyway',
    )
    .option(
      '--minutes <count>',
      'budget for launches that decide what is still open, pairs near the front first',
      Number,
      2,
    )
    .option('--noise-floor <fraction>', 'smaller differences count as none', Number, 0.01)
    .option('--parts', 'time each stage and block in its place')
    .option('--largest-batch', 'find the largest batch that fits')
    .option(
      '--memory-limit <GiB>',
      'with --largest-batch: stop before a try that would take more; on a CPU three quarters of what is free',
      Number,
    )
    .option('--db <file>', 'keep the measurements in this database, and look ids up in it')
    .option(
      '--json',
      'one object a line: id, layout, batch, stepMs, imagesPerSecond, latencyMs, peakBytes, …',
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
    .action(async (names: string[], options: Options) => {
      const architectures = [];
      for (const name of names) architectures.push(await findArchitecture(name, options.db));
      architectures.push(...(await drawn(options)));
      if (architectures.length === 0)
        throw new UserError('profile: a network is needed, got none', {
          fix: 'name one, or a space: --space SPACE --sample 8',
        });
      if (!(options.minutes >= 0))
        throw new UserError(`--minutes: a number of at least 0 is needed, got ${options.minutes}`);
      if (!(options.noiseFloor > 0 && options.noiseFloor < 1))
        throw new UserError(`--noise-floor: a fraction between 0 and 1 is needed, got ${options.noiseFloor}`);
      if (options.parts) return parts(architectures, options, io);
      if (options.largestBatch) return largest(architectures, options, io);
      if (options.compare || (architectures.length > 1 && !options.each))
        return compare(architectures, options, io, knownScores(options.db));
      const experiment = experimentFromText(experimentText(options), 'command line', { architectures });
      const { result } = await execute(
        experiment,
        { database: options.db, retryFailed: true, again: 'the same command' },
        io,
      );
      if (options.json) printJson(result, io);
      else print(io, profileTable(result, io));
      return undefined;
    });
}

async function drawn({ space: file, sample, seed, where }: Options): Promise<Architecture[]> {
  if (file === undefined) return [];
  const space = openSpace(file, where === undefined ? {} : { where });
  const count = space.count();
  if (sample === undefined && (!count.exact || count.count > 200n))
    throw new UserError(
      `profile: --space without --sample takes at most 200 members, got ${count.exact ? count.count : 'a space too large to count'}`,
      { fix: '--sample 12' },
    );
  return sample === undefined ? [...space.enumerate()] : space.sampleDistinct(sample, seededRandom(seed));
}

function printJson(result: ExperimentResult, io: Io): void {
  for (const { architectureId: id, layout, profiles } of result.candidates) {
    for (const { launches, samplesMs: _, ...profile } of profiles)
      print(
        io,
        jsonLine({ id, layout, ...profile, launches: launches.length, deviceKey: result.device.key }),
      );
  }
}

export function profileTable(result: ExperimentResult, io: Io): string {
  const right = (title: string): Column => ({ title, align: 'right' });
  const rows = result.candidates.flatMap(({ architectureId, layout, profiles }) =>
    profiles.map((profile, index) => [
      ...(index === 0 ? [layout, architectureId] : ['', '']),
      String(profile.batch),
      profile.imagesPerSecond ? plusMinusText(profile.imagesPerSecond) : '–',
      profile.stepMs ? plusMinusText(profile.stepMs) : '–',
      ...(['p50', 'p90', 'p99'] as const).map((name) =>
        profile.latencyMs ? significantText(profile.latencyMs[name]) : '–',
      ),
      profile.peakBytes === undefined ? '–' : bytesText(profile.peakBytes),
      profile.buildMs === undefined ? '–' : significantText(profile.buildMs),
      profile.firstRunMs === undefined ? '–' : significantText(profile.firstRunMs),
      profile.ceilingShare === undefined ? '–' : `${(100 * profile.ceilingShare).toFixed(0)} %`,
      profile.copyShare === undefined ? '–' : `${(100 * profile.copyShare).toFixed(0)} %`,
      profile.stepMs
        ? [profile.status === 'ok' ? '' : profile.status, ...profile.flags].filter(Boolean).join(', ')
        : `${profile.status}: ${profile.reason}`,
    ]),
  );
  return [
    table(
      [
        { title: 'layout' },
        { title: 'id' },
        right('batch'),
        right('images/s'),
        right('ms a pass'),
        right('latency p50'),
        right('p90'),
        right('p99 ms'),
        right('peak memory'),
        right('compile ms'),
        right('first run ms'),
        right('of MAC'),
        right('copy ceiling'),
        { title: '' },
      ],
      rows,
      io.colours.dim,
    ),
    '',
    io.colours.dim(
      `cold start of the engine: ${coldStarts(result)}; compile time and first run are no part of a throughput`,
    ),
    io.colours.dim(
      `ceilings: the device's best matrix product, ${ceilingText(result)}, and best copy, ${String(result.environment['copyGbPerSecond'] ?? 'not measured')} GB/s; control: ${result.environment['control'] ?? 'none'}`,
    ),
    io.colours.dim(
      `± is half the 95 % interval over ${result.protocol.launches === 1 ? 'one launch' : `${String(result.protocol.launches)} launches`}; ${deviceText(result.device.key)}`,
    ),
  ].join('\n');
}

function coldStarts({ candidates }: ExperimentResult): string {
  const starts = candidates.flatMap(({ profiles }) =>
    profiles.slice(0, 1).map(({ coldStartMs }) => coldStartMs),
  );
  return starts.length === 0 ? 'not measured' : `${significantText(median(starts))} ms (median)`;
}

const ceilingText = ({ environment }: ExperimentResult): string =>
  environment['matmulGmacsPerSecond'] === undefined
    ? 'not measured'
    : `${environment['matmulGmacsPerSecond']} GMAC/s`;
