/** Evaluators that throw, hang, return NaN or contradict exact costs: the search goes on and says why. */
import { describe, expect, it } from 'vitest';
import { driveSearch } from '../../src/search/drive-search.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { strategies } from '../../src/search/strategy-table.js';
import { Study } from '../../src/search/study.js';

const space = choiceSpace({
  name: 'grid',
  genes: [3, 3, 2].map((choices, index) => ({ name: `gene ${index}`, choices })),
  exactOf: (genes) => ({ macs: 1 + genes[0]! }),
});
const objectives = [
  { name: 'accuracy', better: 'higher' },
  { name: 'macs', better: 'lower', exact: true },
] as const;

describe('driveSearch', () => {
  it('fails the trials of bad evaluators with their reasons, and evaluates all others', async () => {
    const study = new Study({ space, objectives, strategy: strategies.exhaustive, seed: 1 });
    await driveSearch(study, {
      workers: 3,
      timeoutSeconds: 5,
      after: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
      evaluate({ genes }, { number }) {
        const good = { accuracy: 0.5, macs: 1 + genes[0]! };
        if (number === 1) throw new Error('out of memory');
        if (number === 2) return new Promise(() => {});
        if (number === 3) return { ...good, accuracy: Number.NaN };
        if (number === 4) return { ...good, macs: 0 };
        if (number === 5) return {} as Record<string, number>;
        return good;
      },
    });
    const { trials, evaluated, failed, pending } = study.history;
    expect([trials.length, evaluated.length, failed, pending.length]).toEqual([18, 13, 5, 0]);
    expect(trials.slice(1, 6).map(({ reason }) => reason)).toEqual([
      'evaluator: out of memory',
      'evaluator: an answer is due within 5 s, got none',
      'evaluator: accuracy must be a finite number, got NaN',
      'evaluator: macs must equal the exact 1, got 0',
      'evaluator: accuracy must be a finite number, got undefined',
    ]);
  });
});
