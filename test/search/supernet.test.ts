/** Search by inherited weights: its phases, the check of its ranking, and the space under a memory limit. */
import { describe, expect, it } from 'vitest';
import { judged } from '../../src/search/inherited-ranking.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { evolveSpace, isWithin, wholeSpace } from '../../src/search/spaces/space-evolution.js';
import { checkedKeys, supernet } from '../../src/search/strategies/supernet.js';
import { Study } from '../../src/search/study.js';
import type { ParamValues } from '../../src/util/params.js';
import { seededRandom } from '../../src/util/random.js';

const space = choiceSpace({
  name: 'grid',
  genes: Array.from({ length: 6 }, (_, index) => ({ name: `gene ${index}`, choices: 4 })),
  exactOf: (genes) => ({
    macs: 1 + genes.reduce((sum, choice) => sum + choice, 0),
    'activation-bytes': 100 * genes[0]! + 10 * genes[1]!,
  }),
});
const objectives = [
  { name: 'accuracy', better: 'higher' },
  { name: 'macs', better: 'lower', exact: true },
] as const;
const accuracyOf = (genes: readonly number[]): number =>
  genes.reduce((sum, choice, gene) => sum + choice * (gene + 1), 0) / 100;

/** Runs to its end. @param inherited the score by inherited weights */
function run(params: ParamValues, inherited: (genes: readonly number[]) => number, budget = 60) {
  const study = new Study({ space, objectives, strategy: supernet, params, seed: 1, budget });
  for (let trial = study.ask(); trial; trial = study.ask()) {
    const { value: genes } = trial.candidate;
    const isInherited = trial.measure?.includes('inherited-accuracy') === true;
    study.tell(
      trial.number,
      isInherited ? { 'inherited-accuracy': inherited(genes) } : { accuracy: accuracyOf(genes) },
    );
  }
  return study.history;
}
const params = { scores: 30, population: 10, check: 6 };
const noise = (genes: readonly number[]): number => seededRandom(genes.join()).next();

describe('strategy supernet', () => {
  it('scores, trains the first draws for the check, then the front by inherited scores', () => {
    const history = run(params, (genes) => 0.5 * accuracyOf(genes));
    const scored = history.trials.slice(0, 30);
    expect(scored.every(({ measure }) => measure?.[0] === 'inherited-accuracy')).toBe(true);
    expect(new Set(scored.map(({ candidate }) => candidate.key)).size).toBe(30);
    const trained = history.trials.slice(30);
    expect(trained.every(({ measure }) => measure === undefined)).toBe(true);
    const keys = trained.map(({ candidate }) => candidate.key);
    expect(keys.slice(0, 6)).toEqual(scored.slice(0, 6).map(({ candidate }) => candidate.key));
    expect(checkedKeys(history, objectives, 6)).toEqual(keys.slice(0, 6));
    expect(new Set(keys).size).toBe(keys.length);
    const merits = scored.map(({ candidate: { value } }) => [
      accuracyOf(value),
      space.exact(space.withGenes(value)!)['macs']!,
    ]);
    const isOnFront = (at: number): boolean =>
      !merits.some(
        ([a, m]) =>
          a! >= merits[at]![0]! && m! <= merits[at]![1]! && (a! > merits[at]![0]! || m! < merits[at]![1]!),
      );
    const front = scored.filter((_, at) => isOnFront(at)).map(({ candidate }) => candidate.key);
    expect(new Set([...keys.slice(0, 6), ...front])).toEqual(new Set(keys));
    expect(history.evaluated).toHaveLength(keys.length);
  });

  it('evolution by inherited scores finds better networks than its first draws', () => {
    const history = run({ ...params, scores: 50 }, accuracyOf, 50);
    const merit = (from: number, to: number): number => {
      const part = history.trials
        .slice(from, to)
        .map(({ candidate }) => accuracyOf(candidate.value) - space.exact(candidate)['macs']! / 50);
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    };
    expect(merit(40, 50)).toBeGreaterThan(merit(0, 10));
  });

  it('a ranking that trainings contradict is not followed: uniform draws use up the budget', () => {
    const history = run(params, noise);
    const front = history.trials.slice(36).filter(({ candidate }) => history.timesAsked(candidate.key) > 1);
    expect(history.trials).toHaveLength(60);
    expect(front.length).toBeLessThan(6);
  });

  it('under a memory limit every scored member keeps it', () => {
    const history = run({ ...params, memory: 150 }, accuracyOf);
    const scored = history.trials.filter(({ measure }) => measure !== undefined);
    expect(scored.length).toBe(30);
    for (const { candidate } of scored)
      expect(space.exact(candidate)['activation-bytes']).toBeLessThanOrEqual(150);
  });

  it('a space smaller than the scores asked for is scored whole, then trained', () => {
    const small = choiceSpace({
      name: 'small',
      genes: [
        { name: 'a', choices: 4 },
        { name: 'b', choices: 2 },
      ],
    });
    const study = new Study({
      space: small,
      objectives: objectives.slice(0, 1),
      strategy: supernet,
      params,
      seed: 2,
    });
    for (let trial = study.ask(); trial; trial = study.ask()) {
      const merit = 2 * trial.candidate.value[0]! + trial.candidate.value[1]!;
      study.tell(trial.number, trial.measure ? { 'inherited-accuracy': merit } : { accuracy: merit });
    }
    expect(study.history.trials.filter(({ measure }) => measure).length).toBe(8);
    expect(study.history.evaluated.length).toBeGreaterThanOrEqual(6);
  });
});

describe('judged', () => {
  it('says in words whether the ranking is trusted, with tau and its interval', () => {
    const trained = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(judged(trained, trained).text).toMatch(
      /^the ranking by inherited weights is trusted: .* tau against 10 trained networks 1\.00 \[0\.\d\d, 1\.00\]$/,
    );
    expect(judged([3, 1, 2, 5, 4, 1, 5, 2, 4, 3], trained)).toMatchObject({ isTrusted: false, networks: 10 });
    expect(judged([1, 2], [1, 2])).toMatchObject({ isTrusted: false, networks: 2 });
    expect(judged([1, 2], [1, 2]).tau).toBeUndefined();
  });
});

describe('evolveSpace', () => {
  it('drops choices that score worse and exceed the limit, and keeps a legal member', () => {
    const random = seededRandom('evolve');
    const draws = Array.from({ length: 200 }, () => space.sample(random));
    const scored = draws.map(({ genes }) => ({ genes, error: -genes[5]! }));
    const isLegal = ({ genes }: { readonly genes: readonly number[] }): boolean =>
      100 * genes[0]! + 10 * genes[1]! <= 100;
    let allowed = wholeSpace(space);
    for (let step = 0; step < 6; step++)
      allowed = evolveSpace(space, allowed, scored, isLegal, random.fork(`${step}`));
    expect([...allowed[0]!]).not.toContain(3); // 300 bytes
    expect([...allowed[5]!]).toContain(3); // the best scores
    expect([...allowed[5]!]).not.toContain(0);
    expect(allowed.every((choices) => choices.size > 0)).toBe(true);
    expect(draws.some((draw) => isWithin(draw.genes, allowed) && isLegal(draw))).toBe(true);
  });
});
