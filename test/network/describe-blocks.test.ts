import { describe, expect, it } from 'vitest';
import { blocks, partTables } from '../../src/blocks/block-table.js';
import { describeBlock, describeBlocks, describeParts } from '../../src/network/describe-blocks.js';
import { networkCost } from '../../src/network/network-cost.js';
import { stageTable } from '../../src/network/stage-table.js';
import { UserError } from '../../src/util/errors.js';
import { nasBenchMacro } from '../fixtures/nas-bench-macro-network.js';

describe('describeBlocks', () => {
  it('has a row with a cost for every block at 14×14×64', () => {
    const rows = describeBlocks();
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(blocks));
    expect(rows.filter(({ cost }) => 'problem' in cost)).toEqual([]);
  });
  it('says why a block cannot stand on a map', () => {
    const row = describeBlocks({ height: 14, width: 14, channels: 40 }).find(({ name }) => name === 'swin')!;
    expect(row.cost).toEqual({ problem: 'swin: head-dim must divide the width 40, got 32' });
  });
});

describe('describeBlock', () => {
  it('lists operations whose MACs, and weights whose sizes, sum to the cost', () => {
    const { cost, operations, weights } = describeBlock('swin', { window: 7 });
    expect(operations.reduce((sum, { macs }) => sum + macs, 0)).toBe(cost.macs);
    expect(
      weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),
    ).toBe(cost.params);
  });
  it('refuses unknown names and bad parameters', () => {
    expect(() => describeBlock('swim')).toThrow(UserError);
    expect(() => describeBlock('swin', { window: 0 })).toThrow(
      /^show block: swin: window must lie in 1\.\.64, got 0$/,
    );
  });
});

describe('describeParts', () => {
  const named = (Object.entries(partTables) as [string, object][]).flatMap(([kind, table]) =>
    Object.keys(table).map((name) => [name, kind] as const),
  );
  it.each(named)('shows %s, a %s, with steps whose MACs sum to its cost', (name, kind) => {
    const page = describeParts(name).find((each) => each.kind === kind)!;
    expect(page.operations.reduce((sum, { macs }) => sum + macs, 0)).toBe(page.cost.macs);
    expect(page.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(
      page.cost.params,
    );
  });
  it('gives every part of a shared name, or those that have the parameter', () => {
    expect(describeParts('conv').map(({ kind }) => kind)).toEqual(['stem', 'downsample']);
    expect(describeParts('conv', { layers: 1 }).map(({ kind }) => kind)).toEqual(['stem']);
  });
});

describe('stageTable', () => {
  it('sums to the network: stem, stages with layouts, head', () => {
    const architecture = nasBenchMacro('01201201');
    const rows = stageTable(architecture);
    const { total } = networkCost(architecture);
    expect(rows.map(({ name, layout }) => `${name} ${layout}`.trim())).toEqual([
      'stem',
      'stage1 IA',
      'stage2 BIA',
      'stage3 BIA',
      'head',
    ]);
    expect(rows.reduce((sum, { cost }) => sum + cost.params, 0)).toBe(total.params);
    expect(rows.reduce((sum, { cost }) => sum + cost.macs, 0)).toBe(total.macs);
    expect(Math.max(...rows.map(({ cost }) => cost.activationBytes))).toBe(total.activationBytes);
    expect(rows[1]!.parts.map(({ type }) => type)).toEqual(['identity', 'mbconv']);
  });
});
