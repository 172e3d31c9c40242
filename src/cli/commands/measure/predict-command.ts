/** `predict SPACE`: step times of the members of a space, from the measured ones. */
import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { deviceText } from '../../../lab/device-text.js';
import { checkPredictions } from '../../../lab/prediction/check-predictions.js';
import { fitSource, type LatencySource, readLatencySource } from '../../../lab/prediction/latency-source.js';
import { FastestTimes, type PredictedTime, timePredictor } from '../../../lab/prediction/predict-times.js';
import type { LatencyModel, ModelCheck } from '../../../profile/latency-model/latency-model.js';
import { computeOf } from '../../../runtime/compute.js';
import type { Space } from '../../../space/model/space.js';
import { seededRandom } from '../../../util/random.js';
import { executeWithProgress } from '../../execute-with-progress.js';
import { addCompute, type ComputeFlags } from '../../options/compute-options.js';
import { findDatabase } from '../../options/database-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { type Io, jsonLine, print, printLine } from '../../output/io.js';
import { grouped, table } from '../../output/text-format.js';

interface Options extends WhereOption, ComputeFlags {
  readonly db?: string;
  readonly batch: number;
  readonly device?: string;
  readonly count: number;
  readonly first: number;
  readonly sample?: number;
  readonly check?: number;
  readonly launches: number;
  readonly protocol?: string;
  readonly seed: number;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  addCompute(addWhere(command.argument('<space>', 'space file')))
    .option(
      '--db <file>',
      'database with measured members, from `profile … --each --db FILE`, ' +
        '`profile --space … --db FILE` or `run`',
    )
    .option('-b, --batch <size>', 'batch size in images', wholeNumber(1), 16)
    .option(
      '--device <id>',
      'device key, by the first digits of its id (default: the one with the most rows)',
    )
    .option('-n, --count <count>', 'number of members to list, the fastest first', wholeNumber(1), 20)
    .option(
      '--first <count>',
      'number of members to predict, from the first in order',
      wholeNumber(1),
      10_000_000,
    )
    .option(
      '--sample <count>',
      'predict this many members, uniform and distinct, instead of all in order',
      wholeNumber(1),
    )
    .option(
      '--check <count>',
      'measure this many unseen members, and print rank correlation, error and coverage of the predictions',
      wholeNumber(2),
    )
    .option('-l, --launches <count>', 'with --check: process launches of each', wholeNumber(1), 3)
    .option('--protocol <settings>', "with --check: changes to the protocol, e.g. 'cap-ms: 1000'")
    .option(
      '-s, --seed <seed>',
      'seed of --sample, and of the members that --check measures',
      wholeNumber(0),
      1,
    )
    .option('--json', 'one object per member: id, layout, stepMs, source (measured or predicted)')
    .addHelpText('after', examples('predict search-spaces/ascan-cpu.space --db measured.sqlite --check 10'))
    .addHelpText(
      'after',
      'The measured members come from e.g.\n  $ npx stagecraft profile --space ' +
        'search-spaces/ascan-cpu.space --sample 24 --each -b 16 --db measured.sqlite\n',
    )
    .action((file: string, options: Options) => predict(file, options, io));
}

async function predict(file: string, options: Options, io: Io): Promise<void> {
  const database = findDatabase(options.db);
  const space = openSpace(file, options);
  const { batch, device, precision, xla, kernels } = options;
  const query = { batch, device, compute: computeOf({ precision, xla, kernels }) };
  let source = readLatencySource(database, query);
  let check: ModelCheck | undefined;
  if (options.check !== undefined) {
    check = await runCheck(space, source, database, options, io);
    source = readLatencySource(database, { ...query, device: source.deviceId }); // with the new times
  }
  const model = fitSource(source, options.batch);
  const start = performance.now();
  const { count, fastest } = await predictMembers(space, model, source, options, io);
  const seconds = (performance.now() - start) / 1000;
  const report = reportLines(model, source, check, { count, seconds });
  if (options.json) {
    io.stderr.write(`${report.join('\n')}\n`);
    return;
  }
  print(io, fastestTable(fastest, io));
  print(io, `\n${report.map(io.colours.dim).join('\n')}`);
}

async function runCheck(
  space: Space,
  source: LatencySource,
  database: string,
  { batch, check, launches, protocol, seed }: Options,
  io: Io,
): Promise<ModelCheck> {
  const plan = { batch, count: check!, launches, protocol, seed };
  return checkPredictions(space, source, plan, async (experiment) => {
    const { result } = await executeWithProgress(
      experiment,
      { database, retryFailed: true, again: 'the same command' },
      io,
    );
    return result;
  });
}

/** Times of the members that the options select; with `--json` each is printed. */
async function predictMembers(
  space: Space,
  model: LatencyModel,
  source: LatencySource,
  options: Options,
  io: Io,
): Promise<{ readonly count: number; readonly fastest: readonly PredictedTime[] }> {
  const timeOf = timePredictor(model, source);
  const fastest = new FastestTimes(options.count);
  const members =
    options.sample === undefined
      ? space.enumerate()
      : space.sampleDistinct(options.sample, seededRandom(options.seed));
  let count = 0;
  for (const member of members) {
    if (count >= options.first) break;
    count++;
    const row = timeOf(member);
    if (options.json) await printLine(io, rowJson(row));
    else fastest.add(row);
  }
  return { count, fastest: fastest.sorted() };
}

const rowJson = ({ member, stepMs, source }: PredictedTime): string =>
  jsonLine({ id: architectureId(member), layout: layoutOf(member), stepMs, source });

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function reportLines(
  model: LatencyModel,
  { parts }: LatencySource,
  check: ModelCheck | undefined,
  { count, seconds }: { readonly count: number; readonly seconds: number },
): string[] {
  const fitted =
    `fitted to ${model.networks} measured ` +
    `networks${parts.size > 0 ? ` and ${parts.size} parts measured in place` : ''}`;
  const tau = check?.rank.tau?.toFixed(2) ?? '–';
  const checked =
    check &&
    `${check.networks} members measured after prediction: ` +
      `Kendall's tau ${tau}, median error ${percent(check.error)}, ` +
      `${percent(check.coverage)} of the times within their interval`;
  return [
    `on ${deviceText(model.deviceKey)}; batch ${model.batch}`,
    `${grouped(count)} members in ${seconds.toFixed(1)} s; ${fitted}; ` +
      `median leave-one-out error ${percent(model.leaveOneOutError)}; intervals are at 90 %`,
    ...(checked === undefined ? [] : [checked]),
  ];
}

const fastestTable = (rows: readonly PredictedTime[], io: Io): string =>
  table(
    [
      { title: 'layout' },
      { title: 'id' },
      { title: 'ms a pass', align: 'right' },
      { title: 'from', align: 'right' },
      { title: 'to', align: 'right' },
      { title: '' },
    ],
    rows.map(({ member, stepMs, source }) => [
      layoutOf(member),
      architectureId(member),
      significantText(stepMs.value),
      significantText(stepMs.low),
      significantText(stepMs.high),
      source,
    ]),
    io.colours.dim,
  );
