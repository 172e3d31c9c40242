/** Is the next candidate's time unmoved by one that aborted, hung or exhausted its memory? Its ratio to the anchor, after a fault and after none. */
import { resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { anchorNetwork } from '../../src/profile/anchor.js';
import { profileInChild } from '../../src/profile/run-profile.js';
import { standardProtocol } from '../../src/profile/protocols.js';
import { seededRandom } from '../../src/util/random.js';
import { compareLaunches } from '../../src/util/statistics/paired.js';
import type { Bench } from './bench.js';

const faults = ['abort', 'hang', 'memory'] as const;

export const faultsBench = {
  summary: 'a candidate that aborts, hangs or exhausts memory, and the time of the next one: 6 launches after each, and 6 after none',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const launches = quick ? 2 : 6;
    const measure = (planted: object | undefined, launch: number) => profileInChild({
      architecture: { ...anchorNetwork, ...(planted === undefined ? {} : { planted }) } as Architecture, anchor: anchorNetwork, runtime: 'tensorflow', execution: 'compiled', threads, batches: [16], launch,
      protocol: { ...standardProtocol, warmupCapMs: 1000, minBlockMs: 30, halfWidth: 1e-9, capMs: 1500, latencySamples: 0 },
    }, { entry: resolve(import.meta.dirname, 'planted/profile-child.mjs'), silenceLimitMs: 20_000, environment: { NODE_OPTIONS: '--max-old-space-size=512' } });
    const rows: string[][] = [];
    for (const fault of faults) {
      const [after, calm]: [number[][], number[][]] = [[], []];
      let became = '';
      for (let launch = 1; launch <= launches; launch++) {
        note(`${fault} ${launch} of ${launches}`);
        const series = async (): Promise<number[]> => {
          const [row] = (await measure(undefined, launch)).batches;
          return row!.samplesMs!.map((ms, index) => ms / row!.anchorSamplesMs![index]!);
        };
        const struck = async (): Promise<void> => {
          const [row] = (await measure({ fault }, launch)).batches;
          became = `${row!.status}: ${row!.reason}`.slice(0, 60);
          after.push(await series());
        };
        if (launch % 2 === 1) { await struck(); calm.push(await series()); } else { calm.push(await series()); await struck(); }
      }
      const { verdict, ratio } = compareLaunches(after, calm, seededRandom(fault));
      rows.push([fault, became, verdict, `${(100 * (ratio.low - 1)).toFixed(1)} to ${(100 * (ratio.high - 1)).toFixed(1)} %`]);
    }
    return [{ title: 'Next candidate after a fault', columns: ['fault', 'its row', 'next candidate', 'time against after none'], rows, notes: [`${launches} launches each, ratio to the anchor, batch 16, ${threads} threads, noise floor 1 %`] }];
  },
} as const satisfies Bench;
