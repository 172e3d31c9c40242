/**
 * A table with planted truth: true scores are known, each training adds seeded noise. Scores are additive in
 * the genes, or rugged (NK landscape; Kauffman and Levin 1987, doi.org/10.1016/S0022-5193(87)80029-2), and
 * rise with cost up to saturation, as those of networks do. For simulations of searches and of seed racing.
 */
import { seededRandom } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import { choiceSpace } from '../spaces/choice-space.js';
import type { BenchmarkTable, TableRun } from './benchmark-table.js';

export interface PlantedOptions {
  readonly seed: number;
  /** Default 8. */
  readonly genes?: number;
  /** Choices per gene; default 3. */
  readonly choices?: number;
  /** Genes that each gene's effect depends on besides itself; 0 is additive. Default 1. */
  readonly interactions?: number;
  /** Standard deviation of a training's score; the true scores span about 0.5. Default 0.003. */
  readonly noise?: number;
  /** Trainings per network; default 3. */
  readonly seeds?: number;
  /** Whether the space knows the cost; default true. */
  readonly exact?: boolean;
  /** Adds `peak`, the largest of the genes' own costs, as a quantity to minimise; default false. */
  readonly peak?: boolean;
}

export interface PlantedTable extends BenchmarkTable {
  /** Score without noise. */
  truth(candidate: Pick<Candidate, 'genes'>): number;
}

export function plantedTable(options: PlantedOptions): PlantedTable {
  const { seed, genes = 8, choices = 3, interactions = 1, noise = 0.003, seeds = 3 } = options;
  const { exact = true, peak = false } = options;
  const random = seededRandom(`planted/${seed}`);
  const costs = Array.from({ length: genes }, () =>
    Array.from({ length: choices }, (_, choice) => choice * (1 + 4 * random.next())),
  );
  const effects = Array.from({ length: genes }, () =>
    Array.from({ length: choices ** (interactions + 1) }, () => random.next()),
  );
  const costOf = (own: readonly number[]): number =>
    10 + own.reduce((sum, choice, gene) => sum + costs[gene]![choice]!, 0);
  const peaks = seededRandom(`planted/${seed}/peak`);
  const sizes = costs.map((own) => own.map((_, choice) => 1 + choice * peaks.next()));
  const costsOf = (own: readonly number[]): Record<string, number> => ({
    cost: costOf(own),
    ...(peak ? { peak: Math.max(...own.map((choice, gene) => sizes[gene]![choice]!)) } : {}),
  });
  const most = costOf(costs.map((own) => own.indexOf(Math.max(...own))));
  const truthOf = (own: readonly number[]): number => {
    let sum = 0;
    for (let gene = 0; gene < genes; gene++) {
      let index = 0;
      for (let other = 0; other <= interactions; other++)
        index = index * choices + own[(gene + other) % genes]!;
      sum += effects[gene]![index]!;
    }
    const capacity = (costOf(own) - 10) / (most - 10);
    return 0.45 + 0.3 * (1 - Math.exp(-3 * capacity)) + 0.2 * (sum / genes);
  };
  const runs = new Map<string, TableRun[]>();
  return {
    name: `planted-${seed}`,
    source: 'generated',
    space: choiceSpace({
      name: `planted-${seed}`,
      genes: Array.from({ length: genes }, (_, gene) => ({ name: `gene ${gene + 1}`, choices })),
      exactOf: (own) => (exact ? costsOf(own) : {}),
    }),
    quantities: { score: 'higher', cost: 'lower', ...(peak ? { peak: 'lower' } : {}) },
    truth: ({ genes: own }) => truthOf(own),
    runs({ genes: own }) {
      const key = own.join(',');
      let known = runs.get(key);
      if (!known) {
        const noises = seededRandom(`planted/${seed}/${key}`);
        known = Array.from({ length: seeds }, () => ({
          values: { score: truthOf(own) + noise * noises.normal(), ...costsOf(own) },
        }));
        runs.set(key, known);
      }
      return known;
    },
  };
}
