/** Mutations of derivations of grammars: members, reach and exactness. */
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/architecture/layout.js';
import { mutateSubtree } from '../../src/space/inspect/subtree-mutation.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

const space = (rules: string, layout: string) =>
  spaceFromText(
    `space s
  input 32x32x3
  classes 10
  block C = fused-mbconv(expand: {1, 2})
  block T = transformer(head-dim: 8)
${rules}
  stem conv(width: 16, layers: 1)
  stage 1  width 16  depth 1..5  ${layout}
  head pool-linear
`,
    's.space',
  ).space!;

describe('mutateSubtree', () => {
  it('reaches every layout of a grammar, and leaves none of its rules', () => {
    const nested = space('  rule unit = C | unit unit | C inner C\n  rule inner = T | C inner C', 'unit');
    const layouts = new Set([...nested.enumerate()].map(layoutOf));
    const random = seededRandom('subtrees');
    const reached = new Set<string>();
    let current = nested.unrank(0n);
    for (let step = 0; step < 3000; step++) {
      const next = mutateSubtree(nested, current, random)!;
      expect(nested.contains(next).member).toBe(true);
      expect(next).not.toEqual(current);
      reached.add(layoutOf(next));
      current = next;
    }
    expect([...reached].sort()).toEqual([...layouts].sort());
  });
  it('derives one rule anew and keeps what stands beside it, more often than the whole', () => {
    const parts = space('  rule left = C | CC\n  rule right = T | TT', 'left right');
    const random = seededRandom('parts');
    const from = [...parts.enumerate()].find((member) => layoutOf(member) === 'CTT')!;
    const seen = new Map<string, number>();
    for (let draw = 0; draw < 600; draw++) {
      const layout = layoutOf(mutateSubtree(parts, from, random)!);
      seen.set(layout, (seen.get(layout) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['CCT', 'CCTT', 'CT', 'CTT']);
    expect(seen.get('CCT')!).toBeLessThan(seen.get('CCTT')!);
  });
  it('finds nothing in a space of one', () => {
    const only = space('', 'T{5}');
    expect(mutateSubtree(only, only.unrank(0n), seededRandom(1))).toBeUndefined();
  });
});
