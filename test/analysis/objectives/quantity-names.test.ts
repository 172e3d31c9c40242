import { describe, expect, it } from 'vitest';
import { objectiveKinds, parseObjective } from '../../../src/analysis/objectives/objectives.js';
import { canonicalQuantity, quantityNames } from '../../../src/analysis/objectives/quantity-names.js';
import { parseFilter } from '../../../src/analysis/row-filter.js';

describe('quantityNames', () => {
  it('names each objective once, and no other name stands for two', () => {
    expect(Object.keys(quantityNames).sort()).toEqual(Object.keys(objectiveKinds).sort());
    const all = Object.entries(quantityNames).flatMap(([name, others]) => [name, ...others]);
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((name) => name === name.toLowerCase())).toBe(true);
  });
  it.each(Object.entries(quantityNames).flatMap(([name, others]) => others.map((other) => [other, name])))(
    '%s is read as %s',
    (other, name) => expect(canonicalQuantity(`${other}@4`)).toBe(`${name}@4`),
  );
  it('parseObjective and the filter take the other names', () => {
    for (const text of ['throughput@16', 'img/s@16', 'imagesPerSecond@16', 'images-per-second@16'])
      expect(parseObjective(text)!.id).toBe('images-per-second@16');
    expect(parseObjective('Parameters')!.id).toBe('params');
    expect(parseObjective('speed@16')).toBeUndefined();
    const row = {
      texts: [],
      marks: new Set<string>(),
      number: (field: string) => ({ 'images-per-second@16': 900, 'top-1': 61 })[field],
    };
    const matches = (text: string): boolean =>
      parseFilter(text, ['top-1', 'images-per-second@16'], []).matches(row);
    expect([matches('throughput@16>800'), matches('img/s@16>1000')]).toEqual([true, false]);
    expect([matches('accuracy>60'), matches('top1<60')]).toEqual([true, false]);
  });
});
