import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/architecture/layout.js';
import type { Experiment } from '../../src/lab/experiment.js';
import { experimentFromText, loadExperiment } from '../../src/lab/load-experiment.js';
import { DiagnosticError, UserError } from '../../src/util/errors.js';
import { temporaryFolder, userError } from '../store/stored-experiment.js';
import { experimentText, writeTiny } from './tiny.js';

const folder = (): string => {
  const path = temporaryFolder();
  writeTiny(path);
  return path;
};
const resolved = (text: string, path = folder()): Experiment =>
  experimentFromText(text, join(path, 'x.experiment'));

/** `line:column message = hint` of every finding. */
function findings(text: string): string[] {
  try {
    resolved(text);
  } catch (error) {
    expect(error).toBeInstanceOf(DiagnosticError);
    return (error as DiagnosticError).diagnostics.map(
      ({ span, message, hint }) =>
        `${span.line}:${span.column} ${message}${hint === undefined ? '' : ` = ${hint}`}`,
    );
  }
  return [];
}

describe('loadExperiment', () => {
  it('completes every setting with its defaults', () => {
    const experiment = loadExperiment(writeTiny(temporaryFolder()));
    expect(experiment).toMatchObject({
      name: 'tiny',
      spaceCount: '3',
      objectives: ['top-1', 'images-per-second@2'],
      runtime: { id: 'auto', execution: 'auto' },
      profile: { batches: [1, 2], launches: 1, threads: 1, protocol: { warmupMs: 10, halfWidth: 0.005 } },
      train: {
        dataset: { name: 'idx', args: { folder: 'digits', seed: 1 } },
        recipe: { epochs: 3, batch: 16, labelSmoothing: 0.1 },
        seeds: [1, 2],
      },
      workers: { threads: 1 },
    });
    expect(experiment.architectures.map(layoutOf)).toEqual(['C-CC', 'C-CT', 'C-TT']);
    expect(experiment.workers.trainings).toBeGreaterThanOrEqual(1);
  });

  it('names a file that is not there', () => {
    expect(() => loadExperiment('/nowhere/x.experiment')).toThrow(
      new UserError('/nowhere/x.experiment: no such file'),
    );
  });

  it('reports a broken space at its own place', () => {
    const path = folder();
    writeFileSync(join(path, 'tiny.space'), 'space tiny\n  input 8x8x1\n  clases 3\n');
    expect(() => resolved(experimentText(), path)).toThrow(/tiny\.space:3:3: error: /);
  });

  it('names a space as the caller named the experiment: relative, or absolute', () => {
    const path = folder();
    writeFileSync(join(path, 'tiny.space'), 'space tiny\n  input 8x8x1\n  clases 3\n');
    writeFileSync(join(path, 'x.experiment'), experimentText());
    const named = relative(process.cwd(), path);
    const message = (file: string): string => userError(() => loadExperiment(file)).message;
    expect(message(join(named, 'x.experiment'))).toMatch(new RegExp(`^${named}/tiny\\.space:3:3: error`));
    expect(message(join(path, 'x.experiment'))).toMatch(new RegExp(`^${path}/tiny\\.space:3:3: error`));
  });
});

describe('the id of an experiment', () => {
  it('is its meaning: comments, order and spelled-out defaults do not count, any change of meaning does', () => {
    const path = folder();
    const id = (text: string): string => resolved(text, path).id;
    const base = id(experimentText());
    expect(id(`# a comment\n${experimentText().replace('1e-3', '0.001')}`)).toBe(base);
    expect(id(experimentText('  workers trainings(count: 3)\n'))).toBe(base);
    expect(id(experimentText('  runtime auto\n'))).toBe(base);
    expect(id(experimentText('  runtime auto(precision: auto, xla: false)\n'))).toBe(base);
    expect(
      new Set(
        ['', '(precision: float32)', '(precision: bfloat16)', '(xla: true)'].map((of) =>
          id(experimentText(`  runtime auto${of}\n`)),
        ),
      ).size,
    ).toBe(4);
    const pytorch = id(experimentText('  runtime pytorch\n'));
    expect(id(experimentText('  runtime pytorch(python: "/venv/bin/python", device: auto)\n'))).toBe(pytorch);
    expect(
      new Set([
        base,
        pytorch,
        ...[
          'pytorch(channels-last: true)',
          'pytorch(device: cpu)',
          'onnxruntime',
          'onnxruntime(provider: cpu)',
        ].map((runtime) => id(experimentText(`  runtime ${runtime}\n`))),
      ]).size,
    ).toBe(6);
    expect(id(experimentText('  relevance 1%\n'))).toBe(base);
    expect(id(experimentText('  relevance 0.02\n'))).toBe(id(experimentText('  relevance 2%\n')));
    expect(id(experimentText('  relevance 2%\n'))).not.toBe(base);
    for (const [from, to] of [
      ['epochs: 3', 'epochs: 4'],
      ['{1, 2}, launches', '{1, 4}, launches'],
      ['seeds {1, 2}', 'seeds {1}'],
      ['sample all', 'sample random(size: 2)'],
      ['experiment tiny', 'experiment other'],
    ]) {
      expect(experimentText()).toContain(from);
      expect(id(experimentText().replace(from!, to!)), to).not.toBe(base);
    }
  });
});

