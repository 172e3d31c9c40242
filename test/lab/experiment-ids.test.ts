/**
 * Ids of experiments and trials, as databases hold them. A change here orphans stored results: an experiment
 * that was run before would run again.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import type { Experiment } from '../../src/lab/experiment.js';
import {
  type ExperimentValues,
  experiment,
  fromOption,
  optionText,
} from '../../src/lab/experiment-builder.js';
import { experimentFromOptions, experimentFromText, loadExperiment } from '../../src/lab/load-experiment.js';
import { planExperiment } from '../../src/lab/plan.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { textHash } from '../../src/util/canonical-json.js';

const root = join(import.meta.dirname, '../..');

/** Experiment id, number of trials, hash over the ids of all trials in order. */
/** Copies of the anchor network came later; the ids and order of all other trials are as they were. */
function ids(experiment: Experiment): string {
  const { jobs } = planExperiment(experiment, '');
  const trials = jobs.filter(({ anchorCopy }) => anchorCopy === undefined);
  return `${experiment.id} ${trials.length} ${textHash(trials.map(({ id }) => id).join('\n'))}`;
}

/** Those with `balanced` are newer than the rest: it no longer draws unmixed members as symmetric ones. */
const shipped: Readonly<Record<string, string>> = {
  'cifar10.experiment': '3544eee284b6 144 371f3e0bba97',
  'denoising.experiment': 'c23e8799ac00 3 8f9f12e0ea21',
  'equal-macs.experiment': 'fe2424b98f9f 198 50840a640238',
  'halving.experiment': 'e23f28588165 125 aabe9bcecdbb',
  'multi-stage.experiment': '92b5c410c7b3 2 3051de3717c2',
  'proxies.experiment': '862809f5096f 72 285fa555be7d',
  'quickstart.experiment': '79de89e590fb 40 d4e238703d08',
  'search.experiment': '930172e43c7a 0 e3b0c44298fc',
  'segmentation.experiment': '609ce144550b 24 3474e3adf48b',
};

describe('ids of shipped experiments', () => {
  it('every shipped experiment has its golden id', () => {
    const found = readdirSync(join(root, 'experiments'))
      .filter((name) => name.endsWith('.experiment'))
      .sort();
    expect(
      Object.fromEntries(found.map((name) => [name, ids(loadExperiment(join(root, 'experiments', name)))])),
    ).toEqual(shipped);
  });
});

const architectures: readonly Architecture[] = ['C-CCCT-CCTT-CTTT', 'C-CCCC-CCTT-TTTT'].map((layout) =>
  resolveArchitecture(`${join(root, 'search-spaces/ascan-cpu.space')}@${layout}`),
);

/** Experiments of commands: values, text as stored, ids. */
const built: readonly (readonly [values: ExperimentValues, text: string, expected: string])[] = [
  [
    {
      name: 'profile',
      profile: { batches: [1, 16, 64], launches: 3, threads: 0 },
      runtime: { id: 'auto', execution: 'auto' },
    },
    'experiment profile\n  profile throughput(batches: {1, 16, 64}, launches: 3, threads: 0)\n  runtime auto(execution: auto)\n',
    '5b2e6326dc0a 6 64a9e2b9b9b9',
  ],
  [
    {
      name: 'profile',
      profile: {
        batches: fromOption('--batches', [1, 32]),
        launches: fromOption('--launches', 5),
        threads: fromOption('--threads', 2),
        protocol: optionText('--protocol', 'half-width: 0.002, cap-ms: 5000'),
      },
      runtime: { id: 'tensorflow', execution: 'compiled', precision: 'bfloat16', xla: true },
    },
    'experiment profile\n  profile throughput(batches: {1, 32}, launches: 5, threads: 2, half-width: 0.002, cap-ms: 5000)\n  runtime tensorflow(execution: compiled, precision: bfloat16, xla: true)\n',
    '8b4a35a3dbf4 10 a624ae407fbc',
  ],
  [
    {
      name: 'train',
      data: optionText('--data', 'motif(train: 2000,  validation: 500)'),
      train: { recipe: optionText('--recipe', 'adamw'), seeds: [1] },
      workers: { threads: 1 },
      runtime: { id: 'auto', execution: 'auto' },
    },
    'experiment train\n  data motif(train: 2000, validation: 500)\n  train adamw seeds {1}\n  workers trainings(threads: 1)\n  runtime auto(execution: auto)\n',
    'c0a2a3929153 2 a2d313eb738e',
  ],
  [
    {
      name: 'train',
      data: optionText('--data', 'motif(train: 2000, validation: 500)'),
      train: { recipe: optionText('--recipe', 'cifar-proxy(epochs: 5)'), seeds: [1, 2, 3] },
      stages: optionText('--stages', '{stage(epochs: 2, resolution: 16), stage(epochs: 2)}'),
      workers: { threads: 2 },
      runtime: { id: 'auto', execution: 'eager' },
    },
    'experiment train\n  data motif(train: 2000, validation: 500)\n  train cifar-proxy(epochs: 5) seeds {1, 2, 3}\n  stages {stage(epochs: 2, resolution: 16), stage(epochs: 2)}\n  workers trainings(threads: 2)\n  runtime auto(execution: eager)\n',
    '8376e653c367 6 8a53efbd519e',
  ],
  [
    {
      name: 'score',
      data: optionText('--data', 'motif(train: 1000, validation: 10)'),
      train: { recipe: 'adamw' },
      zeroCost: { of: ['synflow', 'naswot'], batch: 32, seed: 1 },
      runtime: { id: 'auto' },
    },
    'experiment score\n  data motif(train: 1000, validation: 10)\n  train adamw\n  zero-cost measures(of: {synflow, naswot}, batch: 32, seed: 1)\n  runtime auto\n',
    'e10c869093be 2 e19f14eb4158',
  ],
  [
    {
      name: 'held-out',
      profile: {
        batches: [16],
        launches: 3,
        threads: 2,
        protocol: optionText('--protocol', 'cap-ms: 1000'),
      },
      runtime: { id: 'tensorflow', execution: 'compiled' },
    },
    'experiment held-out\n  profile throughput(batches: {16}, launches: 3, threads: 2, cap-ms: 1000)\n  runtime tensorflow(execution: compiled)\n',
    '598c23b5144b 6 cac4285113f3',
  ],
];

describe('ids of experiments that commands build', () => {
  it.each(built)('%j', (values, text, expected) => {
    expect(ids(experimentFromText(text, 'command line', { architectures }))).toBe(expected);
    const found = experimentFromOptions(experiment(values), architectures);
    expect(found.text).toBe(text);
    expect(ids(found)).toBe(expected);
  });
});
