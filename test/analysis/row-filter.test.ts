import { describe, expect, it } from 'vitest';
import { type FilterRow, parseFilter } from '../../src/analysis/row-filter.js';

const fields = ['top-1', 'params', 'latency', 'peak-bytes'];
const marks = ['front', 'failed', 'symmetric', 'asymmetric'];
const row: FilterRow = {
  texts: ['CC-CCCT-CCTT-TTTT', '567ba641d592'],
  marks: new Set(['front', 'asymmetric']),
  number: (field) => ({ 'top-1': 61.5, params: 1_500_000, 'peak-bytes': 3 * 2 ** 20 })[field],
};
const matches = (text: string): boolean => parseFilter(text, fields, marks).matches(row);

describe('parseFilter', () => {
  it.each([
    '',
    '  ',
    'ccct',
    'CC-*-TTTT',
    '567b',
    'front',
    '!failed',
    'front asymmetric top-1>60',
    'params<=1.5M',
    'params>=1500k',
    'top>61',
    'top-1<62%',
    'peak-bytes=3MiB',
    '!latency<3',
    '*',
    '*TTTT',
    'CC-*',
    '*-CCTT-*',
  ])('%j matches', (text) => expect(matches(text)).toBe(true));
  it.each([
    'failed',
    '!front',
    'symmetric',
    'TTTT-*-CC',
    'CC-*-CCTT',
    '*-CCTT',
    'CCCT*',
    'top-1>62',
    'params<1M',
    'latency<3',
    'front zzz',
  ])('%j does not', (text) => expect(matches(text)).toBe(false));
  it('says what is wrong with a word and lets the others hold', () => {
    const filter = parseFilter('speed>3 failed', fields, marks);
    expect(filter.problem).toBe('filter: a field is one of top-1, params, latency, peak-bytes, got "speed"');
    expect(filter.matches(row)).toBe(false);
    expect(parseFilter('params<big', fields, marks).problem).toBe(
      'filter: params is compared with a number like 60 or 1.5M, got "big"',
    );
    expect(parseFilter('front', fields, marks).problem).toBeUndefined();
  });
  it('a long pattern of stars stays fast', () => expect(matches('*C'.repeat(5000))).toBe(false));
});
