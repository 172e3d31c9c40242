/** The CSV form of published results: networks, trainings, epochs, directions, and messages of wrong entries. */
import { describe, expect, it } from 'vitest';
import { evaluateFromTable } from '../../src/search/tables/benchmark-table.js';
import { csvTable } from '../../src/search/tables/csv-table.js';
import { readTable, usualObjectives } from '../../src/search/tables/read-table.js';

const choices = `choice.kernel,choice.width,seed,epoch,seconds,accuracy,macs
3,16,1,1,5,0.4,10
3,16,1,2,10,0.5,10
3,16,2,1,6,0.42,10
3,16,2,2,12,0.54,10
5,32,1,2,20,0.7,40
`;
const first = (table: ReturnType<typeof csvTable>) => [...table.space.enumerate()][0]!;

describe('csvTable', () => {
  it('reads choices, seeds, epochs and seconds', () => {
    const table = csvTable(choices, 'choices.csv');
    expect(table.space.size).toBe(2n);
    expect(table.space.genes.map(({ name, choices: count }) => [name, count])).toEqual([
      ['kernel', 2],
      ['width', 2],
    ]);
    const at = (replicate: number, fidelity: number, scores: 'mean' | 'seeds') =>
      evaluateFromTable(table, first(table), { replicate, fidelity }, { scores });
    expect(at(2, 1, 'seeds')).toEqual({ values: { accuracy: 0.54, macs: 10 }, seconds: 12 });
    expect(at(1, 0.5, 'seeds')).toEqual({ values: { accuracy: 0.4, macs: 10 }, seconds: 5 });
    expect(at(1, 1, 'mean').values['accuracy']).toBeCloseTo(0.52, 12);
    expect(usualObjectives(table)).toEqual([
      { name: 'accuracy', better: 'higher' },
      { name: 'macs', better: 'lower', exact: true },
    ]);
  });
  it('reads layouts with stages of several lengths, and marked columns', () => {
    const text = 'layout,speed:higher,cost:lower:exact\nCC-CT,10,3\nC-T,20,1\n';
    const table = csvTable(text, 'layouts.csv');
    expect(table.space.genes.length).toBe(4);
    expect(table.space.exact(first(table))).toEqual({ cost: 3 });
    expect(table.quantities).toEqual({ speed: 'higher', cost: 'lower' });
  });
  it.each([
    ['layout,seed\nC,1\n', 'needs at least one quantity'],
    ['layout,accuracy\nC,high\n', 't.csv:2: accuracy must be a finite number, got "high"'],
    ['layout,accuracy\nC,1\nC,2\n', 't.csv:3: a network, seed and epoch must occur once'],
    ['seed,accuracy\n1,1\n', 'needs either a column layout or columns choice.NAME'],
    ['layout,beauty\nC,1\n', 'the better direction of a quantity must be known, got "beauty"'],
    ['layout,accuracy:up\nC,1\n', 'must be higher, lower or exact, got "up"'],
    ['layout,accuracy\n', 'needs at least one row'],
    ['layout,accuracy\nC,1,2\n', 'must be valid CSV'],
  ])('refuses %j', (text, message) => {
    expect(() => readTable(text, 't.csv')).toThrow(message);
  });
});
