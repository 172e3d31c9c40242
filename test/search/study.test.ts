/** Ask and tell: determinism, replay, repeats, exhaustion, bad values. */
import { describe, expect, it } from 'vitest';
import type { SearchEvent } from '../../src/search/history.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import type { AnyStrategy } from '../../src/search/strategy.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { Study, type StudySettings } from '../../src/search/study.js';
import type { ParamValues } from '../../src/util/params.js';
import { seededRandom } from '../../src/util/random.js';

const trainingFreeOf = (genes: readonly number[]) => ({
  entropy: genes.reduce((sum, choice) => sum + choice, 0),
  effectiveness: genes[0]! / 10,
});
const space = choiceSpace({
  name: 'grid',
  genes: [4, 3, 3, 2].map((choices, index) => ({ name: `gene ${index}`, choices })),
  trainingFreeOf,
});
/** Too large to be listed by a predictor with a pool of 64. */
const largeSpace = choiceSpace({
  name: 'large',
  genes: Array.from({ length: 10 }, (_, index) => ({ name: `gene ${index}`, choices: 3 })),
  trainingFreeOf,
});
const objectives = [
  { name: 'accuracy', better: 'higher' },
  { name: 'macs', better: 'lower' },
] as const;
const evaluate = (genes: readonly number[]): Record<string, number> => ({
  accuracy: genes[0]! + 0.5 * genes[1]! - (genes[0] === 3 && genes[2] === 0 ? 2 : 0),
  macs: 1 + genes[0]! + genes[1]! + 2 * genes[3]! + 0.01 * (genes[7] ?? 0),
});
const settings = (name: StrategyName, more: Partial<StudySettings<readonly number[]>> = {}) => ({
  space,
  objectives: strategies[name].mostObjectives > 1 ? objectives : objectives.slice(0, 1),
  strategy: strategies[name],
  seed: 1,
  ...more,
});

/** Small generations, so that every phase of a strategy falls into a short run. */
const small: Partial<Record<StrategyName, ParamValues>> = {
  predictor: { initial: 6, pool: 64 },
  racing: { strategy: 'nsga2', first: 6 },
  'multi-fidelity': { strategy: 'uniform', seeds: 2 },
  nsga2: { population: 8 },
  nsga3: { population: 8 },
  'regularized-evolution': { population: 8, tournament: 3 },
  tpe: { initial: 6 },
  linas: { batch: 8, pool: 64 },
  'training-free': { population: 20, steps: 60 },
  'cross-entropy': { generation: 8 },
  'per-task': { initial: 8 },
  supernet: { scores: 12, population: 6, check: 5 },
};

/** Runs with several workers whose answers arrive in a random order; returns the log. */
function run(
  name: StrategyName,
  workers: number,
  more: Partial<StudySettings<readonly number[]>>,
): SearchEvent[] {
  const log: SearchEvent[] = [];
  const study = new Study(settings(name, { ...more, onEvent: (event) => log.push(event) }));
  const delays = seededRandom('arrival');
  const open: number[] = [];
  for (let more = true; more || open.length > 0; ) {
    while (more && open.length < workers) {
      const trial = study.ask();
      if (trial) open.push(trial.number);
      else more = false;
    }
    if (open.length === 0) break;
    const [number] = open.splice(delays.integer(open.length), 1);
    study.tell(number!, evaluate(study.history.trials[number!]!.candidate.value), 1);
  }
  return log;
}

type Request = Pick<Extract<SearchEvent, { type: 'asked' }>, 'genes' | 'replicate' | 'fidelity' | 'measure'>;
const askedOf = (event: SearchEvent) => {
  const { genes, replicate, fidelity = 1, measure } = event as Request;
  return { genes, replicate, fidelity, measure };
};
const nextOf = (study: Study<readonly number[]>) => {
  const { candidate, replicate, fidelity, measure } = study.ask()!;
  return { genes: candidate.genes, replicate, fidelity, measure };
};

