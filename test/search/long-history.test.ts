/** What strategies read of a long history: bounded, and a function of the history alone. */
import { describe, expect, it } from 'vitest';
import { BoundedArrivals } from '../../src/search/bounded-arrivals.js';
import { History, type SearchEvent } from '../../src/search/history.js';
import { MovingFront } from '../../src/search/moving-front.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { strategies } from '../../src/search/strategy-table.js';
import { Study } from '../../src/search/study.js';
import { frontIndices } from '../../src/util/pareto/front.js';
import { referencePoint } from '../../src/util/pareto/hypervolume.js';
import { seededRandom } from '../../src/util/random.js';

const emptyHistory = () =>
  new History<number>({
    objectives: ['a', 'b'],
    costsOf: (values) => [values['a']!, values['b']!],
    violationOf: (values) => Math.max(0, values['a']! - 0.9),
  });

/** A further evaluation of network `index`. */
function evaluate(history: History<number>, index: number, a: number, b: number): void {
  const candidate = { key: String(index), genes: [index], value: index };
  const replicate = history.timesAsked(candidate.key) + 1;
  const { number } = history.ask(candidate, { replicate });
  history.complete(number, { a, b }, 0);
}

describe('BoundedArrivals', () => {
  const history = emptyHistory();
  const random = seededRandom(1);
  for (let index = 0; index < 900; index++) evaluate(history, index, random.next(), random.next());
  const { evaluated } = history;
  const bounds = { recent: 200, step: 50, kept: 30 };
  it('is the whole of a short history, and bounded beyond', () => {
    const arrivals = new BoundedArrivals<number>(bounds);
    for (let length = 0; length <= 900; length++) {
      const own = arrivals.of(evaluated, length);
      if (length <= 200) expect(own).toEqual(evaluated.slice(0, length));
      expect(own.length).toBeLessThanOrEqual(230);
      expect(new Set(own).size).toBe(own.length);
    }
  });
  it('holds the last arrivals and the feasible front of those before', () => {
    const own = new Set(new BoundedArrivals<number>(bounds).of(evaluated, 900));
    for (const entry of evaluated.slice(-150)) expect(own).toContain(entry);
    const feasible = evaluated.filter(({ violation }) => violation === 0);
    const front = frontIndices(feasible.map(({ costs }) => costs));
    expect(front.length).toBeGreaterThan(5);
    for (const index of front) expect(own).toContain(feasible[index]);
  });
  it('is the same whether it has followed the history or begins at its end', () => {
    const following = new BoundedArrivals<number>(bounds);
    for (let length = 0; length < 877; length += 13) following.of(evaluated, length);
    expect(following.of(evaluated, 877)).toEqual(new BoundedArrivals<number>(bounds).of(evaluated, 877));
  });
});

describe('MovingFront', () => {
  it.each([1, 2, 3])('is the front and the range of all current means, with repetitions, seed %i', (seed) => {
    const random = seededRandom(`moving/${seed}`);
    const history = emptyHistory();
    const isFeasible = ({ violation }: { readonly violation: number }): boolean => violation === 0;
    const [all, feasible] = [new MovingFront<number>(), new MovingFront<number>(isFeasible)];
    const truth = Array.from({ length: 400 }, () => [random.next(), random.next()] as const);
    let next = 0;
    for (let step = 0; step < 1200; step++) {
      const { entries } = all;
      // Mostly networks of the front are repeated, whose means then rise.
      const repeated =
        random.next() < 0.7
          ? entries[random.integer(Math.max(1, entries.length))]?.candidate.value
          : random.integer(Math.max(1, next));
      const index = next === 0 || (next < 400 && random.next() < 0.4) ? next++ : (repeated ?? 0);
      const [a, b] = truth[index]!;
      evaluate(history, index, a + 0.1 * random.normal(), b + 0.1 * random.normal());
      if (random.next() < 0.3) continue; // several changes at once
      for (const [front, kept] of [
        [all, history.evaluated],
        [feasible, history.evaluated.filter(isFeasible)],
      ] as const) {
        front.update(history);
        const costs = kept.map((entry) => entry.costs);
        expect(front.entries).toEqual(frontIndices(costs).map((at) => kept[at]));
        if (kept.length > 0) expect(front.reference).toEqual(referencePoint(costs));
      }
    }
    expect(history.repeated).toBeGreaterThan(600);
  });
});

describe('a strategy beyond the length at which it reads a part of the history', () => {
  const space = choiceSpace({
    name: 'large',
    genes: Array.from({ length: 10 }, (_, index) => ({ name: `gene ${index}`, choices: 4 })),
  });
  const evaluateGenes = (genes: readonly number[]): Record<string, number> => ({
    score: genes.reduce((sum, choice, gene) => sum + Math.sin(choice * (1 + genes[(gene + 1) % 10]!)), 0),
    cost: genes.reduce((sum, choice, gene) => sum + choice * (1 + (gene % 3)), 0),
  });
  /** Answers of an earlier strategy, so that the one under test begins with a long history. */
  const earlier = 1018;
  const settings = {
    space,
    objectives: [
      { name: 'score', better: 'higher' },
      { name: 'cost', better: 'lower' },
    ] as const,
    seed: 3,
  };
  const log: SearchEvent[] = [];
  const first = new Study({ ...settings, strategy: strategies.uniform, onEvent: (event) => log.push(event) });
  for (let trial = 0; trial < earlier; trial++) {
    const { number, candidate } = first.ask()!;
    first.tell(number, evaluateGenes(candidate.genes));
  }
  it.each([
    ['predictor', { pool: 64 }],
    ['predictor', { pool: 64, acquisition: 'nehvi' }],
    ['racing', { strategy: 'nsga2' }],
    ['linas', { batch: 8, pool: 64 }],
    ['tpe', {}],
  ] as const)('%s %j proposes the same when it is resumed', (name, params) => {
    const own = { ...settings, strategy: strategies[name], params };
    const whole = [...log];
    const study = Study.replay({ ...own, onEvent: (event) => whole.push(event) }, log);
    const pending: number[] = [];
    for (let trial = 0; trial < 40; trial++) {
      pending.push(study.ask()!.number);
      if (pending.length < 3) continue; // three workers, the last to ask answers first
      const number = pending.splice(trial % 2, 1)[0]!;
      study.tell(number, evaluateGenes(study.history.trials[number]!.candidate.genes));
    }
    const asked = whole.flatMap((event, at) => (event.type === 'asked' && at >= log.length ? [at] : []));
    for (const at of asked.filter((_, index) => index % 13 === 3)) {
      const { candidate, replicate } = Study.replay(own, whole.slice(0, at)).ask()!;
      expect({ key: candidate.key, replicate }).toEqual({
        key: (whole[at] as { readonly key: string }).key,
        replicate: (whole[at] as { readonly replicate: number }).replicate,
      });
    }
  });
});
