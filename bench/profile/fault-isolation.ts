/**
 * Measures whether a candidate that aborts, hangs or exhausts memory changes the time of the next one: ratio
 * to the anchor in 6 launches after each fault and 6 after none. Expect SAME, differences below 1 %.
 */
import { resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { profileInChild } from '../../src/profile/candidate/run-profile.js';
import { standardProtocol } from '../../src/profile/protocol/protocol.js';
import { anchorNetwork } from '../../src/profile/session/anchor-network.js';
import { runLaunch } from '../../src/profile/session/launch.js';
import { seededRandom } from '../../src/util/random.js';
import { trimmedMean } from '../../src/util/statistics/order-statistics.js';
import { fitLaunches } from '../../src/util/statistics/resolution.js';
import { type Comparison, judgeRatios } from '../../src/util/statistics/verdict.js';
import type { Bench } from '../benchmark.js';

const faults = ['abort', 'hang', 'memory'] as const;
const batch = 4;

export const faultsBench = {
  summary:
    'a candidate that aborts, hangs or exhausts memory, and the time of the next one: 6 launches after each, and 6 after none',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const launches = quick ? 2 : 6;
    const common = { anchor: anchorNetwork, runtime: 'tensorflow', execution: 'compiled', threads } as const;
    const protocol = { ...standardProtocol, warmupCapMs: 500, minBlockMs: 30 };
    const strike = async (fault: string, launch: number): Promise<string> => {
      const {
        batches: [row],
      } = await profileInChild(
        {
          ...common,
          architecture: { ...anchorNetwork, planted: { fault } } as Architecture,
          batches: [batch],
          launch,
          protocol,
        },
        {
          entry: resolve(import.meta.dirname, 'planted/planted-child.mjs'),
          silenceLimitMs: 20_000,
          environment: { NODE_OPTIONS: '--max-old-space-size=512' },
        },
      );
      return `${row!.status}: ${row!.reason}`.slice(0, 60);
    };
    const next = async (seed: string): Promise<number[]> => {
      const {
        networks: { next: times },
      } = await runLaunch(
        {
          ...common,
          candidates: [{ name: 'next', architecture: anchorNetwork }],
          batch,
          rounds: 4,
          protocol,
        },
        seededRandom(seed),
      );
      return times!.stepMs.map((ms, index) => ms / times!.anchorMs[index]!);
    };
    const rows: string[][] = [];
    for (const fault of faults) {
      const [after, calm]: [number[][], number[][]] = [[], []];
      let became = '';
      for (let launch = 1; launch <= launches; launch++) {
        note(`${fault} ${launch} of ${launches}`);
        const calmly = async (): Promise<void> => {
          calm.push(await next(`${fault}/${launch}/calm`));
        };
        if (launch % 2 === 0) await calmly();
        became = await strike(fault, launch);
        after.push(await next(`${fault}/${launch}/after`));
        if (launch % 2 === 1) await calmly();
      }
      const { verdict, ratio } = compare(after, calm);
      rows.push([
        fault,
        became,
        verdict,
        `${(100 * (ratio.low - 1)).toFixed(1)} to ${(100 * (ratio.high - 1)).toFixed(1)} %`,
      ]);
    }
    return [
      {
        title: 'Next candidate after a fault',
        columns: ['fault', 'its row', 'next candidate', 'time against after none'],
        rows,
        notes: [
          `${launches} launches each, ratio to the anchor, batch ${batch}, ${threads} threads, SAME within 1 %`,
        ],
      },
    ];
  },
} as const satisfies Bench;

/**
 * @param after @param calm per launch, times over the anchor's; launches of one index ran one after the other
 */
function compare(after: readonly (readonly number[])[], calm: readonly (readonly number[])[]): Comparison {
  const centre = (ratios: readonly number[]): number => Math.exp(trimmedMean(ratios.map(Math.log)));
  const fit = fitLaunches(
    Object.entries({ after, calm }).flatMap(([network, launches]) =>
      launches.map((ratios, launch) => ({ network, launch: String(launch), stepMs: centre(ratios) })),
    ),
  )!;
  return judgeRatios([
    {
      log: Math.log(fit.stepMs.get('after')!.value / fit.stepMs.get('calm')!.value),
      standardError: fit.ratioError('after', 'calm'),
      freedom: fit.resolution.freedom,
      samples: after.flat().length,
    },
  ])[0]!;
}
