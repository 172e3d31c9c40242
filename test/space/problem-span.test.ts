/** Parameters that cannot stand are diagnostics at their place in the file, before anything is built. */
import { describe, expect, it } from 'vitest';
import { spaceFromText } from '../../src/space/load.js';

const text = (
  change: {
    readonly c?: string;
    readonly t?: string;
    readonly stem?: string;
    readonly down?: string;
    readonly head?: string;
  } = {},
): string => `space s
  input 32x32x3
  classes 10
  block C = ${change.c ?? 'convnext'}
  block T = ${change.t ?? 'swin(head-dim: 16, window: 4)'}
  stem ${change.stem ?? 'conv(width: 32)'}
  stage 1  width 32  CT
  stage 2  width 96  downsample ${change.down ?? 'conv'}  CT
  head ${change.head ?? 'pool-linear'}
`;
const found = (change: Parameters<typeof text>[0]): string[] => {
  const lines = text(change).split('\n');
  return spaceFromText(text(change), 's.space').diagnostics.map(
    ({ severity, span: { line, column, length }, message }) =>
      `${severity} ${line} \`${lines[line - 1]!.slice(column - 1, column - 1 + length)}\` ${message}`,
  );
};

describe('diagnostics of parameters', () => {
  it('finds nothing in the space as it is', () => expect(found({})).toEqual([]));
  it.each<[string, Parameters<typeof text>[0], string]>([
    ['a kernel of 0', { c: 'convnext(kernel: 0)' }, 'error 4 `0` kernel must lie in 1..51, got 0'],
    ['an even kernel', { c: 'mbconv(kernel: 4)' }, 'error 4 `4` kernel must be odd, got 4'],
    [
      'heads that do not divide',
      { t: 'transformer(head-dim: 36)' },
      'error 5 `36` stage 1: transformer: head-dim must divide the width 32, got 36',
    ],
    [
      'a window that does not divide',
      { t: 'maxvit(window: 5, head-dim: 16)' },
      'error 5 `5` stage 1: maxvit: window must divide the map of 16×16, got 5',
    ],
    [
      'mask units that do not divide',
      { t: 'hiera(head-dim: 16, window: 3)' },
      'error 5 `3` stage 1: hiera: window must divide the map of 16×16, got 3',
    ],
    [
      'blocks of pixels that do not divide',
      { t: 'maxim(block: 7, grid: 8)' },
      'error 5 `7` stage 1: maxim: block must divide the map of 16×16, got 7',
    ],
    [
      'a choice of which some values cannot stand',
      { t: 'gpsa(head-dim: {16, 36})' },
      'warning 5 `{16, 36}` stage 1: gpsa: head-dim must divide the width 32, got 36: members with this are left out',
    ],
    [
      'a window larger than the map',
      { t: 'swin(head-dim: 16, window: 12)' },
      'warning 5 `12` stage 2: swin: window 12 is larger than the map of 8×8 and is cut to it, as the paper’s code does',
    ],
    [
      'a modifier out of range',
      { c: 'convnext(with-calls: 99)' },
      'error 4 `99` with-calls must lie in 1..16, got 99',
    ],
    [
      'a stem’s stride',
      { stem: 'conv(width: 32, stride: 3)' },
      'error 6 `3` conv: stride must be a power of two, got 3',
    ],
    [
      'a skip from nowhere',
      { down: 'up(from: 2)' },
      'error 8 `2` stage 2: up: from must be an earlier stage whose output nothing took before, got 2',
    ],
    [
      'a skip of another size',
      { down: 'up(from: 1)' },
      'error 8 `1` stage 2: up: from needs stage 1 to leave a map of 32×32, got 16×16',
    ],
    [
      'a list without brackets',
      { head: 'upernet(bins: 1-2-4)' },
      'error 9 `1-2-4` bins must be a list of integers in 1..64 such as [1, 2, 3, 6], got -5',
    ],
    [
      'a text that is no list',
      { head: 'upernet(bins: "1-02")' },
      'bins must be a list of integers in 1..64 such as [1, 2, 3, 6], got "1-02"',
    ],
    [
      'one number where a list stands',
      { head: 'upernet(bins: 4)' },
      'error 9 `4` bins must be a list of integers in 1..64 such as [1, 2, 3, 6], got 4',
    ],
    [
      'an integer of a list out of range',
      { head: 'upernet(bins: [1, 65])' },
      'error 9 `[1, 65]` bins must be a list of integers in 1..64, got [1, 65]',
    ],
    [
      'a list with one integer twice',
      { head: 'upernet(bins: [1, 2, 1])' },
      'error 9 `[1, 2, 1]` bins must be different integers, got [1, 2, 1]',
    ],
    [
      'a list that is too long',
      { head: 'upernet(bins: [1, 2, 3, 4, 5, 6, 7, 8, 9])' },
      'error 9 `[1, 2, 3, 4, 5, 6, 7, 8, 9]` bins may hold at most 8 integers, got 9',
    ],
    [
      'a broken number in a list',
      { head: 'upernet(bins: [1, 2.5])' },
      'error 9 `2.5` a list holds integers of 0 or more, got 2.5',
    ],
    [
      'a set in a list',
      { head: 'upernet(bins: [1, {2, 3}])' },
      'error 9 `{2, 3}` a list holds integers, got a set',
    ],
    ['an open list', { head: 'upernet(bins: [1, 2)' }, 'error 9 `)` expected `]`, got ")"'],
    [
      'a list where a number stands',
      { c: 'mbconv(kernel: [3, 5])' },
      'error 4 `[3, 5]` kernel must be an integer, got "3-5"',
    ],
  ])('%s', (_, change, diagnostic) => expect(found(change).join('\n')).toContain(diagnostic));
  it('a list of known names is tied to them, a name of lists is one choice', () => {
    const bins = (value: string, lets: string): unknown[] => {
      const { space } = spaceFromText(
        text({ head: `upernet(bins: ${value})` }).replace('  block C', `  let ${lets}\n  block C`),
        's.space',
      );
      return [...space!.enumerate()].map(({ head }) => head.params['bins']);
    };
    expect(bins('[1, k, 2 * k]', 'k = {2, 3}')).toEqual(['1-2-4', '1-3-6']);
    expect(bins('b', 'b = {[1], [6, 3, 2, 1]}')).toEqual(['1', '6-3-2-1']);
  });
  it('the reason why a network is no member shows its list as a file has it', () => {
    const [with12, with14] = ['[1, 2]', '[1, 4]'].map(
      (value) => spaceFromText(text({ head: `upernet(bins: ${value})` }), 's.space').space!,
    );
    expect(with12!.contains(with14!.first()!)).toMatchObject({
      member: false,
      reason: expect.stringContaining('head upernet(width: 512, bins: [1, 4],') as string,
    });
  });
});
