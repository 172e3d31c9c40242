/** `profile ARCH…`: throughput and latency per batch size, with intervals; verdicts between networks; time by part. */
import type { Command } from 'commander';
import { bytesText, plusMinusText, significantText } from '../../analysis/digits.js';
import { experimentFromText } from '../../lab/experiment.js';
import { UserError } from '../../util/errors.js';
import type { ExperimentResult } from '../../store/result-view.js';
import { architectureHelp, findArchitecture } from '../architecture-argument.js';
import { examples, wholeNumber, wholeNumbers } from '../command.js';
import { deviceText } from '../device-text.js';
import { execute } from '../execute.js';
import { table, type Column } from '../format.js';
import { jsonLine, print, type Io } from '../io.js';
import { compare, parts, type ModeOptions } from '../profile-modes.js';

interface Options extends ModeOptions {
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
function experimentText({ batches, launches, threads, runtime, execution, protocol }: Options): string {
  const more = protocol === undefined ? '' : `, ${protocol.replace(/\s+/g, ' ')}`;
  return `experiment profile\n  profile throughput(batches: {${batches.join(', ')}}, launches: ${launches}, threads: ${threads}${more})\n  runtime ${runtime}(execution: ${execution})\n`;
}

export function configure(command: Command, io: Io): void {
  command.argument('<arch...>', architectureHelp)
    .option('-b, --batches <sizes>', 'batch sizes in images', wholeNumbers(1), [1, 16, 64])
    .option('-l, --launches <count>', 'process launches per network', wholeNumber(1), 3)
    .option('-t, --threads <count>', 'threads of the engine; 0 for all cores', wholeNumber(0), 0)
    .option('--runtime <name>', 'auto, tensorflow or wasm', 'auto')
    .option('--execution <mode>', 'auto, compiled or eager', 'auto')
    .option('--protocol <settings>', "changes to the protocol, e.g. 'half-width: 0.002, cap-ms: 5000'")
    .option('--compare', 'say FASTER, SLOWER, SAME or AMBIGUOUS for each pair, from interleaved launches')
    .option('--minutes <count>', 'with --compare: time for launches that decide what is still open', Number, 2)
    .option('--noise-floor <fraction>', 'with --compare: smaller differences count as none', Number, 0.01)
    .option('--parts', 'time each stage and block in its place')
    .option('--db <file>', 'keep the measurements in this database, and look ids up in it')
    .option('--json', 'one object a line: id, layout, batch, stepMs, imagesPerSecond, latencyMs, peakBytes, …')
    .addHelpText('after', examples(
      'profile search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT',
      "profile 'search-spaces/ascan-cpu.space#0' 'search-spaces/ascan-cpu.space#124' --compare -b 16 --minutes 3",
      'profile search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --parts -b 16',
      "profile net.json 'search-spaces/ascan-cpu.space#0' --batches 1,32 --launches 5 --db measured.sqlite",
    ))
    .action(async (names: string[], options: Options) => {
      const architectures = [];
      for (const name of names) architectures.push(await findArchitecture(name, options.db));
      if (!(options.minutes >= 0)) throw new UserError(`--minutes: a number of at least 0 is needed, got ${options.minutes}`);
      if (!(options.noiseFloor > 0 && options.noiseFloor < 1)) throw new UserError(`--noise-floor: a fraction between 0 and 1 is needed, got ${options.noiseFloor}`);
      if (options.compare) return compare(architectures, options, io);
      if (options.parts) return parts(architectures, options, io);
      const experiment = experimentFromText(experimentText(options), 'command line', { architectures });
      const { result } = await execute(experiment, { database: options.db, retryFailed: true, again: 'the same command' }, io);
      if (options.json) printJson(result, io);
      else print(io, profileTable(result, io));
      return undefined;
    });
}

function printJson(result: ExperimentResult, io: Io): void {
  for (const { architectureId: id, layout, profiles } of result.candidates) {
    for (const { launches, samplesMs: _, ...profile } of profiles) print(io, jsonLine({ id, layout, ...profile, launches: launches.length, deviceKey: result.device.key }));
  }
}

export function profileTable(result: ExperimentResult, io: Io): string {
  const right = (title: string): Column => ({ title, align: 'right' });
  const rows = result.candidates.flatMap(({ architectureId, layout, profiles }) => profiles.map((profile, index) => [
    ...(index === 0 ? [layout, architectureId] : ['', '']), String(profile.batch),
    profile.imagesPerSecond ? plusMinusText(profile.imagesPerSecond) : '–',
    profile.stepMs ? plusMinusText(profile.stepMs) : '–',
    ...(['p50', 'p90', 'p99'] as const).map((name) => (profile.latencyMs ? significantText(profile.latencyMs[name]) : '–')),
    profile.peakBytes === undefined ? '–' : bytesText(profile.peakBytes),
    profile.stepMs ? [profile.status === 'ok' ? '' : profile.status, ...profile.flags].filter(Boolean).join(', ') : `${profile.status}: ${profile.reason}`,
  ]));
  return [
    table([{ title: 'layout' }, { title: 'id' }, right('batch'), right('images/s'), right('ms a pass'), right('latency p50'), right('p90'), right('p99 ms'), right('peak memory'), { title: '' }], rows, io.colours.dim),
    '',
    io.colours.dim(`± is half the 95 % interval over ${result.protocol.launches === 1 ? 'one launch' : `${String(result.protocol.launches)} launches`}; ${deviceText(result.device.key)}`),
  ].join('\n');
}