describe('findings of an experiment', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'several at once, each at its place',
      'experiment x\n  space tiny.space\n  sample randm(size: 2)\n  profil throughput\n  data idx(folder: digits, sed: 1)\n  train adamw(epochs: 0) seeds {1, 1}\n',
      [
        '3:10 sample must be a known name, got "randm" = did you mean `random`?',
        '4:3 unknown setting, got "profil" = did you mean `profile`?',
        '5:28 idx: unknown parameter, got "sed" = did you mean `seed`?',
        '6:23 adamw: epochs must lie in 1..100000, got 0 = passes over the training images',
        '6:36 seeds must be distinct, got 1 twice',
      ],
    ],
    [
      'no space, no sample, nothing to do',
      'experiment x\n',
      [
        '1:12 an experiment needs a space, got none = space  ../search-spaces/ascan-cpu.space',
        '1:12 an experiment needs a sample, got none = sample  balanced(symmetric: 4, asymmetric: 4, seed: 1)',
        '1:12 an experiment must profile, train or both, got neither = profile  throughput(batches: {1, 16, 64})',
      ],
    ],
    [
      'more than the space holds',
      'experiment x\n  space tiny.space\n  sample random(size: 4)\n  profile throughput\n',
      [expect.stringMatching(/^3:10 .*4/) as unknown as string],
    ],
    [
      'objectives that are not stored',
      'experiment x\n  space tiny.space\n  sample all\n  profile throughput(batches: {1, 8})\n  objectives {top-1, speed, latency@2}\n',
      [
        '5:15 top-1 needs a train setting, got none',
        '5:22 an objective must be a stored one, got "speed" = e.g. top-1, images-per-second@16, latency@1, params, macs, peak-bytes@64',
        "5:29 an objective's batch must be one that profile measures (1, 8), got 2",
      ],
    ],
    [
      'a score that the task has not',
      `${experimentText('  objectives {miou, macs}\n')}`,
      [
        expect.stringMatching(
          /^7:15 a score of classification must be top-1 or loss, got miou$/,
        ) as unknown as string,
      ],
    ],
    [
      'training without data',
      'experiment x\n  space tiny.space\n  sample all\n  train adamw\n',
      ['4:3 training needs data, got no data setting = data  motif(train: 4000, validation: 1000, seed: 1)'],
    ],
    [
      'batches that are none',
      'experiment x\n  space tiny.space\n  sample all\n  profile throughput(batches: {1, 2.5}, threads: many)\n',
      [
        '4:35 batches must be whole numbers in 1..65536, got "2.5"',
        '4:50 throughput: threads must be an integer, got "many" = threads of the engine; 0 for all cores',
      ],
    ],
    [
      'a relevance that is no fraction',
      experimentText('  relevance 2\n'),
      ['7:13 relevance must be a fraction between 0 and 1, got "2" = relevance  2%'],
    ],
    [
      'a relevance of times that are not measured',
      'experiment x\n  space tiny.space\n  sample all\n  data idx(folder: digits)\n  train adamw\n  relevance 2%\n',
      [
        '6:3 relevance compares times and needs profile, got none = profile  throughput(batches: {1, 16, 64})',
      ],
    ],
    [
      'terms that are too many',
      'experiment x\n  space tiny.space other.space\n  sample all\n  profile throughput\n',
      ['2:20 space takes one value, got "other.space" too'],
    ],
  ];
  it.each(cases)('%s', (_, text, expected) => expect(findings(text)).toEqual(expected));
});
