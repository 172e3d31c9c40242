/**
 * Generated tables on which no strategy was tuned, by name. `epistasis`: unordered choices whose effects
 * depend on each other three at a time, so that single choices say little; its cost interacts, too.
 * `staircase`: a latency that rises in steps of the device's tile size, with many ties, and an accuracy that
 * saturates under noise between trainings. No cost is known before it is evaluated.
 */
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import type { BenchmarkTable, TableRun } from '../../src/search/tables/benchmark-table.js';
import { seededRandom } from '../../src/util/random.js';

function table(
  name: string,
  genes: readonly { readonly choices: number; readonly ordered?: boolean }[],
  runsOf: (genes: readonly number[]) => readonly TableRun[],
): BenchmarkTable {
  return {
    name,
    source: 'generated',
    space: choiceSpace({ name, genes: genes.map((gene, at) => ({ name: `gene ${at + 1}`, ...gene })) }),
    quantities: { accuracy: 'higher', latencyMs: 'lower' },
    runs: ({ genes: own }) => runsOf(own),
  };
}

/** 4^7 members. */
function epistasis(): BenchmarkTable {
  const random = seededRandom('epistasis');
  const [count, choices] = [7, 4];
  const triples = Array.from({ length: 9 }, () => {
    const at = random.shuffled(Array.from({ length: count }, (_, gene) => gene)).slice(0, 3);
    return { at, effects: Array.from({ length: choices ** 3 }, () => random.normal()) };
  });
  const costs = Array.from({ length: count }, () =>
    Array.from({ length: choices ** 2 }, () => random.next() ** 2),
  );
  const sumOf = (own: readonly number[]): number =>
    triples.reduce((sum, { at, effects }) => {
      const index = at.reduce((place, gene) => place * choices + own[gene]!, 0);
      return sum + effects[index]!;
    }, 0);
  return table(
    'epistasis',
    Array.from({ length: count }, () => ({ choices })),
    (own) => {
      const latencyMs = own.reduce(
        (sum, choice, gene) => sum + costs[gene]![choice * choices + own[(gene + 1) % count]!]!,
        1,
      );
      const accuracy = 1 / (1 + Math.exp(-0.4 * sumOf(own) - 0.3 * (latencyMs - 3)));
      return [{ values: { accuracy, latencyMs } }];
    },
  );
}

/** 5^6 members: widths of three stages, then their depths. */
function staircase(): BenchmarkTable {
  return table(
    'staircase',
    Array.from({ length: 6 }, () => ({ choices: 5, ordered: true })),
    (own) => {
      const widths = own.slice(0, 3).map((choice, stage) => (24 + 20 * choice) * 2 ** stage);
      const depths = own.slice(3).map((choice) => 1 + choice);
      let [latencyMs, capacity] = [0.4, 0];
      widths.forEach((width, stage) => {
        const tiles = Math.ceil(width / 64) * Math.ceil(widths[stage === 0 ? 0 : stage - 1]! / 64);
        latencyMs += 0.05 * depths[stage]! * tiles * 4 ** (1 - stage);
        capacity += Math.log(width) * Math.sqrt(depths[stage]!) * [0.5, 1, 0.8][stage]!;
      });
      const unbalanced = Math.abs(depths[0]! - depths[2]!) / 4;
      const truth = 0.5 + 0.42 * (1 - Math.exp(-0.11 * capacity)) - 0.02 * unbalanced;
      const noise = seededRandom(`staircase/${own.join(',')}`);
      return Array.from({ length: 3 }, () => ({
        values: { accuracy: truth + 0.004 * noise.normal(), latencyMs },
      }));
    },
  );
}

export const structuredTables = { epistasis, staircase } as const satisfies Record<
  string,
  () => BenchmarkTable
>;
