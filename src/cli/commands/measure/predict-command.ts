/**
 * `predict SPACE`: the time of every member from those that a database has measured; each row says which of
 * the two it is.
 */
import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { experimentFromText } from '../../../lab/experiment.js';
import {
  checkLatencyModel,
  fitLatencyModel,
  type LatencyModel,
  type ModelCheck,
} from '../../../profile/latency-model/latency-model.js';
import { computeOf } from '../../../runtime/compute.js';
import { type DeviceTimes, type MeasuredTime, measuredTimes } from '../../../store/measured-times.js';
import { openStore } from '../../../store/open-store.js';
import { partTimes } from '../../../store/tables/part-time-table.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import type { Estimate } from '../../../util/statistics/interval.js';
import { execute } from '../../execute.js';
import { addCompute, type ComputeFlags, fitsKey, runtimeText } from '../../options/compute-options.js';
import { findDatabase } from '../../options/database-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { deviceText } from '../../output/device-text.js';
import { type Io, jsonLine, print, printLine } from '../../output/io.js';
import { grouped, table } from '../../output/text-format.js';

interface Options extends WhereOption, ComputeFlags {
  readonly db?: string;
  readonly batch: number;
  readonly device?: string;
  readonly fastest: number;
  readonly limit: number;
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
      'database with measured members: what `profile … --each --db FILE`, `profile --space … --db FILE` or `run` left',
    )
    .option('-b, --batch <size>', 'batch size in images', wholeNumber(1), 16)
    .option('--device <id>', 'device key, by the first digits of its id; else the one with the most rows')
    .option('--fastest <count>', 'how many members to list', wholeNumber(1), 20)
    .option(
      '--limit <count>',
      'how many members to predict, from the first in order',
      wholeNumber(1),
      10_000_000,
    )
    .option(
      '--sample <count>',
      'so many members, uniform and distinct, instead of all from the first',
      wholeNumber(1),
    )
    .option(
      '--check <count>',
      'measure so many members that the model has not seen, and say how well it ranked and foretold them',
      wholeNumber(2),
    )
    .option('--launches <count>', 'with --check: process launches of each', wholeNumber(1), 3)
    .option('--protocol <settings>', "with --check: changes to the protocol, e.g. 'cap-ms: 1000'")
    .option('--seed <seed>', 'of --sample, and of the members that --check measures', wholeNumber(0), 1)
    .option('--json', 'one object a line, every member: id, layout, stepMs, source (measured or predicted)')
    .addHelpText('after', examples('predict search-spaces/ascan-cpu.space --db measured.sqlite --check 10'))
    .addHelpText(
      'after',
      `The measured members come from e.g.\n  $ stagecraft profile --space search-spaces/ascan-cpu.space --sample 24 --each -b 16 --db measured.sqlite\n`,
    )
    .action((file: string, options: Options) => predict(file, options, io));
}

interface Source extends DeviceTimes {
  readonly parts: ReadonlyMap<string, number>;
}

/** @throws UserError where nothing was measured at that batch size, or not on that device */
function measured(
  database: string,
  { batch, device, ...flags }: Pick<Options, 'batch' | 'device' | 'precision' | 'xla'>,
): Source {
  const store = openStore(database, { readonly: true });
  try {
    const all = measuredTimes(store, batch);
    if (all.length === 0)
      throw new UserError(`${database}: measured networks at batch ${batch} are needed, got none`, {
        fix: `profile some: stagecraft profile --space SPACE --sample 24 --each -b ${batch} --db ${database}`,
      });
    const found = all.find(
      ({ deviceId, key }) => (device === undefined || deviceId.startsWith(device)) && fitsKey(key, flags),
    );
    const asked = Object.entries(computeOf(flags))
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      .join(' and ');
    if (!found)
      throw new UserError(
        `${database}: no network was measured${device === undefined ? '' : ` on device ${JSON.stringify(device)}`}${asked === '' ? '' : ` with ${asked}`}, and what was measured with another says nothing about it`,
        {
          fix: `it holds: ${all.map(({ deviceId, key, times }) => `${deviceId} (${deviceText(key)}; ${times.length} networks)`).join(', ')}`,
        },
      );
    return { ...found, parts: partTimes(store, found.deviceId, batch) };
  } finally {
    store.close();
  }
}

const fit = ({ times, key, parts }: Source, batch: number): LatencyModel =>
  fitLatencyModel(
    times.map(({ architecture, stepMs }) => ({ architecture, stepMs: stepMs.value })),
    key,
    batch,
    parts.size > 0 ? { lookup: parts } : {},
  );

