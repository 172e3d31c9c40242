/** Hostile and broken files end in diagnostics at their place, at once. */
import { describe, expect, it } from 'vitest';
import { parseExperiment, parseSpaceFile } from '../../src/language/parse.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

const good = `space good
  input 8x8x3   classes 2
  let w = {8, 16}
  block C = fused-mbconv(expand: {1, 2} per stage, se: 0)
  block T = transformer(head-dim: 8)
  pattern mix = C | [0.5] C T
  stem conv(width: w, layers: 1)
  stage 1  width w  mix{1,2}
  stage 2  width 2 * w  depth 1..3  (C | T)+
  head pool-linear
  where count(T) >= 1 and params <= 1M and not C before T in 2
`;
const first = (text: string): string =>
  spaceFromText(text, 'x.space').diagnostics[0]?.message ?? 'no finding';

describe('limits', () => {
  it('nesting, repetition, size and length are refused', () => {
    expect(first(good.replace('mix{1,2}', `${'('.repeat(10_000)}C${')'.repeat(10_000)}`))).toMatch(
      /nested at most 64/,
    );
    expect(first(good.replace('mix{1,2}', 'C{1,1000000000}'))).toMatch(
      /repetition bound must be an integer in 0..256, got 1000000000/,
    );
    expect(first(good.replace('mix{1,2}', 'C{200}{200}'))).toMatch(/at most 256 blocks, got up to 40000/);
    expect(first(good.replace('mix{1,2}', 'C+'))).toMatch(/must have a length limit/);
    expect(first('#'.repeat(10_000_000))).toMatch(/at most 262144 characters, got 10000000/);
    expect(first(good.replace('{8, 16}', '0..100000000000'))).toMatch(/at most 4096 values/);
    expect(parseExperiment(`experiment e\n  a ${'{'.repeat(10_000)}`, 'e').diagnostics[0]!.message).toMatch(
      /nested/,
    );
  });
});

describe('diagnostics', () => {
  it('name place, rule and the nearest known name, several in a run', () => {
    const text = good
      .replace('head-dim', 'head-dmi')
      .replace('fused-mbconv', 'fused-mbcnv')
      .replace('count(T)', 'cuont(T)');
    const { diagnostics } = spaceFromText(text, 'x.space');
    expect(renderDiagnostics(diagnostics, text)).toMatchInlineSnapshot(`
      "x.space:4:13: error: unknown block "fused-mbcnv"
        4 |   block C = fused-mbcnv(expand: {1, 2} per stage, se: 0)
          |             ^^^^^^^^^^^
          = did you mean \`fused-mbconv\`?

      x.space:5:25: error: transformer has no parameter "head-dmi"
        5 |   block T = transformer(head-dmi: 8)
          |                         ^^^^^^^^
          = did you mean \`head-dim\`?

      x.space:11:9: error: "cuont" is not a number of a network
        11 |   where cuont(T) >= 1 and params <= 1M and not C before T in 2
           |         ^^^^^^^^
           = did you mean \`count\`?"
    `);
  });
  it('go on at the next statement after a mistake of grammar', () => {
    const text =
      'space x\n  input 32x32x3 clases 10\n  stage 1 widht 32 C\n  stage 2 width 32 (C | | T\n  where count(T >= 2\n';
    expect(renderDiagnostics(parseSpaceFile(text, 'x.space').diagnostics, text)).toMatchInlineSnapshot(`
      "x.space:2:17: error: expected a statement, got "clases"
        2 |   input 32x32x3 clases 10
          |                 ^^^^^^
          = did you mean \`classes\`?

      x.space:3:17: error: expected a statement, got "32"
        3 |   stage 1 widht 32 C
          |                 ^^
          = known: space, import, input, classes, let, block, pattern, rule, stem, downsample, stage, head, …

      x.space:4:25: error: expected [block letters], got "|"
        4 |   stage 2 width 32 (C | | T
          |                         ^
          = several values are a set, such as {1, 4}; \`|\` stands between blocks of a layout, such as (C | T)

      x.space:4:28: error: expected \`)\`, got the end of the line
        4 |   stage 2 width 32 (C | | T
          |                            ^

      x.space:5:17: error: expected \`)\`, got ">="
        5 |   where count(T >= 2
          |                 ^^"
    `);
  });
});

describe('parseSpaceFile', () => {
  it('ends in a space or a diagnostic for any mutation of a good file', () => {
    const random = seededRandom(9);
    const pieces = [
      '{',
      '}',
      '(',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{1,9}',
      '..',
      'where ',
      'stage 3 ',
      'w',
      '0',
      '1e9',
      '"',
      '%',
      'C',
      'T',
      '\n',
      'rule ',
      'mix',
      ' = ',
      'per stage',
      '==',
    ];
    const runs = Number(process.env['STAGECRAFT_FUZZ'] ?? 1500);
    let spaces = 0;
    for (let run = 0; run < runs; run++) {
      let text = good;
      for (let edit = random.integer(4); edit >= 0; edit--) {
        const at = random.integer(text.length + 1);
        const kind = random.integer(3);
        const before = text.slice(0, at);
        if (kind === 0) text = before + text.slice(at + 1 + random.integer(12));
        else if (kind === 1) text = before + pieces[random.integer(pieces.length)]! + text.slice(at);
        else text = before + String.fromCharCode(random.integer(256)) + text.slice(at + 1);
      }
      const { space, diagnostics } = spaceFromText(text, 'x.space');
      if (space) {
        spaces++;
        expect(space.count().exact, text).toBe(true);
      } else expect(diagnostics.length, text).toBeGreaterThan(0);
    }
    expect(spaces).toBeGreaterThan(0);
  });
});

describe('an empty space', () => {
  const where = (lines: string): string => good.replace(/ {2}where .*\n/, lines);
  it('names the fewest conditions that cannot hold together', () => {
    const text = where(
      '  where depth >= 1\n  where count(T) == 0\n  where symmetric\n  where count(T, 2) >= 1\n',
    );
    expect(
      spaceFromText(text, 'x.space').diagnostics.map(({ span, message }) => `${span.line}: ${message}`),
    ).toEqual([
      '12: the space has no member: 2 conditions contradict each other',
      '14: the space has no member: this condition contradicts `count(T) == 0`',
    ]);
  });
  it('names three where no two are enough, however many stand around them', () => {
    const text = where(
      '  where depth >= 1\n  where count(T, 2) <= 1\n  where params <= 1G\n  where count(C, 2) <= 1\n  where share(T) >= 0\n  where depth(2) >= 3\n',
    );
    const { diagnostics } = spaceFromText(text, 'x.space');
    expect(
      diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ span, message }) => `${span.line}: ${message}`),
    ).toEqual([
      '12: the space has no member: 3 conditions contradict each other',
      '14: the space has no member: this condition contradicts `count(T, 2) <= 1`',
      '16: the space has no member: this condition contradicts `count(T, 2) <= 1`',
    ]);
  });
  it('says what costs there are', () => {
    expect(spaceFromText(where('  where params >= 1G\n'), 'x.space').diagnostics[0]!.hint).toMatch(
      /^without conditions params lie in \d+\.\.\d+$/,
    );
  });
});
