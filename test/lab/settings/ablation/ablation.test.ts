/** Ablations from a file to a verdict, over a real database; trainings are recorded with planted scores. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { effectSentence, verdictSentence } from '../../../../src/analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../../../src/analysis/ablation/analyse-ablation.js';
import { architectureId } from '../../../../src/architecture/canonical.js';
import { layoutOf } from '../../../../src/architecture/layout.js';
import type { Experiment } from '../../../../src/lab/experiment.js';
import { experimentFromText } from '../../../../src/lab/load-experiment.js';
import { armRows, planExperiment } from '../../../../src/lab/plan.js';
import { costMiss } from '../../../../src/lab/settings/ablation/equal-cost.js';
import { withNextArms } from '../../../../src/lab/settings/ablation/next-arms.js';
import { networkCost } from '../../../../src/network/network-cost.js';
import type { ExperimentResult } from '../../../../src/store/experiment-result.js';
import { openStore, readExperimentResult, type Store } from '../../../../src/store/open-store.js';
import { assertFrozenPlan, recordAblation } from '../../../../src/store/record-ablation.js';
import { recordExperiment, recordSession, recordTraining } from '../../../../src/store/record-results.js';
import { DiagnosticError } from '../../../../src/util/errors.js';
import { seededRandom } from '../../../../src/util/random.js';
import { deviceKey, temporaryFolder, trainResult } from '../../../store/stored-experiment.js';

const space = `space small
  input 16x16x3
  classes 4
  block C = fused-mbconv(expand: 2, kernel: 3)
  block T = transformer(head-dim: 4, mlp: 2)
  stem conv(width: 16, layers: 1, stride: 1)
  stage 1  width 16  C{1,2}
  stage 2  width 32  (C | T){2,4}
  head pool-linear
`;

const text = (settings: readonly string[], name = 'try'): string =>
  [
    `experiment ${name}`,
    '  space small.space',
    '  data motif(train: 40, validation: 20, seed: 1)',
    ...(settings.some((line) => line.startsWith('train'))
      ? []
      : ['  train adamw(epochs: 1) seeds {1, 2, 3, 4, 5, 6}']),
    ...settings.map((line) => `  ${line}`),
    '',
  ].join('\n');

const question = 'question "does it help?"';
const baseline = 'baseline CC-CCTT';

function load(settings: readonly string[], name?: string): Experiment {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'small.space'), space);
  return experimentFromText(text(settings, name), join(folder, 'x.experiment'));
}

function findings(settings: readonly string[]): string[] {
  try {
    load(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(DiagnosticError);
    return (error as DiagnosticError).diagnostics.map(({ message }) => message);
  }
  return [];
}

const armNames = (experiment: Experiment): string[] => experiment.ablation!.arms.map(({ name }) => name);

describe('arms of an ablation file', () => {
  it('each kind of factor changes what it names', () => {
    const { ablation } = load([
      question,
      baseline,
      'factors {block(letter: C, to: {mbconv, convnext}), layout(to: CC-CTTT), order(to: t-first), depth(stage: 1, to: 3), width(stage: 2, to: 48), parameter(of: T, parameter: mlp, to: 4), recipe(parameter: weight-decay, to: 0)}',
    ]);
    const [base, mbconv, convnext, layout, order, depth, width, mlp, recipe] = ablation!.arms;
    expect(base!.name).toBe('baseline');
    const blocksOf = (arm: typeof base): string[] => [
      ...new Set(arm!.architecture.stages.flatMap(({ blocks }) => blocks.map(({ type }) => type))),
    ];
    expect([base, mbconv, convnext].map(blocksOf)).toEqual([
      ['fused-mbconv', 'transformer'],
      ['mbconv', 'transformer'],
      ['convnext', 'transformer'],
    ]);
    expect(layoutOf(layout!.architecture)).toBe('CC-CTTT');
    expect(layoutOf(order!.architecture)).toBe('CC-TTCC');
    expect(layoutOf(depth!.architecture)).toBe('CCC-CCTT');
    expect(width!.architecture.stages.map((stage) => stage.width)).toEqual([16, 48]);
    expect(mlp!.architecture.stages[1]!.blocks[3]!.params['mlp']).toBe(4);
    expect(recipe!.recipe!.optimizer).not.toEqual(base!.recipe!.optimizer);
    expect(architectureId(recipe!.architecture)).toBe(architectureId(base!.architecture));
  });

  it('trains every arm with one seed before the next seed, each with its own recipe', () => {
    const experiment = load([question, baseline, 'factors {recipe(parameter: weight-decay, to: {0, 0.2})}']);
    const { jobs } = planExperiment(experiment, '');
    expect(jobs.map(({ replicate }) => replicate)).toEqual(
      [1, 2, 3, 4, 5, 6].flatMap((seed) => [seed, seed, seed]),
    );
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(18);
    expect(jobs[1]!.recipe).not.toEqual(jobs[0]!.recipe);
    expect(experiment.architectures).toHaveLength(1);
  });

  it('an arm at the baseline is the trial of any experiment with that training', () => {
    const experiment = load([question, baseline, 'factors {recipe(parameter: weight-decay, to: 0)}']);
    const { ablation: _, ...plain } = experiment;
    const [armTrial] = planExperiment(experiment, '').jobs;
    const [plainTrial] = planExperiment(plain, '').jobs;
    expect(armTrial!.id).toBe(plainTrial!.id);
  });

  it('names what is missing or does not fit', () => {
    expect(findings(['factors {block(letter: C, to: mbconv)}']).sort()).toEqual([
      'an ablation must state a question, got none',
      'an ablation needs a baseline, got none',
    ]);
    expect(findings([question, baseline, 'sample all', 'factors {block(letter: C, to: mbconv)}'])[0]).toBe(
      'an ablation takes its networks from factors, got a sample too',
    );
    expect(findings([question, baseline, 'factors {block(letter: Z, to: mbconv)}'])[0]).toContain('got "Z"');
    expect(findings([question, baseline, 'factors {block(letter: C, to: mbcnv)}'])[0]).toContain(
      'got "mbcnv"',
    );
    expect(findings([question, baseline, 'factors {recipe(parameter: nothing, to: 1)}'])[0]).toBe(
      'recipe: unknown parameter, got "nothing"',
    );
    expect(findings([question, baseline, 'factors {layout(to: CC-CCTT)}'])[0]).toContain('arms must differ');
    expect(findings([question, 'sample all'])[0]).toBe('question belongs to an ablation, got no factors');
    expect(
      findings([question, baseline, 'stopping median', 'factors {block(letter: C, to: mbconv)}'])[0],
    ).toContain('must be alike, got stopping');
    expect(
      findings([
        question,
        baseline,
        'design fractional-factorial',
        'factors {block(letter: C, to: mbconv)}',
      ])[0],
    ).toContain('fractional-factorial');
  });
});

describe('guidance', () => {
  const factors = 'factors {recipe(parameter: guidance, to: 2), recipe(parameter: guide-epochs, to: 1)}';

  it('needs a guide, which the ids of guided trainings alone cover', () => {
    const [message] = findings([question, baseline, 'design path(keep: all)', factors]);
    expect(message).toBe('guidance needs a guide network, got none');
    expect(findings([question, baseline, 'design path(keep: all)', factors, 'guide CC-CCXX'])[0]).toContain(
      'CC-CCXX',
    );
    const only = 'factors {recipe(parameter: guidance, to: 2)}';
    const experiment = load([question, baseline, only, 'guide CC-CCCC']);
    const other = load([question, baseline, only, 'guide CC-TTTT']);
    const trainings = ({ ablation, ...rest }: Experiment): string[] =>
      planExperiment({ ...rest, ...(ablation && { ablation }) }, '')
        .jobs.filter(({ kind, replicate }) => kind === 'train' && replicate === 1)
        .map(({ id }) => id);
    const [[plain, guided], [otherPlain, otherGuided]] = [trainings(experiment), trainings(other)];
    expect(plain).toBe(otherPlain);
    expect(guided).not.toBe(otherGuided);
    expect(experiment.ablation!.planHash).not.toBe(other.ablation!.planHash);
  });
});

describe('rule', () => {
  it('warns where any-time looks cannot decide with so few seeds', () => {
    const factors = 'factors {block(letter: C, to: {mbconv, convnext})}';
    const warnings = (settings: readonly string[]): string[] =>
      load([question, baseline, factors, 'rule better', ...settings]).warnings.map(({ message }) => message);
    expect(warnings(['train adamw(epochs: 1) seeds {1, 2, 3, 4}'])).toEqual([
      'rule: any-time looks at 2 comparisons decide nothing below 6 seeds, got 4',
    ]);
    expect(warnings([])).toEqual([]);
  });
});

describe('hold equal', () => {
  const held = (hold: string, factors: string): Experiment => load([question, baseline, hold, factors]);

  it('brings every arm within its tolerance by width or depth', () => {
    for (const [hold, factors] of [
      ['hold equal(macs: 0.03)', 'factors {block(letter: C, to: {mbconv, convnext}), layout(to: CC-TTTT)}'],
      [
        'hold equal(params: 0.02)',
        'factors {block(letter: C, to: mbconv), parameter(of: T, parameter: mlp, to: 4)}',
      ],
      ['hold equal(macs: 0.05, params: 0.2)', 'factors {layout(to: CC-CTTT)}'],
      ['hold equal(macs: 0.15, by: depth)', 'factors {parameter(of: C, parameter: expand, to: 1)}'],
    ] as const) {
      const { ablation } = held(hold, factors);
      for (const { architecture } of ablation!.arms)
        expect(costMiss(architecture, ablation!.baseline, ablation!.hold)).toBeLessThanOrEqual(1);
    }
  });

  it('scales widths by whole heads, and leaves arms within the tolerance alone', () => {
    const { ablation } = held('hold equal(macs: 0.03)', 'factors {layout(to: CC-TTTT), order(to: t-first)}');
    const [base, layout, order] = ablation!.arms;
    expect(layout!.architecture.stages[1]!.width % 4).toBe(0);
    expect(order!.architecture.stages.map(({ width }) => width)).toEqual(
      base!.architecture.stages.map(({ width }) => width),
    );
    expect(networkCost(layout!.architecture).total.macs).not.toBe(networkCost(base!.architecture).total.macs);
  });

  it('refuses where no scaled network is within the tolerance', () => {
    const [message] = findings([
      question,
      baseline,
      'hold equal(macs: 0.0001, by: depth)',
      'factors {block(letter: C, to: mbconv)}',
    ]);
    expect(message).toMatch(
      /C = mbconv: equal cost: a network must have macs within 0.01 % .* by depth, got/,
    );
  });
});

/** Stores what is planned, and a training of each trial with the score that `top1` gives its arm. */
function runInto(
  store: Store,
  experiment: Experiment,
  top1: (arm: string, seed: number) => number,
): ExperimentResult {
  const frozen = {
    experimentId: experiment.id,
    name: experiment.name,
    planHash: experiment.ablation!.planHash,
    plan: experiment.ablation!.plan,
  };
  assertFrozenPlan(store, frozen);
  const plan = planExperiment(experiment, '2026-01-01T00:00:00.000Z');
  recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
  recordAblation(store, frozen, armRows(experiment));
  const { sessionId } = recordSession(store, experiment.id, deviceKey, {});
  const arms = armRows(experiment);
  for (const trial of plan.trials) {
    const arm = arms.find(
      (each) => each.architectureId === trial.architecture_id && each.settings === trial.settings,
    )!;
    try {
      recordTraining(store, { trialId: trial.id, sessionId }, trainResult(top1(arm.name, trial.replicate)));
    } catch (error) {
      if (!String(error).includes('trained once')) throw error; // stored by an earlier round
    }
  }
  return readExperimentResult(store, experiment.id);
}

