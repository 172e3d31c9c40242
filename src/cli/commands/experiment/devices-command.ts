/**
 * `devices DB…`: the front of every device, the networks on all of them, the regret of the others, and how
 * the rankings by time agree between devices, runtimes, precisions and batch sizes.
 */
import type { Command } from 'commander';
import { type Objective, parseObjective } from '../../../analysis/objectives/objectives.js';
import { mainScore, type Score } from '../../../analysis/objectives/result-score.js';
import {
  type DeviceCosts,
  type DeviceStanding,
  deviceFronts,
} from '../../../analysis/pareto/device-fronts.js';
import {
  agreementText,
  meritsOf,
  type RankAgreement,
  rankAgreements,
  rankedSettings,
} from '../../../analysis/ranking/rank-agreement.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { databaseHelp, findDatabase } from '../../options/database-argument.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, table } from '../../output/text-format.js';

interface Options {
  readonly cost?: string;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[db...]', `${databaseHelp}; several: one experiment, run on several machines`)
    .option('--cost <objective>', 'the cost: latency@1, images-per-second@16 (default: of the experiment)')
    .option('--json', 'print one object: score, cost, devices, networks, agreement')
    .addHelpText('after', examples('devices gpu.sqlite cpu.sqlite', 'devices --cost latency@1'))
    .action((files: readonly string[], { cost: named, json }: Options) => {
      const results = (files.length > 0 ? files : [findDatabase(undefined)]).flatMap((file) =>
        resultsOf(findDatabase(file)),
      );
      const first = results[0]!;
      const score = mainScore(first);
      const cost = costOf(named, first);
      const networks = networksOf(results, score, cost);
      const agreement = rankAgreements(rankedSettings(results), meritsOf(results, score));
      if (networks.length === 0 && agreement.length === 0) throw nothingShared(results, cost);
      const standings = deviceFronts(networks, score.better, cost.better);
      const devices = results.map(deviceName);
      if (json)
        print(io, jsonLine({ score: score.id, cost: cost.id, devices, networks: standings, agreement }));
      else {
        if (networks.length > 0) printTable(standings, networks.length, devices, score, cost, io);
        printAgreement(agreement, io);
      }
    });
}

/** The latest experiment of a database, once per device. */
function resultsOf(file: string): ExperimentResult[] {
  const store = openStore(file, { readonly: true });
  try {
    const first = readExperimentResult(store);
    const others = first.otherDevices.map(({ id }) => readExperimentResult(store, first.experiment.id, id));
    return [first, ...others];
  } finally {
    store.close();
  }
}

function costOf(named: string | undefined, { experiment }: ExperimentResult): Objective {
  const wanted = named ?? experiment.objectives.find((name) => name.includes('@'));
  const cost = wanted === undefined ? undefined : parseObjective(wanted);
  if (cost?.batch === undefined)
    throw new UserError(`devices: the cost must be measured, got ${JSON.stringify(wanted ?? 'none')}`, {
      fix: '--cost latency@1',
    });
  return cost;
}

/** Networks whose cost every device has measured; the score is that of the first database that has one. */
function networksOf(results: readonly ExperimentResult[], score: Score, cost: Objective): DeviceCosts[] {
  return results[0]!.candidates.flatMap(({ architectureId: id, layout }): DeviceCosts[] => {
    const own = results.map(({ candidates }) =>
      candidates.find(({ architectureId }) => architectureId === id),
    );
    const costs = own.flatMap((candidate) => (candidate && cost.read(candidate)?.value) ?? []);
    const scores = own.flatMap((candidate) => (candidate && score.read(candidate)?.value) ?? []);
    if (costs.length < results.length || scores.length === 0) return [];
    return [{ id, layout, score: scores[0]!, costs }];
  });
}

const nothingShared = (results: readonly ExperimentResult[], cost: Objective): UserError =>
  new UserError(
    `devices: a network needs a score, and ${cost.id} on every device ` +
      `(${results.map(deviceName).join(', ')})`,
    { fix: 'run the experiment on each of them' },
  );

const deviceName = ({ device }: ExperimentResult): string =>
  `${device.key.device} (${device.id.slice(0, 6)})`;

/** How the settings' rankings by time agree, the least agreement first. */
function printAgreement(agreement: readonly RankAgreement[], io: Io): void {
  if (agreement.length === 0) return;
  const shown = agreement.slice(0, mostAgreements);
  const rest = agreement.length - shown.length;
  const columns: Column[] = [
    { title: 'setting' },
    { title: 'other setting' },
    { title: 'networks', align: 'right' },
    { title: 'tau', align: 'right' },
    { title: '95 %', align: 'right' },
    { title: 'pairs and fronts' },
  ];
  const rows = shown.map((each) => [
    each.first,
    each.second,
    String(each.tau.samples),
    each.tau.value.toFixed(2),
    `${each.tau.low.toFixed(2)} to ${each.tau.high.toFixed(2)}`,
    agreementText(each),
  ]);
  print(io, '\nagreement of the rankings by time (Kendall’s tau), the least first');
  print(io, table(columns, rows));
  if (rest > 0) print(io, `and ${rest} further pairs of settings; --json prints all`);
}

const mostAgreements = 15;

function printTable(
  standings: readonly DeviceStanding[],
  networks: number,
  devices: readonly string[],
  score: Score,
  cost: Objective,
  io: Io,
): void {
  const robust = standings.filter(({ isRobust }) => isRobust).length;
  const columns: Column[] = [
    { title: 'layout' },
    { title: score.short, align: 'right' },
    ...devices.flatMap((_, index): Column[] => [
      { title: `${cost.short} on ${index + 1}`, align: 'right' },
      { title: 'front', align: 'right' },
      { title: 'regret', align: 'right' },
    ]),
  ];
  const rows = standings.map(({ layout, score: own, costs, onFront, regret }) => [
    layout,
    score.valueText(own),
    ...devices.flatMap((_, index) => [
      cost.text({ value: costs[index]!, low: costs[index]!, high: costs[index]! }),
      onFront[index] ? 'yes' : '',
      onFront[index] ? '' : score.valueText(regret[index]!),
    ]),
  ]);
  devices.forEach((device, index) => print(io, `device ${index + 1}: ${device}`));
  print(io, table(columns, rows));
  print(
    io,
    `${robust} of ${networks} networks are on the front of every device; ` +
      'regret: what the score lacks to the best network of no higher cost there',
  );
}
