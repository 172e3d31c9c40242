/**
 * Which estimator of a step time holds beside other work? Plants busy neighbours (processes that spin),
 * measures two copies of the anchor network and a larger network in launches of their own, and prints per
 * estimator the bias against the quiet launches, the bias of the ratio of the two networks, and the
 * resolution X of the launches. The default of `src/profile/protocol/estimators.ts` follows from this table.
 * About ten minutes; `--quick` two.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { profileInChild } from '../../src/profile/candidate/run-profile.js';
import type { BatchProfile } from '../../src/profile/profile-result.js';
import { type EstimatorName, estimators } from '../../src/profile/protocol/estimators.js';
import { standardProtocol } from '../../src/profile/protocol/protocol.js';
import { anchorNetwork } from '../../src/profile/session/anchor-network.js';
import { loadSpace } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { median } from '../../src/util/statistics/order-statistics.js';
import { fitLaunches } from '../../src/util/statistics/resolution.js';
import type { Bench, BenchTable } from '../benchmark.js';

const batch = 4;
const neighbourCounts = [0, 1, 2, 4] as const;
const networks = {
  anchor: anchorNetwork,
  'anchor again': anchorNetwork,
  larger: loadSpace(resolve(import.meta.dirname, '../../search-spaces/ascan-cpu.space')).unrank(0n),
} as const;
type Name = keyof typeof networks;
const names = Object.keys(networks) as Name[];

interface Launch {
  readonly neighbours: number;
  readonly network: Name;
  readonly launch: number;
  readonly row: BatchProfile;
}

export const loadBench = {
  summary: 'bias and resolution of each estimator beside 0, 1, 2 and 4 busy neighbours; about ten minutes',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const counts = quick ? ([0, 2] as const) : neighbourCounts;
    const launches: Launch[] = [];
    const random = seededRandom('load');
    for (let launch = 1; launch <= (quick ? 3 : 6); launch++) {
      for (const neighbours of random.shuffled(counts)) {
        note(`launch ${launch}, ${neighbours} neighbours`);
        const planted = Array.from({ length: neighbours }, spin);
        try {
          for (const network of random.shuffled(names)) {
            const row = await measured(network, launch, threads);
            if (row.samplesMs?.length) launches.push({ neighbours, network, launch, row });
          }
        } finally {
          for (const child of planted) child.kill('SIGKILL');
        }
      }
    }
    return [estimatorTable(launches, counts, threads), loadTable(launches, counts)];
  },
} as const satisfies Bench;

const spin = (): ChildProcess =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }).on('error', (error) => {
    throw error;
  });

async function measured(network: Name, launch: number, threads: number): Promise<BatchProfile> {
  const { batches } = await profileInChild({
    architecture: networks[network],
    batches: [batch],
    runtime: 'tensorflow',
    execution: 'compiled',
    threads,
    launch,
    protocol: { ...standardProtocol, warmupCapMs: 500, capMs: 1500, halfWidth: 1e-6, latencySamples: 0 },
  });
  return batches[0]!;
}

function estimatorTable(launches: readonly Launch[], counts: readonly number[], threads: number): BenchTable {
  const rows = (Object.keys(estimators) as EstimatorName[]).flatMap((name) => {
    const timeOf = ({ row }: Launch): number =>
      estimators[name]({ samplesMs: row.samplesMs!, load: row.load }).value;
    const logOf = (network: Name, neighbours: number): number =>
      median(
        launches
          .filter((each) => each.network === network && each.neighbours === neighbours)
          .map((each) => Math.log(timeOf(each))),
      );
    return counts.map((neighbours) => {
      const fit = fitLaunches(
        launches
          .filter((each) => each.neighbours === neighbours)
          .map((each) => ({ network: each.network, launch: String(each.launch), stepMs: timeOf(each) })),
      );
      const bias = logOf('anchor', neighbours) - logOf('anchor', 0);
      const ratioBias =
        logOf('larger', neighbours) - logOf('anchor', neighbours) - (logOf('larger', 0) - logOf('anchor', 0));
      return [
        name,
        String(neighbours),
        signed(bias),
        signed(ratioBias),
        fit ? `${(100 * fit.resolution.relative).toFixed(1)} %` : '',
      ];
    });
  });
  return {
    title: 'Estimators beside busy neighbours',
    columns: ['estimator', 'neighbours', 'bias of the time', 'bias of larger / anchor', 'X'],
    rows,
    notes: [
      `bias against the same estimator without planted neighbours; ${threads} threads, batch ${batch}, ` +
        `${new Set(launches.map(({ launch }) => launch)).size} launches; X of three networks, two of them one`,
    ],
  };
}

function loadTable(launches: readonly Launch[], counts: readonly number[]): BenchTable {
  const per = (
    neighbours: number,
    pick: (load: NonNullable<BatchProfile['load']>) => readonly number[] | undefined,
  ): string => {
    const shares = launches
      .filter((each) => each.neighbours === neighbours && each.row.load)
      .flatMap(({ row }) => {
        const series = pick(row.load!);
        return series ? [sum(series) / sum(row.samplesMs!)] : [];
      });
    return shares.length === 0 ? 'unknown' : median(shares).toFixed(2);
  };
  return {
    title: 'Load per millisecond of blocks',
    columns: ['neighbours', 'own processor time', 'steal', 'own waiting', 'pressure'],
    rows: counts.map((neighbours) => [
      String(neighbours),
      per(neighbours, (load) => load.cpuMs),
      per(neighbours, (load) => load.stealMs),
      per(neighbours, (load) => load.waitMs),
      per(neighbours, (load) => load.pressureMs),
    ]),
    notes: [],
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const signed = (log: number): string =>
  `${log >= 0 ? '+' : '−'}${Math.abs(100 * Math.expm1(log)).toFixed(1)} %`;
