/**
 * The published parameter and MAC counts of all 6,561 networks of NAS-Bench-Macro (arXiv 2103.11922), built
 * from their rules.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { networkCost } from '../../src/network/network-cost.js';
import { nasBenchMacro } from '../fixtures/nas-bench-macro.js';

const file = resolve(import.meta.dirname, '../../../shared/benchmarks/nas-bench-macro_cifar10.json');

describe.skipIf(!existsSync(file))(
  'networkCost on NAS-Bench-Macro (skipped without ../shared/benchmarks)',
  () => {
    it('equals all 6,561 published parameter and MAC counts', () => {
      const published = Object.entries(
        JSON.parse(readFileSync(file, 'utf8')) as Record<string, { params: number; flops: number }>,
      );
      expect(published).toHaveLength(6561);
      const wrong = published.filter(([digits, { params, flops }]) => {
        const { total } = networkCost(nasBenchMacro(digits));
        return total.params !== params || total.macs !== flops;
      });
      expect(wrong).toEqual([]);
    });
  },
);

describe('nasBenchMacro', () => {
  it('can be built for the extremes', () => {
    for (const digits of ['00000000', '11111111', '22222222'])
      expect(architectureProblem(nasBenchMacro(digits))).toBeUndefined();
  });
});
