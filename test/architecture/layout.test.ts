import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { architectureId } from '../../src/architecture/canonical.js';
import { asymmetryScore, layoutOf, symmetryOf } from '../../src/architecture/layout.js';
import { layoutNames } from '../../src/architecture/layout-names.js';
import { nasBenchMacro } from '../fixtures/nas-bench-macro-network.js';

fc.configureGlobal({ seed: 1 });

describe('layoutOf', () => {
  it('joins the stages by dashes', () => expect(layoutOf(nasBenchMacro('00112201'))).toBe('II-AAB-BIA'));
});

describe('layoutNames', () => {
  it('appends the id where architectures share a layout', () => {
    const [one, two] = [nasBenchMacro('00112201'), nasBenchMacro('00112202')];
    const wide = { ...one, stages: one.stages.map((stage) => ({ ...stage, width: 2 * stage.width })) };
    expect(layoutNames([one, two, wide])).toEqual([
      `II-AAB-BIA ${architectureId(one)}`,
      'II-AAB-BIB',
      `II-AAB-BIA ${architectureId(wide)}`,
    ]);
    expect(layoutNames([one, two])).toEqual(['II-AAB-BIA', 'II-AAB-BIB']);
  });
});

describe('symmetryOf', () => {
  it.each([
    ['CCCC-CCTT-TTTT', 'symmetric'],
    ['C-CCCT-CCTT-CTTT', 'asymmetric'],
    ['CC-CC', 'unmixed'],
    ['CCTT-CT', 'symmetric'],
    ['CIIT', 'symmetric'],
    ['', 'unmixed'],
    ['C-T', 'unmixed'],
    ['CC-CT', 'symmetric'],
  ])('%s is %s', (layout, expected) => {
    expect(symmetryOf(layout)).toBe(expected);
  });
  it('ignores the order inside a stage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('C', 'T', 'I'), { maxLength: 9 }),
        (letters) => symmetryOf(letters.join('')) === symmetryOf([...letters].reverse().join('')),
      ),
    );
  });
});

describe('asymmetryScore', () => {
  it('is the mean over mixed stages', () =>
    expect(asymmetryScore('CC-CCCT-CCTT-CTTT')).toBeCloseTo(1 / 3, 12));
  it('lies in [0, 1) and is above 0 exactly for asymmetric layouts', () => {
    const layouts = fc
      .array(fc.array(fc.constantFrom('C', 'T', 'I'), { maxLength: 6 }), { maxLength: 5 })
      .map((stages) => stages.map((stage) => stage.join('')).join('-'));
    fc.assert(
      fc.property(layouts, (layout) => {
        const score = asymmetryScore(layout);
        return score >= 0 && score < 1 && (score === 0) === (symmetryOf(layout) !== 'asymmetric');
      }),
    );
  });
});