describe.each(Object.keys(strategies) as StrategyName[])('strategy %s', (name) => {
  it('proposes the same from the same seed, with eight workers and answers out of order', () => {
    expect(run(name, 8, { budget: 40 })).toEqual(run(name, 8, { budget: 40 }));
  });
  it('a study replayed from any prefix of its log proposes what the log has next', () => {
    const log = run(name, 8, { budget: 40 });
    for (let length = 0; length < log.length; length += 7) {
      const at = log.findIndex((event, index) => index >= length && event.type === 'asked');
      if (at < 0) break;
      const study = Study.replay(settings(name, { budget: 40 }), log.slice(0, at));
      expect(nextOf(study)).toEqual(askedOf(log[at]!));
    }
  });
  it('a study of a large space, replayed from any prefix, proposes what the log has next', () => {
    const more = {
      space: largeSpace,
      budget: 60,
      params: small[name] ?? {},
    };
    const log = run(name, 4, more);
    for (let at = 0; at < log.length; at += 5) {
      if (log[at]!.type !== 'asked') continue;
      const study = Study.replay(settings(name, more), log.slice(0, at));
      expect(nextOf(study)).toEqual(askedOf(log[at]!));
    }
  });
  it('killed 50 times at random and resumed from its log, it asks for what an undisturbed run asks for', () => {
    const more = { space: largeSpace, budget: 60, params: small[name] ?? {} };
    const undisturbed = run(name, 4, more);
    const kills = seededRandom('kills');
    const at = Array.from({ length: 50 }, () => kills.integer(undisturbed.length)).sort((a, b) => a - b);
    for (const [index, length] of at.entries()) {
      // Between two kills the study lives on from what the log held at the first.
      const study = Study.replay(settings(name, more), undisturbed.slice(0, length));
      for (const event of undisturbed.slice(length, (at[index + 1] ?? length) + 1)) {
        if (event.type === 'asked') expect(nextOf(study)).toEqual(askedOf(event));
        else if (event.type === 'told') study.tell(event.trial, event.values, event.seconds);
      }
    }
  });
  it('asks for no candidate twice, and ends after the last of them', () => {
    const asked = run(name, 3, { budget: 2000 }).filter((event) => event.type === 'asked');
    if ((strategies[name] as AnyStrategy).repeats) {
      const trials = asked.map(({ key, replicate, fidelity, measure }) =>
        JSON.stringify([key, replicate, fidelity, measure]),
      );
      expect(new Set(trials).size).toBe(asked.length);
      expect(asked.length).toBeLessThan(2000);
      return;
    }
    expect(asked.length).toBe(72);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(72);
  });
  it('goes on after failures and values that are no numbers', () => {
    const study = new Study(settings(name, { budget: 30 }));
    for (let trial = study.ask(); trial; trial = study.ask()) {
      if (trial.number % 3 === 0) study.fail(trial.number, 'crashed');
      else if (trial.number % 3 === 1) study.tell(trial.number, { accuracy: Number.NaN, macs: Number.NaN });
      else study.tell(trial.number, evaluate(trial.candidate.value));
    }
    expect(study.history.trials.length).toBe(30);
    expect(study.history.failed).toBe(20);
    expect(study.history.trials[1]!.reason).toMatch(
      /^evaluator: (accuracy|macs) must be a finite number, got NaN$/,
    );
  });
});

describe('Study', () => {
  it('starts from earlier results, which cost no budget', () => {
    const earlier = [...space.enumerate()]
      .filter((_, index) => index % 2 === 0)
      .map(({ genes }) => ({ genes: [...genes], values: evaluate(genes) }));
    const study = new Study(settings('predictor', { earlier, budget: 30 }));
    const known = new Set(earlier.map(({ genes }) => space.withGenes(genes)!.key));
    expect(known.size).toBe(36);
    expect(study.history.evaluated).toEqual([]);
    const repeated: number[] = [];
    for (let trial = study.ask(); trial; trial = study.ask()) {
      if (known.has(trial.candidate.key)) repeated.push(trial.number);
      study.tell(trial.number, evaluate(trial.candidate.value));
    }
    expect(study.history.trials).toHaveLength(30);
    expect(repeated).toContain(1); // a tenth of the budget tests the earlier front in every other trial
    // Once twelve answers are there, they follow the earlier results, which are believed.
    expect(repeated.filter((number) => number >= 12)).toEqual([]);
    const bad = (genes: number[], values: Record<string, number>) => () =>
      new Study(settings('uniform', { earlier: [{ genes, values }] }));
    expect(bad([9, 9, 9, 9], { accuracy: 1, macs: 1 })).toThrow('must be a member of grid, got [9,9,9,9]');
    expect(bad([0, 0, 0, 0], { macs: 1 })).toThrow('needs a finite accuracy, got undefined');
  });
  it('draws one proposal in ten from the prior', () => {
    const prior = Object.fromEntries(largeSpace.genes.map(({ name: gene }) => [gene, [0, 0, 1]]).slice(0, 9));
    const study = new Study(settings('uniform', { space: largeSpace, prior, budget: 20 }));
    for (let trial = study.ask(); trial; trial = study.ask())
      study.tell(trial.number, evaluate(trial.candidate.value));
    const believed = study.history.trials.filter(({ candidate }) =>
      candidate.genes.slice(0, 9).every((value) => value === 2),
    );
    expect(believed.map(({ number }) => number)).toEqual([5, 15]);
  });
  it('refuses results of trials that are not pending', () => {
    const study = new Study(settings('uniform'));
    const { number } = study.ask()!;
    study.tell(number, { accuracy: 1, macs: 1 });
    expect(() => study.tell(number, { accuracy: 1, macs: 1 })).toThrow('which is complete');
    expect(() => study.tell(17, { accuracy: 1, macs: 1 })).toThrow('got trial 17, which is unknown');
  });
  it('refuses a log of another space', () => {
    const log: SearchEvent[] = [
      { type: 'asked', trial: 0, key: '9,9,9,9', genes: [9, 9, 9, 9], replicate: 1 },
    ];
    expect(() => Study.replay(settings('uniform'), log)).toThrow('must be a member of grid');
  });
  it('evaluates quantities one after the other', () => {
    const study = new Study(
      settings('uniform', {
        strategy: {
          ...strategies.uniform,
          create: ({ space: own }) => ({
            propose: (history, random) => {
              const last = history.trials.at(-1);
              return last?.measure?.[0] === 'macs'
                ? { candidate: last.candidate, repeat: true, measure: ['accuracy'] }
                : { candidate: own.sample(random), measure: ['macs'] };
            },
          }),
        },
      }),
    );
    const first = study.ask()!;
    study.tell(first.number, { macs: 3 });
    expect(study.history.evaluated).toEqual([]);
    expect(study.history.known(first.candidate.key)).toEqual({ macs: 3 });
    const second = study.ask()!;
    expect([second.candidate.key, second.measure]).toEqual([first.candidate.key, ['accuracy']]);
    study.tell(second.number, { accuracy: 0.9 });
    expect(study.history.evaluated[0]!.costs).toEqual([-0.9, 3]);
  });
});
