/**
 * Measures the error rate of session verdicts on this machine. Each session compares the anchor network with
 * a copy of itself and with one that is delayed by 2 % in every pass. In every second session all of them
 * drift by 3 %. Expect copies that are told apart in at most 5 of 100, and SLOWER for the delayed one where the
 * resolution X is below the delay, else NOT TOLD APART. 100 sessions take at least two hours; `--quick` runs 4
 * of the first launches alone.
 */
import { resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { standardProtocol } from '../../src/profile/protocol/protocol.js';
import { anchorNetwork } from '../../src/profile/session/anchor-network.js';
import { runSession } from '../../src/profile/session/run-session.js';
import { seededRandom } from '../../src/util/random.js';
import type { Interval } from '../../src/util/statistics/interval.js';
import { type Comparison, type Verdict, verdicts } from '../../src/util/statistics/verdict.js';
import type { Bench } from '../benchmark.js';

const delay = 0.02;
const drift = 0.03;
const batch = 4;
const relevance = 0.01;
const budgetMs = 600_000;
const spread = ({ low, high }: Interval): string =>
  `${(100 * (low - 1)).toFixed(2)} to ${(100 * (high - 1)).toFixed(2)} %`;
const planted = (share: number): Architecture =>
  ({ ...anchorNetwork, planted: { delay: share } }) as Architecture;
type Counts = Record<Verdict, number>;
const none = (): Counts => Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Counts;

export const verdictsBench = {
  summary:
    '100 A/A sessions (4 with --quick) with a planted 2 % delay, half of them under a planted 3 % drift',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, part, note }) {
    const sessions = quick ? 4 : 100;
    const rows = {
      'A/A, steady': none(),
      'A/A, under drift': none(),
      'delayed 2 %, steady': none(),
      'delayed 2 %, under drift': none(),
    };
    let [spentMs, voided] = [0, 0];
    const mine = Array.from({ length: sessions }, (_, session) => session).filter(
      (session) => Math.floor(session / 2) % part.of === part.index - 1,
    );
    for (const session of mine) {
      const drifts = session % 2 === 1;
      const { verdict, spentMs: took } = await runSession(
        {
          candidates: [
            { name: 'delayed', architecture: planted(delay) },
            { name: 'copy', architecture: anchorNetwork },
            { name: 'copy again', architecture: anchorNetwork },
          ],
          anchor: anchorNetwork,
          batch,
          runtime: 'tensorflow',
          execution: 'compiled',
          threads,
          rounds: 5,
          launches: 3,
          together: 6,
          budgetMs: quick ? 0 : budgetMs,
          protocol: { ...standardProtocol, warmupCapMs: 300, minBlockMs: 30 },
          comparison: { relevance },
        },
        seededRandom(`verdicts/${session}`),
        {
          entry: resolve(import.meta.dirname, 'planted/planted-child.mjs'),
          environment: drifts ? { DRIFT: String(drift) } : {},
        },
      );
      spentMs += took;
      const pair = (first: string, second: string): Comparison =>
        verdict.pairs.find((each) => each.first === first && each.second === second)!.comparison;
      const [delayed, same] = [pair('delayed', 'copy'), pair('copy', 'copy again')];
      rows[drifts ? 'A/A, under drift' : 'A/A, steady'][same.verdict]++;
      rows[drifts ? 'delayed 2 %, under drift' : 'delayed 2 %, steady'][delayed.verdict]++;
      voided += Number(verdict.void);
      note(`session ${session + 1}`);
      if (!process.stderr.isTTY)
        process.stderr.write(
          `${session + 1}: A/A ${same.verdict} ${spread(same.ratio)}, delayed ${delayed.verdict} ${spread(delayed.ratio)}, ${verdict.launches} launches, ${(took / 1000).toFixed(0)} s\n`,
        );
    }
    return [
      {
        title: 'Verdicts',
        columns: ['pair', ...verdicts],
        rows: Object.entries(rows).map(([name, counts]) => [
          name,
          ...verdicts.map((verdict) => String(counts[verdict])),
        ]),
        notes: [
          `${mine.length} sessions of at least 3 launches, refined for at most ${budgetMs / 60_000} minutes, ${threads} threads, batch ${batch}, SAME within ${100 * relevance} %, ${voided} void, ${(spentMs / mine.length / 1000).toFixed(0)} s each`,
        ],
      },
    ];
  },
} as const satisfies Bench;
