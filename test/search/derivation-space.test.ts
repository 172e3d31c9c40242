/** Derivations of a grammar and cells in NASNet's manner: counts, moves, and searches over them. */
import { describe, expect, it } from 'vitest';
import {
  cellSpace,
  type Derivation,
  derivationSpace,
  NASNET_OPERATIONS,
  openStudy,
  type StrategyName,
  seededRandom,
} from '../../src/search/api.js';

/** einspace's shape: a module is an operation, two in turn, or a branching around one. */
const rules = {
  module: [['operation'], ['module', 'module'], ['branch', 'module', 'add']],
  operation: [['conv'], ['attention'], ['pool']],
};
const SIZE = 7;
const space = derivationSpace({ name: 'modules', rules, size: SIZE, keyOf: (tree) => JSON.stringify(tree) });

const sizeOf = ({ children }: Derivation): number => children.reduce((sum, child) => sum + sizeOf(child), 1);
/** Derivations of exactly `size` rule applications, by the recurrence of the rules written out. */
function modules(size: number): number {
  if (size < 2) return 0;
  let count = size === 2 ? 3 : 0;
  for (let left = 2; left < size - 2; left++) count += modules(left) * modules(size - 1 - left);
  return count + modules(size - 1);
}

describe('derivationSpace', () => {
  const members = [...space.enumerate()];
  it('lists every derivation of the size once', () => {
    const expected = Array.from({ length: SIZE }, (_, at) => modules(at + 1)).reduce((a, b) => a + b);
    expect(members.length).toBe(expected);
    expect(new Set(members.map(({ key }) => key)).size).toBe(expected);
    expect(Math.max(...members.map(({ value }) => sizeOf(value)))).toBe(SIZE);
  });
  it('draws uniformly over derivations', () => {
    const random = seededRandom('draws');
    const counts = new Map<string, number>();
    const draws = 60 * members.length;
    for (let draw = 0; draw < draws; draw++) {
      const { key } = space.sample(random);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const chi = members.reduce((sum, { key }) => sum + ((counts.get(key) ?? 0) - 60) ** 2 / 60, 0);
    // Chi-square: mean n − 1, deviation √(2(n − 1)).
    expect(Math.abs(chi - (members.length - 1))).toBeLessThan(4 * Math.sqrt(2 * (members.length - 1)));
  });
  it('every move is a member that its genes rebuild', () => {
    const known = new Set(members.map(({ key }) => key));
    const random = seededRandom('moves');
    let current = space.sample(random);
    for (let move = 0; move < 300; move++) {
      const other = space.sample(random);
      const next = move % 2 === 0 ? space.mutate(current, random) : space.crossover(current, other, random);
      expect(known.has(next.key)).toBe(true);
      expect(space.withGenes(next.genes)!.key).toBe(next.key);
      current = next;
    }
    const near = space.neighbours(current);
    expect(near.length).toBeGreaterThan(0);
    for (const { key } of near) expect(known.has(key) && key !== current.key).toBe(true);
    expect(space.withGenes(current.genes.map(() => 9))).toBeUndefined();
    expect(space.withGenes([0, ...new Array<number>(SIZE - 1).fill(-1)])).toBeUndefined();
  });
  it.each(['regularized-evolution', 'nsga2', 'tpe'] as StrategyName[])(
    '%s comes nearer to a planted network in a larger grammar than uniform draws do',
    (strategy) => {
      const large = derivationSpace({ name: 'large', rules, size: 13 });
      const wanted = 'branch conv attention add pool'.split(' ');
      const scoreOf = (key: string): number => {
        const own = key.split(' ');
        const hits = wanted.filter((word, at) => own[at] === word).length;
        return hits - 0.5 * Math.abs(own.length - wanted.length);
      };
      const generation = { population: 20 };
      const params = { 'regularized-evolution': generation, nsga2: generation };
      const best = (name: StrategyName): number =>
        Array.from({ length: 12 }, (_, seed) => seed).reduce((sum, seed) => {
          const objectives = [{ name: 'score', better: 'higher' }] as const;
          const own = params[name as keyof typeof params] ?? {};
          const study = openStudy({
            space: large,
            objectives,
            strategy: name,
            params: own,
            seed,
            budget: 100,
          });
          for (let trial = study.ask(); trial; trial = study.ask())
            study.tell(trial.number, { score: scoreOf(trial.candidate.key) });
          return sum - Math.min(...study.history.evaluated.map(({ costs }) => costs[0]!));
        }, 0);
      expect(best(strategy)).toBeGreaterThan(best('uniform'));
    },
  );
  it('refuses a start without rules, and a grammar without an end', () => {
    expect(() => derivationSpace({ name: 'g', rules, start: 'modul', size: 5 })).toThrow(
      'g: start must be a symbol with rules, got "modul"',
    );
    expect(() => derivationSpace({ name: 'g', rules: { a: [['a', 'a']] }, size: 9 })).toThrow(
      'g: a must have a derivation of at most 9 rule applications, got none',
    );
  });
});

describe('cellSpace', () => {
  it('has the size of the paper, and one key for steps whose halves are swapped', () => {
    const { space: cells, cellsOf } = cellSpace();
    const perCell = [2, 3, 4, 5, 6].reduce((size, inputs) => size * BigInt(inputs * 13) ** 2n * 2n, 1n);
    expect(cells.size).toBe(perCell ** 2n);
    const zeros = cells.genes.map(() => 0);
    const genes = [...zeros];
    genes.splice(0, 5, 0, 1, 3, 4, 0);
    const swapped = [...zeros];
    swapped.splice(0, 5, 1, 0, 4, 3, 0);
    expect(cells.withGenes(genes)!.key).toBe(cells.withGenes(swapped)!.key);
    const [normal] = cellsOf({ genes });
    expect(normal!.steps[0]).toEqual({
      inputs: [0, 1],
      operations: [NASNET_OPERATIONS[3], NASNET_OPERATIONS[4]],
      combination: 'add',
    });
    expect(normal!.outputs).toEqual([2, 3, 4, 5, 6]);
  });
});
