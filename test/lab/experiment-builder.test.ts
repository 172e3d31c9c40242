/** Experiments from values: text, and errors that name the option of the value. */
import { describe, expect, it } from 'vitest';
import {
  type ExperimentValues,
  experiment,
  fromOption,
  optionText,
} from '../../src/lab/experiment-builder.js';
import { experimentFromOptions } from '../../src/lab/load-experiment.js';
import { parseExperiment } from '../../src/language/parse-experiment.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { DiagnosticError } from '../../src/util/errors.js';

const architectures = [resolveArchitecture('search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT')];

function message(values: ExperimentValues): string {
  try {
    experimentFromOptions(experiment(values), architectures);
  } catch (error) {
    expect(error).toBeInstanceOf(DiagnosticError);
    return (error as Error).message;
  }
  return '';
}
const trained = (recipe: string): ExperimentValues => ({
  name: 'train',
  data: optionText('--data', 'motif(train: 20, validation: 10)'),
  train: { recipe: optionText('--recipe', recipe), seeds: fromOption('--seeds', [1]) },
});

describe('experiment({…})', () => {
  it('prints a file that parses to the same settings', () => {
    const { text } = experiment({
      ...trained('adamw(epochs: 2, learning-rate: 1e-3)'),
      initial: { file: '/a folder/x#1.safetensors', mode: 'grow' },
    }).file;
    expect(text).toBe(
      [
        'experiment train',
        '  data motif(train: 20, validation: 10)',
        '  train adamw(epochs: 2, learning-rate: 0.001) seeds {1}',
        '  initial weights(file: "/a folder/x#1.safetensors", mode: grow)',
        '',
      ].join('\n'),
    );
    expect(parseExperiment(text, 'x').diagnostics).toEqual([]);
  });

  it('names the option of a value that is out of range', () => {
    expect(
      message({
        name: 'profile',
        profile: { batches: [1], launches: fromOption('--launches', 0), threads: 1 },
      }),
    ).toMatch(/^--launches: throughput: launches must lie in 1\.\.1000, got 0\n/);
  });

  it('points into the text of an option', () => {
    expect(message(trained('adamw(epoch: 2)'))).toBe(
      [
        '--recipe: adamw: unknown parameter, got "epoch"',
        '  adamw(epoch: 2)',
        '        ^^^^^',
        '  did you mean `epochs`?',
      ].join('\n'),
    );
  });

  it('reports a syntax error in the text of an option, without reading beyond it', () => {
    expect(message(trained('adamw(epochs: 2'))).toMatch(/^--recipe: expected `,` or `\)`, got the end/);
    expect(message(trained('adamw\n  runtime wasm'))).toMatch(
      /^--recipe: expected the end of the text, got "runtime"/,
    );
    expect(message(trained(''))).toMatch(/^--recipe: expected a value, got an empty text/);
  });
});
