/**
 * Measures the error rate of session verdicts on this machine. Each session compares one network three times:
 * delayed by 2 % in every pass, and twice unchanged as the A/A control. In every second session all of them
 * drift by 3 %. Expect the control SAME and the delayed network SLOWER in every session. 100 sessions of
 * about 72 s take two hours; `--quick` runs 4.
 */
import { resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { standardProtocol } from '../../src/profile/protocol/protocol.js';
import { anchorNetwork } from '../../src/profile/session/anchor-network.js';
import { runSession } from '../../src/profile/session/run-session.js';
import { seededRandom } from '../../src/util/random.js';
import type { Estimate } from '../../src/util/statistics/interval.js';
import { type Verdict, verdictOf } from '../../src/util/statistics/paired.js';
import type { Bench } from '../benchmark.js';

const delay = 0.02;
const drift = 0.03;
const batch = 4;
const noiseFloor = 0.01;
const budgetMs = 600_000;
const spread = ({ low, high }: Estimate): string =>
  `${(100 * (low - 1)).toFixed(2)} to ${(100 * (high - 1)).toFixed(2)} %`;
const planted = (share: number): Architecture =>
  ({ ...anchorNetwork, planted: { delay: share } }) as Architecture;
type Counts = Record<Verdict, number>;
const none = (): Counts => ({ SAME: 0, FASTER: 0, SLOWER: 0, AMBIGUOUS: 0 });

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
    let spentMs = 0;
    const mine = Array.from({ length: sessions }, (_, session) => session).filter(
      (session) => Math.floor(session / 2) % part.of === part.index - 1,
    );
    for (const session of mine) {
      const drifts = session % 2 === 1;
      const { verdict, spentMs: took } = await runSession(
        {
          candidates: [{ name: 'delayed', architecture: planted(delay) }],
          anchor: anchorNetwork,
          batch,
          runtime: 'tensorflow',
          execution: 'compiled',
          threads,
          rounds: 5,
          launches: 3,
          together: 6,
          budgetMs,
          protocol: { ...standardProtocol, warmupCapMs: 300, minBlockMs: 30 },
          comparison: { noiseFloor },
        },
        seededRandom(`verdicts/${session}`),
        {
          entry: resolve(import.meta.dirname, 'planted/planted-child.mjs'),
          environment: drifts ? { DRIFT: String(drift) } : {},
        },
      );
      spentMs += took;
      const delayed = verdictOf(verdict.ratios[0]!.ratio, noiseFloor); // against the anchor, which is the same network without delay
      rows[drifts ? 'A/A, under drift' : 'A/A, steady'][verdict.control.verdict]++;
      rows[drifts ? 'delayed 2 %, under drift' : 'delayed 2 %, steady'][delayed]++;
      note(`session ${session + 1}`);
      if (!process.stderr.isTTY)
        process.stderr.write(
          `${session + 1}: A/A ${verdict.control.verdict} ${spread(verdict.control.ratio)}, delayed ${delayed} ${spread(verdict.ratios[0]!.ratio)}, ${verdict.launches} launches, ${(took / 1000).toFixed(0)} s\n`,
        );
    }
    return [
      {
        title: 'Verdicts',
        columns: ['pair', 'SAME', 'FASTER', 'SLOWER', 'AMBIGUOUS'],
        rows: Object.entries(rows).map(([name, counts]) => [
          name,
          ...(['SAME', 'FASTER', 'SLOWER', 'AMBIGUOUS'] as const).map((verdict) => String(counts[verdict])),
        ]),
        notes: [
          `${mine.length} sessions of at least 3 launches, refined for at most ${budgetMs / 60_000} minutes, ${threads} threads, batch ${batch}, noise floor ${100 * noiseFloor} %, ${(spentMs / mine.length / 1000).toFixed(0)} s each`,
        ],
      },
    ];
  },
} as const satisfies Bench;
