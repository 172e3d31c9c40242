/** A member named by its layout where budgets and filters cut, against enumerated members. */
import { describe, expect, it } from 'vitest';
import { architectureId } from '../../src/architecture/canonical.js';
import { layoutOf } from '../../src/architecture/layout.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { memberWithLayout } from '../../src/space/inspect/resolve-architecture.js';
import { skewedSpace } from './skewed-space.js';

const layouts = ['C', 'CC', 'CT', 'T'];

function membersByLayout(all: CompiledSpace): Map<string, string[]> {
  const found = new Map<string, string[]>(layouts.map((layout) => [layout, []]));
  for (const member of all.enumerate()) found.get(layoutOf(member))!.push(architectureId(member));
  return found;
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String((error as Error).message);
  }
  throw new Error('expected an error');
}

describe('memberWithLayout', () => {
  it.each([
    ['a budget', '  where params in 9K..16K'],
    ['two budgets', '  where params in 9K..20K and macs <= 1M'],
    ['a budget that keeps one member of a layout', '  where params <= 15.8K'],
    ['budgets and a condition on both', '  where params <= 30K and (memory <= 60KiB or width(1) == 16)'],
  ])('gives the only member, names several, refuses none: %s', (_, conditions) => {
    const small = skewedSpace(conditions);
    const expected = membersByLayout(small);
    const counts = [...expected.values()].map(({ length }) => length);
    expect(Math.min(...counts)).toBeLessThan(2);
    expect(Math.max(...counts)).toBeGreaterThan(0);
    for (const [layout, ids] of expected) {
      if (ids.length === 1) {
        expect(architectureId(memberWithLayout(small, layout))).toBe(ids[0]);
        continue;
      }
      const message = errorOf(() => memberWithLayout(small, layout));
      if (ids.length === 0) expect(message).toMatch(/no member has the layouts/);
      else expect(message).toContain(`got ${ids.length} with ${layout}`);
      for (const id of ids.slice(0, 5)) expect(message).toContain(id);
    }
  });

  it('names the condition that keeps a layout out', () => {
    expect(errorOf(() => memberWithLayout(skewedSpace('  where params <= 12K'), 'CC'))).toMatch(
      /no member has the layouts CC: 8 networks have them, and none satisfies the conditions/,
    );
  });
});