async function predict(file: string, options: Options, io: Io): Promise<void> {
  const database = findDatabase(options.db);
  const space = openSpace(file, options);
  let source = measured(database, options);
  let check: ModelCheck | undefined;
  if (options.check !== undefined) {
    const seen = new Set(source.times.map(({ id }) => id));
    const before = fit(source, options.batch);
    const heldOut = space
      .sampleDistinct(Math.min(seen.size + options.check, Number(countOf(space))), seededRandom(options.seed))
      .filter((member) => !seen.has(architectureId(member)))
      .slice(0, options.check);
    if (heldOut.length < 2)
      throw new UserError(
        `${file}: at least 2 members that are not measured yet are needed for --check, got ${heldOut.length}`,
      );
    const rows = await measureHeldOut(heldOut, source, database, options, io);
    check = checkLatencyModel(
      before,
      rows.map(({ architecture, stepMs }) => ({ architecture, stepMs: stepMs.value })),
    );
    source = measured(database, { ...options, device: source.deviceId }); // they are measured rows now, and win over predictions
  }
  const model = fit(source, options.batch);
  const known = new Map(source.times.map((time) => [time.id, time]));
  const layouts = new Set(source.times.map(({ architecture }) => layoutOf(architecture))); // an id takes a hash: only where it may be known
  const start = performance.now();
  let count = 0;
  const fastest: Row[] = [];
  for (const member of options.sample === undefined
    ? space.enumerate()
    : space.sampleDistinct(options.sample, seededRandom(options.seed))) {
    if (count >= options.limit) break;
    count++;
    if (options.json) {
      const { stepMs, source: from } = rowOf(member, model, known, layouts);
      await printLine(
        io,
        jsonLine({ id: architectureId(member), layout: layoutOf(member), stepMs, source: from }),
      );
      continue;
    }
    const row = rowOf(member, model, known, layouts);
    if (
      fastest.length >= 2 * options.fastest &&
      row.stepMs.value > fastest[2 * options.fastest - 1]!.stepMs.value
    )
      continue;
    fastest.push(row);
    if (fastest.length >= 4 * options.fastest) keepFastest(fastest, 2 * options.fastest);
  }
  const seconds = (performance.now() - start) / 1000;
  const report = [
    `on ${deviceText(model.deviceKey)}; batch ${model.batch}`,
    `${grouped(count)} members in ${seconds.toFixed(1)} s; fitted to ${model.networks} measured networks${source.parts.size > 0 ? ` and ${source.parts.size} parts measured in their place` : ''}; left out in turn, each is ${percent(model.leaveOneOutError)} off (median); intervals hold 90 %`,
    ...(check === undefined
      ? []
      : [
          `${check.networks} members measured after they were predicted: Kendall's tau ${check.rank.tau.toFixed(2)}, error ${percent(check.error)} (median), ${percent(check.coverage)} of the times within their interval`,
        ]),
  ];
  if (options.json) {
    io.stderr.write(`${report.join('\n')}\n`);
    return;
  }
  keepFastest(fastest, options.fastest);
  print(
    io,
    table(
      [
        { title: 'layout' },
        { title: 'id' },
        { title: 'ms a pass', align: 'right' },
        { title: 'from', align: 'right' },
        { title: 'to', align: 'right' },
        { title: '' },
      ],
      fastest.map(({ member, stepMs, source: from }) => [
        layoutOf(member),
        architectureId(member),
        significantText(stepMs.value),
        significantText(stepMs.low),
        significantText(stepMs.high),
        from,
      ]),
      io.colours.dim,
    ),
  );
  print(io, `\n${report.map(io.colours.dim).join('\n')}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

interface Row {
  readonly member: Architecture;
  readonly stepMs: Estimate;
  readonly source: 'measured' | 'predicted';
}

/**
 * A measured time always wins over a predicted one, and the row says which it is. @param layouts of the known
 * ones
 */
function rowOf(
  member: Architecture,
  model: LatencyModel,
  known: ReadonlyMap<string, MeasuredTime>,
  layouts: ReadonlySet<string>,
): Row {
  const time = layouts.has(layoutOf(member)) ? known.get(architectureId(member)) : undefined;
  return {
    member,
    stepMs: time?.stepMs ?? model.predict(member, model.deviceKey, model.batch),
    source: time ? 'measured' : 'predicted',
  };
}

function keepFastest(rows: Row[], count: number): void {
  rows.sort((a, b) => a.stepMs.value - b.stepMs.value);
  rows.length = Math.min(rows.length, count);
}

function countOf(space: ReturnType<typeof openSpace>): bigint {
  const count = space.count();
  return count.exact ? count.count : BigInt(Number.MAX_SAFE_INTEGER);
}

/**
 * Measures them into the database under the model's own settings. @throws UserError where this machine has
 * another device key
 */
async function measureHeldOut(
  architectures: readonly Architecture[],
  { key, deviceId }: Source,
  database: string,
  { batch, launches, protocol }: Options,
  io: Io,
): Promise<MeasuredTime[]> {
  const more = protocol === undefined ? '' : `, ${protocol.replace(/\s+/g, ' ')}`;
  const text = `experiment held-out\n  profile throughput(batches: {${batch}}, launches: ${launches}, threads: ${key.threads}${more})\n  ${runtimeText(key.runtime, key.execution, key)}\n`;
  const { result } = await execute(
    experimentFromText(text, 'command line', { architectures }),
    { database, retryFailed: true, again: 'the same command' },
    io,
  );
  if (result.device.id !== deviceId)
    throw new UserError(
      `predict --check: this machine must have the model's device key (${deviceText(key)}), got ${deviceText(result.device.key)}`,
      { fix: 'check where it was measured, or measure some members here' },
    );
  return result.candidates.flatMap(({ architectureId: id, architecture, profiles }) =>
    profiles[0]?.stepMs === undefined ? [] : [{ id, architecture, stepMs: profiles[0].stepMs }],
  );
}
