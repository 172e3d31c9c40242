/** The spaces that ship: each opens, has the size its header says, and prints to a text that reads back. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/architecture/layout.js';
import { parseSpaceFile } from '../../src/language/parse.js';
import { printSpace } from '../../src/language/print.js';
import { networkCost } from '../../src/network/network-cost.js';
import { FunctionalClasses } from '../../src/space/inspect/functional-classes.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { loadSpace, spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import {
  countsDigest,
  nasBenchMacroSample,
  publishedCountsDigest,
} from '../fixtures/published/nas-bench-macro.js';

const folder = resolve(import.meta.dirname, '../../search-spaces');
const sizes: Readonly<Record<string, bigint>> = {
  'ascan-blocks': 9n,
  'denoise-cpu': 9n,
  'segment-cpu': 50n,
  'ascan-cpu': 125n,
  'ascan-equal-macs': 33n,
  'ascan-order': 8n,
  ascan: 125n,
  autoformer: 5n * (2n ** 12n + 2n ** 13n + 2n ** 14n),
  coatnet: 5n,
  fastervit: 768n,
  grammar: 121n,
  maxvit: 81n,
  'nas-bench-macro': 3n ** 8n,
  'ofa-mobilenetv3': (9n ** 2n + 9n ** 3n + 9n ** 4n) ** 5n,
  'unet-mirror': 64n,
};

describe('a shipped space', () => {
  it('stands in the table of sizes', () => {
    expect(
      readdirSync(folder)
        .filter((file) => file.endsWith('.space'))
        .map((file) => file.slice(0, -6))
        .sort(),
    ).toEqual(Object.keys(sizes).sort());
  });
  it.each(Object.entries(sizes))('%s has %s members, header, and a text that reads back', (name, size) => {
    const file = join(folder, `${name}.space`);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Question: [^]*\n# Source: [^]*\n# Size: /);
    expect(printSpace(parseSpaceFile(readFileSync(file, 'utf8'), file).ast!)).toBe(
      readFileSync(file, 'utf8'),
    );
    const space = loadSpace(file);
    expect(space.count()).toEqual({ exact: true, count: size });
    const again = spaceFromText(space.text, 'again.space').space!;
    expect(again.text).toBe(space.text);
    expect(again.count()).toEqual(space.count());
    const member = space.sample(seededRandom(2));
    expect(space.costOf(member)).toEqual(networkCost(member).total);
    expect(layoutOf(again.unrank(space.rank(member)))).toBe(layoutOf(member));
  });
  it('nas-bench-macro falls into 3,969 functional classes', () => {
    expect(new FunctionalClasses(loadSpace(join(folder, 'nas-bench-macro.space'))).count).toBe(3969n);
  });
  it('unet-mirror repeats its encoder backwards', () => {
    for (const member of loadSpace(join(folder, 'unet-mirror.space')).enumerate()) {
      const stages = layoutOf(member).split('-');
      for (const [up, down] of [
        [6, 0],
        [5, 1],
        [4, 2],
      ] as const)
        expect(stages[up]).toBe([...stages[down]!].reverse().join(''));
    }
  });
  it('ofa-mobilenetv3 under one budget is exact, and draws stay within it', () => {
    const whole = loadSpace(join(folder, 'ofa-mobilenetv3.space'));
    const space = whole.where('params <= 3M');
    const [within, beyond] = [space.count(), whole.where('params > 3M').count()];
    if (!within.exact || !beyond.exact) throw new Error('one budget must be compiled');
    expect(within.count + beyond.count).toBe(sizes['ofa-mobilenetv3']);
    const random = seededRandom(4);
    for (let draw = 0; draw < 5; draw++)
      expect(networkCost(space.sample(random)).total.params).toBeLessThanOrEqual(3e6);
  });
  it('ofa-mobilenetv3 under two budgets has too many distinct costs: it says so, gives an interval, and draws within the budgets', () => {
    const space = loadSpace(join(folder, 'ofa-mobilenetv3.space')).where('macs <= 300M and params <= 3M');
    const count = space.count();
    if (count.exact) throw new Error('the budgets were compiled after all: say so in the reference');
    expect(count.low <= count.estimate && count.estimate <= count.high && count.low > 0n).toBe(true);
    expect(count.because).toMatch(/not compiled: macs <= 300M/);
    const random = seededRandom(4);
    for (let draw = 0; draw < 5; draw++)
      expect(networkCost(space.sample(random)).total.macs).toBeLessThanOrEqual(300e6);
  });
});

describe('NAS-Bench-Macro', () => {
  it('all 6,561 published parameter counts and MACs come out exactly', () => {
    const counts = new Map<string, { params: number; macs: number }>();
    for (const member of loadSpace(join(folder, 'nas-bench-macro.space')).enumerate()) {
      const key = layoutOf(member)
        .replaceAll('-', '')
        .replace(/./g, (letter) => String('IAB'.indexOf(letter)));
      counts.set(key, networkCost(member).total);
    }
    expect(counts.size).toBe(6561);
    for (const { key, params, macs } of nasBenchMacroSample())
      expect([counts.get(key)!.params, counts.get(key)!.macs], key).toEqual([params, macs]);
    expect(countsDigest((key) => counts.get(key)!)).toBe(publishedCountsDigest);
  });
});

describe('resolveArchitecture', () => {
  const file = join(folder, 'ascan-cpu.space');
  it('names a member by layouts and by rank', () => {
    expect(layoutOf(resolveArchitecture(`${file}@C-CCCT-CCTT-CTTT`))).toBe('C-CCCT-CCTT-CTTT');
    expect(layoutOf(resolveArchitecture(`${file}#0`))).toBe('C-CCCC-CCCC-CCCC');
  });
  it('reads a space of one member as that member, and says how to choose in a larger one', () => {
    expect(layoutOf(resolveArchitecture(join(folder, 'reference/resnet50.space')))).toBe(
      'CCC-CCCC-CCCCCC-CCC',
    );
    expect(() => resolveArchitecture(file)).toThrow(/must have one member, got 125/);
  });
  it('says what it misses', () => {
    expect(() => resolveArchitecture(`${file}@C-CCCT`)).toThrow(/no member has the layouts C-CCCT/);
    expect(() => resolveArchitecture(`${file}#125`)).toThrow(/rank must lie in 0..124, got 125/);
    expect(() => resolveArchitecture(`${join(folder, 'autoformer.space')}@${'T'.repeat(12)}`)).toThrow(
      /must name one member, got 20480/,
    );
  });
});
