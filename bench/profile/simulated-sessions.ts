/**
 * Error rates of session verdicts in simulation: looks and refinement included, on a made-up clock, at the
 * launch scatter of a quiet, an ordinary and a busy machine. No engine. The tests run fewer of the same
 * sessions.
 */
import { seededRandom } from '../../src/util/random.js';
import { type Verdict, verdicts } from '../../src/util/statistics/verdict.js';
import { realisticScatter, simulatedSession } from '../../test/profile/simulated-session.js';
import type { Bench } from '../benchmark.js';

const truths = [1, 1.005, 1.01, 1.02, 1.05];

export const sessionsBench = {
  summary:
    'simulated sessions of two networks: verdicts, coverage and resolution by launch scatter; a minute',
  needsEngine: false,
  async run({ quick, note }) {
    const sessions = quick ? 100 : 1000;
    const rows: string[][] = [];
    for (const scatter of realisticScatter) {
      for (const truth of truths) {
        const counts = Object.fromEntries(verdicts.map((each) => [each, 0])) as Record<Verdict, number>;
        let [voided, covered, resolution, launches] = [0, 0, 0, 0];
        for (let session = 0; session < sessions; session++) {
          const random = seededRandom(`sessions/${scatter}/${truth}/${session}`);
          const found = await simulatedSession({ factors: { a: truth, b: 1 }, scatter }, random);
          const { comparison } = found.pairs[0]!;
          counts[comparison.verdict]++;
          voided += Number(found.void);
          covered += Number(comparison.ratio.low <= truth && truth <= comparison.ratio.high);
          resolution += comparison.resolution / sessions;
          launches += found.launches / sessions;
        }
        note(`scatter ${scatter}, ratio ${truth}`);
        const share = (count: number): string => `${((100 * count) / sessions).toFixed(1)} %`;
        rows.push([
          `${(100 * scatter).toFixed(2)} %`,
          `${(100 * (truth - 1)).toFixed(1)} %`,
          ...verdicts.map((each) => share(counts[each])),
          share(voided),
          share(covered),
          `${(100 * resolution).toFixed(1)} %`,
          launches.toFixed(1),
        ]);
      }
    }
    return [
      {
        title: 'Simulated sessions',
        columns: ['scatter', 'slower by', ...verdicts, 'void', 'interval holds', 'X', 'launches'],
        rows,
        notes: [`${sessions} sessions of 3 to 21 launches each, SAME within 1 %`],
      },
    ];
  },
} as const satisfies Bench;
