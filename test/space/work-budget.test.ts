/** One budget of work over the phases of opening a space. */
import { describe, expect, it } from 'vitest';
import { openingBudget, WorkBudget } from '../../src/space/automaton/work-budget.js';
import { spaceFromText } from '../../src/space/load.js';
import { TooLargeError } from '../../src/space/model/too-large-error.js';

const budget = (limit: number): WorkBudget => new WorkBudget(limit, (most) => `more than ${most}`);

describe('WorkBudget.part', () => {
  it('spends of the whole at its rate, and has no more left than the whole', () => {
    const whole = budget(10);
    const part = whole.part(100, (most) => `part: more than ${most}`, 0.5);
    part.spend(8);
    expect(whole.left).toBe(6);
    expect(part.left).toBe(12);
    whole.spend(5);
    expect(part.left).toBe(2);
  });
  it('ends with its own reason where its limit is reached, with that of the whole where that is', () => {
    const whole = budget(10);
    const part = (): WorkBudget => whole.part(4, (most) => `part: more than ${most}`);
    expect(() => part().spend(5)).toThrow(new TooLargeError('part: more than 4'));
    part().spend(4);
    part().spend(4);
    expect(() => part().spend(4)).toThrow(new TooLargeError('more than 10'));
    expect(whole.left).toBe(0);
  });
});

const stages = Array.from({ length: 6 }, (_, index) => `  stage ${index + 1}  width 16  (C | T){1,4}`);
const crowded = (conditions: readonly string[]): string =>
  [
    'space crowded',
    '  input 32x32x3  classes 10',
    '  block C = fused-mbconv(expand: 2, se: 0)',
    '  block T = transformer(head-dim: 8)',
    '  stem conv(width: 16)',
    ...stages,
    '  head pool-linear',
    ...conditions.map((condition) => `  where ${condition}`),
  ].join('\n');

describe('spaceFromText', () => {
  it('two of thirty conditions that contradict each other are found', () => {
    const harmless = Array.from({ length: 28 }, (_, index) => `count(T) <= ${30 + index}`);
    const { diagnostics } = spaceFromText(
      crowded([...harmless, 'count(C) >= 9', 'count(C) <= 3']),
      'own.space',
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the space has no member: 2 conditions contradict each other',
      'the space has no member: this condition contradicts `count(C) >= 9`',
    ]);
  });
  it('thousands of conditions are refused with the limit, before they are compiled', () => {
    const conditions = Array.from({ length: 9000 }, (_, index) => `count(T) <= ${100 + index}`);
    const before = process.cpuUsage();
    const { space, diagnostics } = spaceFromText(crowded(conditions), 'own.space');
    const { user, system } = process.cpuUsage(before);
    expect(openingBudget().left).toBeGreaterThan(5e5);
    expect(space !== undefined || diagnostics[0]!.message.includes('takes more than')).toBe(true);
    expect((user + system) / 1e6).toBeLessThan(6); // 2 s alone
  });
});
