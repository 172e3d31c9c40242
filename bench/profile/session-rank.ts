/**
 * Compares the rankings of 30 networks of a shipped space by two independent sessions: Kendall's tau, with
 * the ties that each session declares. No pair that both tell apart may be reversed. About 35 minutes;
 * `--quick` takes 8 networks and the first launches alone: too few for an expectation of tau, and no pair is
 * reversed.
 */
import { resolve } from 'node:path';
import { architectureId } from '../../src/architecture/canonical.js';
import { layoutOf } from '../../src/architecture/layout.js';
import { standardProtocol } from '../../src/profile/protocol/protocol.js';
import { anchorNetwork } from '../../src/profile/session/anchor-network.js';
import { runSession, type SessionResult } from '../../src/profile/session/run-session.js';
import { loadSpace } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { kendallTau } from '../../src/util/statistics/kendall.js';
import type { Bench } from '../benchmark.js';

export const rankBench = {
  summary:
    'two sessions over 30 networks of ascan-cpu.space (8 with --quick): do they rank alike? About 35 minutes',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const count = quick ? 8 : 30;
    const networks = loadSpace(
      resolve(import.meta.dirname, '../../search-spaces/ascan-cpu.space'),
    ).sampleDistinct(count, seededRandom(30));
    const candidates = networks.map((architecture) => ({
      name: `${layoutOf(architecture)} ${architectureId(architecture)}`,
      architecture,
    }));
    const sessions: SessionResult[] = [];
    for (const session of [1, 2]) {
      sessions.push(
        await runSession(
          {
            candidates: seededRandom(session).shuffled(candidates),
            anchor: anchorNetwork,
            batch: 16,
            runtime: 'tensorflow',
            execution: 'compiled',
            threads,
            rounds: 2,
            launches: 3,
            together: 6,
            budgetMs: quick ? 0 : 16 * 60_000,
            protocol: { ...standardProtocol, warmupCapMs: 500, minBlockMs: 30 },
          },
          seededRandom(`rank/${session}`),
          {
            onLaunch: (_, launches) => {
              note(`session ${session}, launch ${launches}`);
              if (!process.stderr.isTTY) process.stderr.write(`session ${session}, launch ${launches}\n`);
            },
          },
        ),
      );
    }
    const [first, second] = sessions.map(({ verdict }) => {
      const value = new Map(verdict.ratios.map(({ name, ratio }) => [name, ratio.value]));
      const tied = new Set(
        verdict.pairs
          .filter(
            ({ comparison }) => comparison.verdict === 'SAME' || comparison.verdict === 'NOT TOLD APART',
          )
          .flatMap((pair) => [`${pair.first}|${pair.second}`, `${pair.second}|${pair.first}`]),
      );
      return { value, tied };
    }) as [
      { value: Map<string, number>; tied: Set<string> },
      { value: Map<string, number>; tied: Set<string> },
    ];
    const names = candidates
      .map(({ name }) => name)
      .filter((name) => first.value.has(name) && second.value.has(name));
    const [a, b] = [
      names.map((name) => first.value.get(name)!),
      names.map((name) => second.value.get(name)!),
    ];
    const tie =
      ({ tied }: typeof first) =>
      (i: number, j: number): boolean =>
        tied.has(`${names[i]}|${names[j]}`);
    const either = (i: number, j: number): boolean => tie(first)(i, j) || tie(second)(i, j);
    const [raw, own, common] = [
      kendallTau(a, b),
      kendallTau(a, b, tie(first), tie(second)),
      kendallTau(a, b, either, either),
    ];
    const row = (name: string, { tau, pairs, ties }: typeof raw): string[] => [
      name,
      tau?.toFixed(3) ?? '–',
      String(pairs),
      String(ties),
    ];
    return [
      {
        title: 'Rank',
        columns: ['order', "Kendall's tau", 'pairs', 'ties'],
        rows: [
          row('medians alone', raw),
          row('each session declares its ties', own),
          row('over the pairs that both tell apart', common),
        ],
        notes: [
          `${names.length} networks, ${sessions.map(({ verdict, spentMs }) => `${verdict.launches} launches in ${(spentMs / 60_000).toFixed(0)} min, resolution ${(100 * (verdict.resolution?.relative ?? Number.NaN)).toFixed(1)} %${verdict.void ? ', VOID' : ''}`).join('; ')}; ${threads} threads, batch 16`,
        ],
      },
    ];
  },
} as const satisfies Bench;
