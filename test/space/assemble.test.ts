/** Files that build on others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spaceFromText } from '../../src/space/load.js';

const folder = mkdtempSync(join(tmpdir(), 'spaces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const base = `space base
  input 8x8x3
  classes 2
  let w = {8, 16}
  block C = fused-mbconv(expand: 1)
  block T = transformer(head-dim: 8)
  pattern mix = C | T
  stem conv(width: 8)
  stage 1  width w  depth 1..2  mix{1,2}
  stage 2  width 16  C
  head pool-linear
  where count(T) <= 1
`;
beforeAll(() => {
  writeFileSync(join(folder, 'base.space'), base);
  writeFileSync(join(folder, 'loop-a.space'), 'import "loop-b.space"\nspace a\n');
  writeFileSync(join(folder, 'loop-b.space'), 'import "loop-a.space"\nspace b\n');
  writeFileSync(join(folder, 'broken.space'), 'space broken\n  stem conv(width 8)\n');
  for (let at = 0; at < 20; at++)
    writeFileSync(
      join(folder, `chain-${at}.space`),
      `space chain refines "${at === 19 ? 'base' : `chain-${at + 1}`}.space"\n`,
    );
});
const open = (text: string): ReturnType<typeof spaceFromText> =>
  spaceFromText(text, join(folder, 'own.space'));
const count = (text: string): bigint => {
  const { space, diagnostics } = open(text);
  const found = space?.count();
  if (!found?.exact) throw new Error(JSON.stringify(diagnostics));
  return found.count;
};
const first = (text: string): string => {
  const { message, span } = open(text).diagnostics[0]!;
  return `${span.file.slice(folder.length + 1)}:${span.line}: ${message.replaceAll(folder, '')}`;
};

describe('refines', () => {
  it('starts from everything the other file says', () =>
    expect(count('space own refines "base.space"')).toBe(2n * (2n + 3n)));
  it('finds files by absolute paths', () => {
    expect(count(`space own refines "${join(folder, 'base.space')}"`)).toBe(2n * (2n + 3n));
    expect(count(`import "${join(folder, 'base.space')}" space own refines "base.space"`)).toBe(10n);
  });
  it('replaces clauses of a stage one by one and keeps the rest', () => {
    expect(count('space own refines "base.space" stage 1 width 8')).toBe(2n + 3n);
    expect(count('space own refines "base.space" stage 1 depth 1')).toBe(2n * 2n);
    expect(count('space own refines "base.space" stage 2 C{1,3}')).toBe(10n * 3n);
  });
  it('replaces definitions, and conditions add up', () => {
    expect(count('space own refines "base.space" let w = 8 pattern mix = C')).toBe(2n);
    expect(count('space own refines "base.space" where count(T) >= 1')).toBe(2n * (1n + 2n));
  });
  it('follows a chain of files, to a limit', () => {
    expect(count('space own refines "chain-8.space"')).toBe(10n);
    expect(first('space own refines "chain-0.space"')).toMatch(
      /files may build on each other at most 16 deep/,
    );
  });
});

describe('import', () => {
  it('brings definitions and nothing else', () => {
    expect(
      count(
        'import "base.space" space own input 8x8x3 classes 2 stem conv(width: w) stage 1 width w mix head pool-linear',
      ),
    ).toBe(4n);
    expect(first('import "base.space" space own')).toBe('own.space:1: a space must have input, got none');
  });
  it('own definitions win', () =>
    expect(
      count(
        'import "base.space" space own let w = 8 input 8x8x3 classes 2 stem conv(width: w) stage 1 width w mix head pool-linear',
      ),
    ).toBe(2n));
});

describe('names with many values', () => {
  it('two in one expression are refused by their number of joint values', () => {
    const text =
      'space own input 8x8x3 classes 2 let a = 1..4096 let b = 1..4096 block C = fused-mbconv(expand: 1) ' +
      'stem conv(width: a + b) stage 1 width 8 C head pool-linear';
    expect(first(text)).toBe(
      'own.space:1: names used in common expressions may have at most 4096 joint values, got 16777216',
    );
  });
});

describe('a file that cannot be built on', () => {
  it('is said at the statement that names it', () => {
    expect(first('space own refines "none.space"')).toBe('own.space:1: /none.space: no such file');
    expect(first('space own refines "../../etc/passwd"')).toMatch(/must end in \.space/);
    expect(first('space own refines "own.space"')).toMatch(
      /must not build on itself, got \/own\.space -> \/own\.space|must not build on itself, got \/own\.space/,
    );
    expect(first('import "loop-a.space" space own')).toMatch(
      /^loop-b\.space:1: a file must not build on itself, got .*loop-a\.space -> .*loop-b\.space -> .*loop-a\.space/,
    );
  });
  it('is refused where files name each other over and over: ten imports on each of eight levels', () => {
    for (let level = 0; level < 8; level++)
      writeFileSync(
        join(folder, `level-${level}.space`),
        `${`import "level-${level + 1}.space"\n`.repeat(level < 7 ? 10 : 0)}space level\n  let v${level} = 8\n`,
      );
    expect(first('import "level-0.space" space own')).toMatch(
      /a space may build on at most 256 files, each counted/,
    );
  });
  it('has its own mistakes at their places, with its text to show them', () => {
    const { diagnostics, sources } = open('space own refines "broken.space"');
    expect(diagnostics.map(({ span, message }) => [span.file, span.line, message])).toEqual([
      [join(folder, 'broken.space'), 2, 'expected `:`, got "8"'],
    ]);
    expect(sources.get(join(folder, 'broken.space'))).toContain('conv(width 8)');
  });
});
