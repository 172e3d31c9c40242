/**
 * Are verdicts right on this machine? Sessions of one network three times: as it is, again, and with 2 % delay planted in every
 * pass; in every second session a drift of 3 % is planted under all of them. The plain pair must be SAME, the delayed one SLOWER.
 */
import { resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { anchorNetwork } from '../../src/profile/anchor.js';
import { runSession } from '../../src/profile/run-session.js';
import { standardProtocol } from '../../src/profile/protocols.js';
import { seededRandom } from '../../src/util/random.js';
import type { Verdict } from '../../src/util/statistics/paired.js';
import type { Bench } from './bench.js';

const delay = 0.02;
const drift = 0.03;
const planted = (share: number): Architecture => ({ ...anchorNetwork, planted: { delay: share } } as Architecture);
type Counts = Record<Verdict, number>;
const none = (): Counts => ({ SAME: 0, FASTER: 0, SLOWER: 0, AMBIGUOUS: 0 });

export const verdictsBench = {
  summary: '100 A/A sessions (4 with --quick) with a planted 2 % delay, half of them under a planted 3 % drift',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const sessions = quick ? 4 : 100;
    const rows = { 'A/A, steady': none(), 'A/A, under drift': none(), 'control, all': none(), 'delayed 2 %, steady': none(), 'delayed 2 %, under drift': none() };
    let spentMs = 0;
    for (let session = 0; session < sessions; session++) {
      const drifts = session % 2 === 1;
      const { verdict, spentMs: took } = await runSession({
        candidates: [{ name: 'plain', architecture: planted(0) }, { name: 'plain again', architecture: planted(0) }, { name: 'delayed', architecture: planted(delay) }],
        anchor: anchorNetwork, batch: 16, runtime: 'tensorflow', execution: 'compiled', threads, rounds: 4, mostRounds: 12, launches: 3, together: 6, budgetMs: 120_000,
        protocol: { ...standardProtocol, warmupCapMs: 400, minBlockMs: 30 }, comparison: { noiseFloor: 0.01 },
      }, seededRandom(`verdicts/${session}`), { entry: resolve(import.meta.dirname, 'planted/session-child.mjs'), environment: drifts ? { DRIFT: String(drift) } : {} });
      spentMs += took;
      const of = (first: string, second: string): Verdict => {
        const pair = verdict.pairs.find((each) => [each.first, each.second].includes(first) && [each.first, each.second].includes(second))!;
        const said = pair.comparison.verdict;
        return pair.first === first || said === 'SAME' || said === 'AMBIGUOUS' ? said : said === 'FASTER' ? 'SLOWER' : 'FASTER';
      };
      rows[drifts ? 'A/A, under drift' : 'A/A, steady'][of('plain', 'plain again')]++;
      rows[drifts ? 'delayed 2 %, under drift' : 'delayed 2 %, steady'][of('delayed', 'plain')]++;
      rows['control, all'][verdict.control.verdict]++;
      note(`session ${session + 1} of ${sessions}`);
      if (!process.stderr.isTTY) process.stderr.write(`${session + 1}: A/A ${of('plain', 'plain again')}, delayed ${of('delayed', 'plain')}, control ${verdict.control.verdict}, ${verdict.launches} launches\n`);
    }
    return [{
      title: 'Verdicts', columns: ['pair', 'SAME', 'FASTER', 'SLOWER', 'AMBIGUOUS'],
      rows: Object.entries(rows).map(([name, counts]) => [name, ...(['SAME', 'FASTER', 'SLOWER', 'AMBIGUOUS'] as const).map((verdict) => String(counts[verdict]))]),
      notes: [`${sessions} sessions of at least 3 launches, at most 2 minutes of refinement, ${threads} threads, batch 16, noise floor 1 %, ${(spentMs / sessions / 1000).toFixed(0)} s each`],
    }];
  },
} as const satisfies Bench;
