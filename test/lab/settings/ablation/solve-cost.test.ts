import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../../../src/architecture/canonical.js';
import { layoutOf } from '../../../../src/architecture/layout.js';
import { atEqualCost } from '../../../../src/lab/settings/ablation/equal-cost.js';
import { solveCost } from '../../../../src/lab/settings/ablation/solve-cost.js';
import { architectureProblem } from '../../../../src/network/architecture-problem.js';
import { networkCost } from '../../../../src/network/network-cost.js';
import { resolveArchitecture } from '../../../../src/space/inspect/resolve-architecture.js';

const member = (layout: string) => resolveArchitecture(`search-spaces/ascan-cpu.space@${layout}`);
const given = member('C-CCCT-CCTT-CTTT');
const { macs, params } = networkCost(given).total;

describe('solveCost', () => {
  it.each([0.5, 0.75, 1.5, 3])('meets %s times the MACs by width, with the layout kept', (factor) => {
    const solved = solveCost(given, { macs: factor * macs }, { tolerance: 0.02 });
    expect(Math.abs(networkCost(solved).total.macs / (factor * macs) - 1)).toBeLessThanOrEqual(0.02);
    expect(layoutOf(solved)).toBe(layoutOf(given));
    expect(architectureProblem(solved)).toBeUndefined();
  });
  it('meets parameters by depth, with the widths kept', () => {
    const solved = solveCost(given, { params: 1.5 * params }, { by: 'depth', tolerance: 0.05 });
    expect(Math.abs(networkCost(solved).total.params / (1.5 * params) - 1)).toBeLessThanOrEqual(0.05);
    expect(solved.stages.map(({ width }) => width)).toEqual(given.stages.map(({ width }) => width));
  });
  it('leaves a network that meets the target as it is', () =>
    expect(canonicalText(solveCost(given, { macs }))).toBe(canonicalText(given)));
  it('finds what an ablation compares at the cost of its baseline', () => {
    const other = member('C-CCCC-CCCC-TTTT');
    expect(canonicalText(solveCost(other, { macs }, { tolerance: 0.01 }))).toBe(
      canonicalText(atEqualCost(other, given, { macs: 0.01, by: 'width' })),
    );
  });
  it('refuses what no width reaches, with the nearest', () => {
    expect(() => solveCost(given, { macs: 1000 })).toThrow(
      /must have macs within 2 % of 1\.00 k by width, got 778 k macs at the nearest/,
    );
    expect(() => solveCost(given, {})).toThrow('solve: a cost to meet is needed, got none');
    expect(() => solveCost(given, { params: 0 })).toThrow('solve: params must be 1 or more, got 0');
  });
});