/** Seed effects that arms share, so that pairs differ less than runs, with a little noise of each run. */
const planted =
  (effects: Readonly<Record<string, number>>) =>
  (arm: string, seed: number): number => {
    const value = Object.entries(effects).reduce(
      (sum, [part, effect]) => (arm.includes(part) ? sum + effect : sum),
      0,
    );
    const shared = 0.05 * seededRandom(`seed ${seed}`).normal();
    return 0.5 + shared + value + 0.002 * seededRandom(`${arm} ${seed}`).normal();
  };

const inMemory = (): Store => openStore(join(temporaryFolder(), 'results.sqlite'));

describe('analyseAblation over a database', () => {
  it('finds planted effects by pairs of seeds, also of arms that share a network', () => {
    const experiment = load([
      question,
      baseline,
      'rule better(looks: once)',
      'factors {block(letter: C, to: mbconv), recipe(parameter: weight-decay, to: {0, 0.2})}',
    ]);
    const store = inMemory();
    const result = runInto(store, experiment, planted({ mbconv: -0.03, 'decay = 0.2': 0.02 }));
    expect(result.candidates.map(({ arm, scores }) => [arm, scores.length])).toEqual([
      ['baseline', 6],
      ['C = mbconv', 6],
      ['weight-decay = 0', 6],
      ['weight-decay = 0.2', 6],
    ]);
    const analysis = analyseAblation(result)!;
    const verdicts = analysis.effects.map(({ name, decision }) => [name, decision!.verdict]);
    expect(verdicts).toEqual([
      ['C = mbconv', 'contradicted'],
      ['weight-decay = 0', 'not decided'],
      ['weight-decay = 0.2', 'supported'],
    ]);
    expect(analysis.effects[0]!.difference!.value).toBeCloseTo(-0.03, 2);
    expect(analysis.verdict).toBe('supported');
    expect(verdictSentence(analysis)).toBe(
      'Supported: that some change gives a better top-1 accuracy (3 of 3 comparisons made).',
    );
    expect(effectSentence(analysis.effects[2]!, analysis)).toMatch(
      /^weight-decay = 0.2 against baseline changes top-1 accuracy by \+.* points \(95 %, 6 paired seeds, Holm-adjusted p < 0.001\): the claim of better is supported\.$/,
    );
    store.close();
  });

  it('a path keeps what helps, and the next step starts from it', () => {
    const store = inMemory();
    let experiment = load([
      question,
      baseline,
      'rule better(looks: once)',
      'design path',
      'factors {block(letter: C, to: mbconv), order(to: t-first), recipe(parameter: weight-decay, to: 0.2)}',
    ]);
    const score = planted({ mbconv: 0.03, order: -0.02, decay: 0.02 });
    const rounds: number[] = [];
    let result = runInto(store, experiment, score);
    for (let next = withNextArms(experiment, result); next; next = withNextArms(experiment, result)) {
      rounds.push(next.ablation!.arms.length);
      experiment = next;
      result = runInto(store, experiment, score);
    }
    expect(rounds).toEqual([3, 4]);
    expect(armNames(experiment)).toEqual([
      'baseline',
      'C = mbconv',
      'C = mbconv, order = t-first',
      'C = mbconv, weight-decay = 0.2',
    ]);
    const analysis = analyseAblation(result)!;
    expect(analysis.kept).toEqual([true, false, true]);
    expect(analysis.effects.map(({ against }) => against)).toEqual(['baseline', 'C = mbconv', 'C = mbconv']);
    store.close();
  });

  it('a comparison outside the tolerance is refused, with the reason', () => {
    const experiment = load([
      question,
      baseline,
      'hold equal(macs: 0.05)',
      'factors {block(letter: C, to: mbconv)}',
    ]);
    const store = inMemory();
    const result = runInto(store, experiment, planted({ mbconv: 0.1 }));
    const outside = {
      ...result,
      candidates: result.candidates.map((each, index) =>
        index === 1 ? { ...each, macs: Math.round(each.macs * 1.2) } : each,
      ),
    };
    expect(analyseAblation(result)!.effects[0]!.refused).toBeUndefined();
    const [effect] = analyseAblation(outside)!.effects;
    expect(effect!.refused).toMatch(/^macs must lie within 5 % of the baseline's, got \+/);
    expect(effect!.decision).toBeUndefined();
    store.close();
  });
});

describe('the frozen plan', () => {
  const factors = 'factors {block(letter: C, to: mbconv)}';

  it('refuses a changed question, design or rule once there are results, and names it', () => {
    const store = inMemory();
    runInto(store, load([question, baseline, factors]), planted({}));
    const changed = (settings: readonly string[]) => () => runInto(store, load(settings), planted({}));
    expect(changed(['question "does it hurt?"', baseline, factors])).toThrow(
      /plan was frozen before its first trial \([0-9a-f]{12}, .*\), got another question/,
    );
    expect(changed([question, baseline, factors, 'rule better(by: 0.01)'])).toThrow('got another rule');
    expect(changed([question, baseline, factors, 'design full-factorial'])).toThrow('got another design');
    expect(changed([question, 'baseline CC-CTTT', factors])).toThrow(/got another baseline/);
    expect(() =>
      runInto(store, load([question, baseline, factors, 'rule worse'], 'other'), planted({})),
    ).not.toThrow();
    store.close();
  });

  it('allows more seeds where the rule stays valid at every look, and no others', () => {
    const more = 'train adamw(epochs: 1) seeds {1, 2, 3, 4, 5, 6, 7}';
    const store = inMemory();
    runInto(store, load([question, baseline, factors]), planted({}));
    expect(() => runInto(store, load([question, baseline, factors, more]), planted({}))).not.toThrow();
    const once = 'rule better(looks: once)';
    const other = inMemory();
    runInto(other, load([question, baseline, factors, once]), planted({}));
    expect(() => runInto(other, load([question, baseline, factors, once, more]), planted({}))).toThrow(
      'got another seeds',
    );
    for (const each of [store, other]) each.close();
  });

  it('a plan without results may still change', () => {
    const store = inMemory();
    const first = load([question, baseline, factors]);
    const plan = planExperiment(first, '2026-01-01T00:00:00.000Z');
    recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
    recordAblation(
      store,
      {
        experimentId: first.id,
        name: first.name,
        planHash: first.ablation!.planHash,
        plan: first.ablation!.plan,
      },
      armRows(first),
    );
    expect(() => runInto(store, load(['question "another?"', baseline, factors]), planted({}))).not.toThrow();
    store.close();
  });
});
