import { describe, expect, it } from 'vitest';
import { architectureId, canonicalText, parseArchitecture } from '../../src/architecture/canonical.js';
import { describeArchitecture } from '../../src/architecture/describe-architecture.js';
import { UserError } from '../../src/util/errors.js';
import { nasBenchMacro } from '../fixtures/nas-bench-macro-network.js';

const architecture = nasBenchMacro('01201201');
// biome-ignore lint/suspicious/noExplicitAny: the tests build values that no type allows
const changed = (change: (value: any) => void): string => {
  const value = JSON.parse(canonicalText(architecture));
  change(value);
  return JSON.stringify(value);
};

describe('parseArchitecture', () => {
  it('reads what `show --json` prints of a network', () => {
    const printed = JSON.stringify({ id: architectureId(architecture), layout: 'C', architecture });
    expect(canonicalText(parseArchitecture(printed))).toBe(canonicalText(architecture));
  });
  it('reads canonicalText back to an equal, frozen value', () => {
    const parsed = parseArchitecture(canonicalText(architecture));
    expect(parsed).toEqual(architecture);
    expect(canonicalText(parsed)).toBe(canonicalText(architecture));
    expect(Object.isFrozen(parsed.stages[0]!.blocks[0]!.params)).toBe(true);
  });
  it.each<[string, string, RegExp]>([
    [
      'a text for a number',
      changed((value) => {
        value.stages[1].width = '64';
      }),
      /^x\.json: stages\[1\]\.width: expected number, got "64"$/,
    ],
    [
      'a missing part',
      changed((value) => {
        delete value.head;
      }),
      /^x\.json: head: .*got nothing$/,
    ],
    [
      'an unknown key',
      changed((value) => {
        value.extra = 1;
      }),
      /extra/,
    ],
    [
      'a bad letter',
      changed((value) => {
        value.stages[0].blocks[1].letter = 'c1';
      }),
      /^x\.json: stages\[0\]\.blocks\[1\]\.letter: must be one upper-case letter.*got "c1"$/,
    ],
    [
      'no stage',
      changed((value) => {
        value.stages = [];
      }),
      /^x\.json: stages: /,
    ],
    [
      'a stride of 3',
      changed((value) => {
        value.stages[0].firstStride = 3;
      }),
      /stages\[0\]\.firstStride/,
    ],
    ['broken JSON', '{"input": \n oops', /^x\.json(:2:2)?: an architecture must be JSON/],
  ])('refuses %s, naming the place', (_, text, message) => {
    expect(() => parseArchitecture(text, 'x.json')).toThrow(UserError);
    expect(() => parseArchitecture(text, 'x.json')).toThrow(message);
  });
});

describe('architectureId', () => {
  it('does not depend on the order of keys, and on every value', () => {
    const reordered = Object.fromEntries(
      Object.entries(architecture).reverse(),
    ) as unknown as typeof architecture;
    expect(architectureId(reordered)).toBe(architectureId(architecture));
    expect(architectureId({ ...architecture, classes: 11 })).not.toBe(architectureId(architecture));
    expect(architectureId(architecture)).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('describeArchitecture', () => {
  it('says stem, layouts with widths and head in a line', () => {
    expect(describeArchitecture(architecture)).toBe(
      '32×32×3 → conv 32 → IA 64 | BIA 128 | BIA 256 → conv-pool-linear 10',
    );
  });
});
