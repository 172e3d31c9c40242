/** Blocks as text: every step once, results that are read later drawn as lines. */
import { describe, expect, it } from 'vitest';
import { blocks } from '../../../src/blocks/block-table.js';
import { drawSteps } from '../../../src/cli/output/block-drawing.js';
import { describeBlock } from '../../../src/network/describe-blocks.js';

describe('drawSteps', () => {
  it('draws a residual and a gate', () =>
    expect(
      `\n${drawSteps(describeBlock('fused-mbconv').steps, [1, 14, 14, 64]).join('\n')}\n`,
    ).toMatchInlineSnapshot(`
    "
      0 ╭── input                       14×14×64
      1 │   expand        convolution  14×14×256   28.9M
      2 │   expand-norm   batch norm   14×14×256
      3 │╭─               gelu         14×14×256
      4 ││  se            mean               256
      5 ││  se/reduce     product             64   16.4k
      6 ││  se            gelu                64
      7 ││  se/expand     product            256   16.4k
      8 ││  se            sigmoid            256
      9 │╰─ se            times        14×14×256
     10 │   project       convolution   14×14×64   3.21M
     11 │   project-norm  batch norm    14×14×64
     12 ╰──               plus          14×14×64
    "
  `));
  it('crosses where arcs cross', () =>
    expect(
      drawSteps(
        [
          { scope: 'a', kind: 'relu', shape: [1, 4], macs: 0, from: [0] },
          { scope: 'b', kind: 'add', shape: [1, 4], macs: 0, from: [1, 0] },
          { scope: 'c', kind: 'add', shape: [1, 4], macs: 0, from: [2, 1] },
        ],
        [1, 4],
      ).join('\n'),
    ).toMatchInlineSnapshot(`
    "  0  ╭─ input        4
      1 ╭┼─ a      relu  4
      2 │╰─ b      plus  4
      3 ╰── c      plus  4"
  `));
  it.each(Object.keys(blocks))(
    '%s: MACs of the steps are the block’s, and every step reads earlier ones or weights alone',
    (name) => {
      const { steps, cost } = describeBlock(name);
      expect(steps.reduce((sum, { macs }) => sum + macs, 0)).toBe(cost.macs);
      steps.forEach(({ from, macs }, index) =>
        expect(
          (from.length > 0 || macs > 0) && from.every((source) => source <= index),
          `${name} ${index + 1}`,
        ).toBe(true),
      );
      expect(drawSteps(steps, [1, 14, 14, 64])).toHaveLength(steps.length + 1);
    },
  );
});
