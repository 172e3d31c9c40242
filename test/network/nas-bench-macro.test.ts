/**
 * The published parameter and MAC counts of all 6,561 networks of NAS-Bench-Macro (arXiv 2103.11922), built
 * from their rules.
 */
import { describe, expect, it } from 'vitest';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { networkCost } from '../../src/network/network-cost.js';
import { nasBenchMacro } from '../fixtures/nas-bench-macro-network.js';
import {
  countsDigest,
  nasBenchMacroKeys,
  nasBenchMacroSample,
  publishedCountsDigest,
} from '../fixtures/published/nas-bench-macro.js';

describe('networkCost on NAS-Bench-Macro', () => {
  it('equals the published parameters and MACs of each row of the sample', () => {
    for (const { key, params, macs } of nasBenchMacroSample()) {
      const { total } = networkCost(nasBenchMacro(key));
      expect([total.params, total.macs], key).toEqual([params, macs]);
    }
  });
  it('equals all 6,561 published parameter and MAC counts', () => {
    expect(nasBenchMacroKeys).toHaveLength(6561);
    expect(countsDigest((key) => networkCost(nasBenchMacro(key)).total)).toBe(publishedCountsDigest);
  });
});

describe('nasBenchMacro', () => {
  it('can be built for the extremes', () => {
    for (const digits of ['00000000', '11111111', '22222222'])
      expect(architectureProblem(nasBenchMacro(digits))).toBeUndefined();
  });
});
