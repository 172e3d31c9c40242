/** Which networks can grow out of another, told from shapes alone, against the inheritance of real weights. */
import { describe, expect, it } from 'vitest';
import { growthProblems } from '../../../../src/train/weights/inherit/growth-problem.js';
import { smallNetwork } from '../../../fixtures/small-network.js';

const problemOf = growthProblems(smallNetwork({ layout: 'C-CT', widths: [8, 16] }));

describe('growthProblems', () => {
  it('lets blocks be put in and widths double', () => {
    expect(problemOf(smallNetwork({ layout: 'CC-CT', widths: [8, 16] }))).toBeUndefined();
    expect(problemOf(smallNetwork({ layout: 'C-CTT', widths: [8, 16] }))).toBeUndefined();
    expect(problemOf(smallNetwork({ layout: 'C-CT', widths: [8, 32] }))).toBeUndefined();
  });
  it.each([
    ['CC-T', [8, 16], "must hold the parent's blocks in their order"],
    ['C-CT', [8, 24], "width 24 must be a multiple of the parent's 16"],
    ['C-CT', [8, 8], "width 8 must be a multiple of the parent's 16"],
    ['C-CT-C', [8, 16, 16], 'a child has as many as its parent, 2, got 3'],
  ] as const)('%s of widths %j cannot grow', (layout, widths, rule) => {
    expect(problemOf(smallNetwork({ layout, widths }))).toContain(rule);
  });
});
