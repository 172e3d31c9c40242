/** Short texts that would grow without bound are refused with the reason, before the work is done. */
import { describe, expect, it } from 'vitest';
import { spaceFromText } from '../../src/space/load.js';

const repeated = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

const text = (names: string, layout: string, where = ''): string => `space s
  input 32x32x3   classes 10
  block C = fused-mbconv(expand: 2)
  block T = transformer(head-dim: 8)
${names}  stem conv(width: 16)
  stage 1  width 16  ${layout}
  head pool-linear
${where}`;

const cases = {
  'patterns that double': [
    text(`  pattern p0 = C | T\n${repeated(30, (i) => `  pattern p${i + 1} = p${i} p${i}\n`)}`, 'p30'),
    /^layouts may have at most 200000 items with patterns written out/,
  ],
  'patterns that contain each other': [
    text(`  pattern p0 = C\n${repeated(2000, (i) => `  pattern p${i + 1} = p${i}\n`)}`, 'p2000'),
    /^patterns may contain each other at most 256 deep/,
  ],
  'rules in a chain': [
    text(`${repeated(3000, (i) => `  rule r${i} = C r${i + 1} | T\n`)}  rule r3000 = C\n`, 'depth 1..9 r0'),
    /^a space may have at most 256 rules, got 3001/,
  ],
  'rules that refer to each other in many ways': [
    text(
      repeated(200, (i) => {
        const [a, b, c] = [(i * 7 + 1) % 200, (i * 3 + 2) % 200, (i * 5) % 200];
        return `  rule r${i} = C r${a} | T r${b} C r${c} | T\n`;
      }),
      'depth 1..128 r0',
    ),
    /^the layouts have more than 200000 states/,
  ],
  'repeats within repeats': [
    text('', 'depth 1..256  (((C | T){1,8} C){1,8} T){1,8}'),
    /^the (layouts can be derived in more than 500000 ways|space has more than 800000 transitions)/,
  ],
  'names that double': [
    text(`  let a0 = {1, 2}\n${repeated(40, (i) => `  let a${i + 1} = a${i} + a${i}\n`)}`, 'C'),
    /^`let a13` may have at most 10000 terms with names written out, got 16383/,
  ],
  'a long sum': [
    text('', 'C').replace('width 16  C', `width ${'1 + '.repeat(60_000)}1  C`),
    /^expressions may be nested at most 1000 deep/,
  ],
  'a long negation': [
    text('', 'C', `  where ${'not '.repeat(60_000)}symmetric\n`),
    /^expressions may be nested at most 1000 deep/,
  ],
} as const satisfies Readonly<Record<string, readonly [string, RegExp]>>;

describe('spaceFromText of a text that grows', () => {
  for (const [name, [hostile, message]] of Object.entries(cases))
    it(`refuses ${name}`, () => {
      const { space, diagnostics } = spaceFromText(hostile, 'hostile.space');
      expect(space).toBeUndefined();
      expect(diagnostics[0]!.message).toMatch(message);
    });
  it('takes what lies within the limits', () => {
    const chain = `  let a0 = {1, 2}\n${repeated(20, (i) => `  let a${i + 1} = a${i} + 1\n`)}`;
    const { space } = spaceFromText(text(chain, 'C').replace('width 16  C', 'width 8 * a20  C'), 'a.space');
    expect(space!.count()).toEqual({ exact: true, count: 2n });
  });
});
