/** Searches and ablations from typed values: the same experiments as their files state. */
import { describe, expect, it } from 'vitest';
import { call } from '../../src/lab/design-terms.js';
import { type ExperimentValues, experiment } from '../../src/lab/experiment-builder.js';
import { experimentFromOptions, loadExperiment } from '../../src/lab/load-experiment.js';

const built = (values: ExperimentValues, folder: string): string =>
  experimentFromOptions(experiment(values), undefined, folder).id;

describe('experiment({…}) of typed values', () => {
  it('is the search of experiments/search.experiment', () => {
    const id = built(
      {
        name: 'search',
        space: '../search-spaces/ascan-cpu.space',
        strategy: { of: 'auto', seed: 1 },
        budget: { trials: 24 },
        data: call('motif', { train: 4000, validation: 1000, seed: 1 }),
        train: { recipe: call('adamw', { epochs: 4, batch: 32, 'learning-rate': 1e-3 }), seeds: [1] },
        objectives: ['top-1', 'macs'],
      },
      'experiments',
    );
    expect(id).toBe(loadExperiment('experiments/search.experiment').id);
  });

  it('is the ablation of experiments/ablations/ascan-blocks.experiment', () => {
    const block = (letter: string, ...to: ReturnType<typeof call>[]) => call('block', { letter, to });
    const small = { 'head-dim': 8, window: 2 };
    const id = built(
      {
        name: 'ascan-blocks',
        space: 'ablation-cpu.space',
        question:
          'at equal MACs, does another block of C or T score higher than FusedMBConv and the vanilla transformer?',
        baseline: 'C-CCCT-CCTT-CTTT',
        factors: [
          block('C', call('mbconv', { expand: 4 }), call('convnext')),
          block('T', call('maxvit', small), call('fastervit', small)),
        ],
        hold: { macs: 0.05 },
        rule: call('better', { by: 0 }),
        published: 'published/ascan-blocks.csv',
        data: call('motif', { train: 2000, validation: 1000, seed: 1 }),
        train: {
          recipe: call('adamw', { epochs: 4, batch: 32, 'learning-rate': 2e-3 }),
          seeds: [1, 2, 3, 4, 5, 6],
        },
        objectives: ['top-1', 'macs'],
      },
      'experiments/ablations',
    );
    expect(id).toBe(loadExperiment('experiments/ablations/ascan-blocks.experiment').id);
  });

  it('states constraints, hours and a steady end of a search, fidelities and stopping', () => {
    const { text } = experiment({
      name: 'all',
      space: 'a folder/x.space',
      strategy: { of: call('nsga2', { population: 24 }) },
      where: 'params <= 2M and latency@1 <= 5',
      budget: { trials: 200, hours: 3, until: { trials: 30, rise: 0.001 } },
      sample: call('layouts', { size: 4 }),
      design: 'one-at-a-time',
      fidelities: [{ epochs: 1 }, { data: 0.25, width: 0.5 }],
      stopping: call('halving', { reduction: 2 }),
    }).file;
    expect(text).toBe(`experiment all
  space "a folder/x.space"
  sample layouts(size: 4)
  strategy nsga2(population: 24)
  where params <= 2000000 and latency@1 <= 5
  budget 200 trials 3 hours until steady(trials: 30, rise: 0.001)
  design one-at-a-time
  fidelities {fidelity(epochs: 1), fidelity(data: 0.25, width: 0.5)}
  stopping halving(reduction: 2)
`);
  });
});
