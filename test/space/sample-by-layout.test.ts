/** Draws by layout, against the members of spaces that are written out. */
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/architecture/canonical.js';
import { layoutOf } from '../../src/architecture/layout.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { sampleByLayout } from '../../src/space/inspect/sample-by-layout.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { skewedSpace } from './skewed-space.js';

const layoutsOf = (space: CompiledSpace): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  for (const member of space.enumerate()) {
    const layout = layoutOf(member);
    found.set(layout, (found.get(layout) ?? new Set()).add(canonicalText(member)));
  }
  return found;
};

const cases = [
  ['no condition', ''],
  ['a structural condition', '  where first(T) > 1'],
  ['a budget', '  where params in 5K..40K'],
  [
    'a condition on both costs',
    '  where params in 5K..40K and (memory <= 100KiB or macs <= 3M or width(1) == 16)',
  ],
] as const;

describe('sampleByLayout', () => {
  it.each(cases)('is uniform over layouts, then over their members: %s', (_, conditions) => {
    const small = skewedSpace(conditions);
    const layouts = layoutsOf(small);
    expect(layouts.size).toBeGreaterThan(1);
    const draws = 4000;
    const seen = new Map<string, number>();
    for (let seed = 0; seed < draws; seed++) {
      const [member] = sampleByLayout(small, 1, seededRandom(seed));
      const text = canonicalText(member!);
      expect(layouts.get(layoutOf(member!))?.has(text)).toBe(true);
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    for (const members of layouts.values())
      for (const text of members) {
        const share = 1 / layouts.size / members.size;
        const deviation = Math.sqrt(draws * share * (1 - share));
        expect(Math.abs((seen.get(text) ?? 0) - draws * share)).toBeLessThan(4.5 * deviation);
      }
  });

  it('keeps filters, in layouts whose members are listed and in those that have too many', () => {
    const { space: filtered, diagnostics } = spaceFromText(
      `space filtered
  input 16x16x3
  classes 10
  block C = fused-mbconv(expand: {2, 3, 4, 5}, kernel: {3, 5}, se: 0)
  block T = transformer(head-dim: 8)
  stem conv(width: 16)
  stage 1  width 16  downsample conv(stride: 1)  C{3} | C T
  stage 2  width {24, 32}  C{2,3} | T
  head pool-linear
  where params * macs <= 400G or params / macs > 0.01
`,
      'filtered.space',
    );
    if (!filtered) throw new Error(JSON.stringify(diagnostics));
    expect(filtered.filters.length).toBe(1);
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 300; seed++) {
      const [member] = sampleByLayout(filtered, 1, seededRandom(seed));
      expect(filtered.contains(member!).member).toBe(true);
      seen.set(layoutOf(member!), (seen.get(layoutOf(member!)) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['CCC-CC', 'CCC-CCC', 'CCC-T', 'CT-CC', 'CT-CCC', 'CT-T']);
    for (const times of seen.values())
      expect(Math.abs(times - 50)).toBeLessThan(4.5 * Math.sqrt(50 * (5 / 6)));
  });

  it('takes no layout twice before each once, no member twice, and in the end all', () => {
    const all = skewedSpace();
    const layouts = layoutsOf(all);
    const total = [...layouts.values()].reduce((sum, { size }) => sum + size, 0);
    for (let size = 1; size <= total; size++) {
      const drawn = sampleByLayout(all, size, seededRandom(size));
      expect(new Set(drawn.map(canonicalText)).size).toBe(size);
      const times = new Map<string, number>();
      for (const member of drawn) times.set(layoutOf(member), (times.get(layoutOf(member)) ?? 0) + 1);
      const most = Math.max(...times.values());
      for (const [layout, members] of layouts)
        expect(times.get(layout) ?? 0).toBeGreaterThanOrEqual(Math.min(members.size, most - 1));
    }
    expect(() => sampleByLayout(all, total + 1, seededRandom(1))).toThrow(
      `skewed: ${total + 1} distinct members were asked for, got ${total}`,
    );
  });

  it('draws the same members for the same seed', () => {
    const texts = (): string[] => sampleByLayout(skewedSpace(), 5, seededRandom(3)).map(canonicalText);
    expect(texts()).toEqual(texts());
  });
});
