/** A study that Optuna 5 wrote: read, printed as CSV by the command, and given to a search as history. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { choiceSpace, csvTable, earlierResults, openStudy } from '../../src/search/api.js';
import { readOptunaStudy } from '../../src/store/optuna-study.js';
import { stagecraft } from '../cli/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'study.db');
const sqlite = new Database(file);
sqlite.exec(readFileSync(join(import.meta.dirname, 'fixtures/optuna-study.sql'), 'utf8'));
sqlite.close();

const space = choiceSpace({
  name: 'backbones',
  genes: [
    { name: 'width', choices: 4, ordered: true, labels: ['16', '32', '48', '64'] },
    { name: 'depth', choices: 3, ordered: true, labels: ['1', '2', '3'] },
    { name: 'kernel', choices: 2, labels: ['3x3', '5x5'] },
    { name: 'attention', choices: 2, labels: ['false', 'true'] },
  ],
});

describe('readOptunaStudy', () => {
  it('has the complete trials with the texts of their choices, and counts the others', () => {
    const { name, objectives, trials, left } = readOptunaStudy(file);
    expect({ name, left }).toEqual({ name: 'backbones', left: 2 });
    expect(objectives).toEqual([
      { name: 'value 0', better: 'higher' },
      { name: 'value 1', better: 'lower' },
    ]);
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 5, 6]);
    const { seconds, ...first } = trials[0]!;
    expect(first).toEqual({
      number: 0,
      choices: { depth: '2', kernel: '3x3', attention: 'false', width: '16' },
      values: [0.6, 96],
    });
    expect(seconds).toBeGreaterThan(0);
  });
  it('names what is wrong with a file', () => {
    const other = join(folder, 'other.db');
    new Database(other).exec('CREATE TABLE studies (study_id TEXT)').close();
    const text = join(folder, 'text.db');
    writeFileSync(text, 'no database, but long enough to be read as one'.repeat(20));
    expect(() => readOptunaStudy(join(folder, 'absent.db'))).toThrow('no such file');
    expect(() => readOptunaStudy(other)).toThrow('must be a database of Optuna');
    expect(() => readOptunaStudy(text)).toThrow('must be a database of Optuna');
    expect(() => readOptunaStudy(file, 'backbone')).toThrow(
      'the study must be one of backbones, got "backbone"',
    );
  });
});

describe('import-optuna', () => {
  it('prints a table that a search takes as its history', () => {
    const { code, out, err } = stagecraft(['import-optuna', file]);
    expect({ code, err }).toEqual({ code: 0, err: '2 trials without a finite result are left out\n' });
    expect(out.split('\n')[0]).toBe(
      'choice.depth,choice.kernel,choice.attention,choice.width,seed,seconds,value 0:higher,value 1:lower',
    );
    const names = { 'value 0': 'accuracy', 'value 1': 'macs' };
    const { results, outside } = earlierResults(space, csvTable(out, 'study.csv'), names);
    expect([results.length, outside]).toEqual([5, 0]);
    expect(results[0]).toMatchObject({ genes: [0, 1, 0, 0], values: { accuracy: 0.6, macs: 96 } });
    const study = openStudy({
      space,
      objectives: [
        { name: 'accuracy', better: 'higher' },
        { name: 'macs', better: 'lower' },
      ],
      strategy: 'predictor',
      earlier: results,
      budget: 3,
    });
    const known = new Set(results.map(({ genes }) => space.withGenes(genes)!.key));
    for (let trial = study.ask(); trial; trial = study.ask()) {
      expect(known.has(trial.candidate.key)).toBe(false);
      study.tell(trial.number, { accuracy: 0.5, macs: 100 });
    }
    expect(study.history.trials.length).toBe(3);
  });
  it('leaves out rows whose choices the space lacks, and needs a column for every choice', () => {
    const table = csvTable(stagecraft(['import-optuna', file]).out, 'study.csv');
    const narrow = choiceSpace({
      name: 'narrow',
      genes: space.genes.map((gene) => (gene.name === 'width' ? { ...gene, choices: 2 } : gene)),
    });
    expect(earlierResults(narrow, table).outside).toBe(3);
    const deeper = choiceSpace({ name: 'deeper', genes: [...space.genes, { name: 'heads', choices: 2 }] });
    expect(() => earlierResults(deeper, table)).toThrow(
      'study.csv: a column for the choice "heads" is needed',
    );
  });
});
