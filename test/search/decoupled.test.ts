/** Decoupled evaluation: what is measured first, and what is dropped. */
import { describe, expect, it } from 'vitest';
import { strategies } from '../../src/search/strategy-table.js';
import { Study } from '../../src/search/study.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';

describe('decoupled', () => {
  it('measures costs first and trains fewer networks, at nearly the same front', () => {
    const table = plantedTable({ seed: 4, genes: 5, noise: 0 });
    const objectives = [
      { name: 'score', better: 'higher' },
      { name: 'cost', better: 'lower' },
    ] as const;
    const study = new Study({
      space: table.space,
      objectives,
      strategy: strategies.decoupled,
      params: { strategy: 'exhaustive' },
      seed: 1,
    });
    const trained: string[] = [];
    for (let trial = study.ask(); trial; trial = study.ask()) {
      const { values } = table.runs(trial.candidate)[0]!;
      expect(trial.measure).toEqual(trial.measure!.includes('score') ? ['score'] : ['cost']);
      if (trial.measure!.includes('score')) trained.push(trial.candidate.key);
      study.tell(trial.number, Object.fromEntries(trial.measure!.map((name) => [name, values[name]!])));
    }
    expect(study.history.distinct).toBe(243);
    expect(trained.length).toBe(new Set(trained).size);
    expect(trained.length).toBeLessThan(0.8 * 243);
    const all = [...table.space.enumerate()];
    const truth = (genes: readonly number[], key: string) => {
      const { score, cost } = table.runs({ genes, key, value: genes })[0]!.values as Record<string, number>;
      return { score: score!, cost: cost! };
    };
    const costs = all.map(({ genes, key }) => truth(genes, key));
    const front = all.filter((_, own) =>
      costs.every(
        ({ score, cost }, other) => other === own || score < costs[own]!.score || cost > costs[own]!.cost,
      ),
    );
    const found = front.filter(({ key }) => trained.includes(key)).length;
    expect(found / front.length).toBeGreaterThan(0.85);
  });
});
