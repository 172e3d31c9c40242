import { describe, expect, it } from 'vitest';
import { figureInfos, figures } from '../../src/report/figures/table.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const small = fixtureResult({ candidates: 6, batches: [1, 16], seeds: 2, epochs: 2 });

describe('figures', () => {
  for (const [name, figure] of Object.entries(figures)) {
    it(`${name}: data of a small result`, () => expect(figure.info(small)).toMatchSnapshot());
    it(`${name}: says what it draws`, () => {
      expect(figure.name).toBe(name);
      expect(figure.title.length).toBeGreaterThan(5);
      expect(figure.caption).toMatch(/\.$/);
    });
  }
  it('a result without measurements has no figure', () => expect(figureInfos(fixtureResult({ candidates: 0 }))).toEqual({}));
  it('a result with costs alone still has the front figure, without points on it', () => {
    const infos = figureInfos(fixtureResult({ candidates: 4, seeds: 0 }));
    expect(infos.front!.costs.every((cost) => cost.front.length === 0)).toBe(true);
    expect(Object.keys(infos)).toEqual(['front', 'throughput', 'time']);
  });
});
