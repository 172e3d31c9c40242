/** The commands that ask a space, run as a user runs them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonLines, stagecraft } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-space-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const small = put(
  'small.space',
  `# a comment above
space small
  input 8x8x3   classes 2
  block C = fused-mbconv( expand : {1,2} )
  block T = transformer(head-dim: 8)
  stem conv(width: 8)
  stage 1   width 16  downsample conv   C?  (C|T)?  # beside
  head pool-linear
  where params <= 1G
`,
);

describe('count', () => {
  it('says what each part offers and what each condition removes', () => {
    expect(
      stagecraft(['count', 'search-spaces/ascan-equal-macs.space', '--where', 'asymmetric']).out,
    ).toMatchInlineSnapshot(`
      "28

      part     layouts  choices
      input                   1
      stem                    1
      stage 1        1        1
      stage 2        5        5
      stage 3        5        5
      stage 4        5        5
      head                    1

      before conditions: 125

      condition                           alone removes  beyond the others
      macs within 5% of C-CCTT-CCTT-CCTT             92                 70
      asymmetric                                     27                  5
      "
    `);
  });

  it('says on stderr which blocks fit no stage, but with -q the number alone', () => {
    const file = put('heads.space', readFileSync(small, 'utf8').replace('head-dim: 8', 'head-dim: 7'));
    const { code, out, err } = stagecraft(['count', file]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\n/);
    expect(err).toContain('warning: stage 1: transformer: head-dim must divide the width 16, got 7: members');
    expect(err).toContain('block T = transformer(head-dim: 7)');
    expect(stagecraft(['count', file, '-q'])).toEqual({ code: 0, out: `${out.split('\n')[0]}\n`, err: '' });
    expect(stagecraft(['count', small]).err).not.toContain('head-dim');
  });
});

describe('check', () => {
  it('prints warnings with their lines, and is content', () => {
    const { code, out, err } = stagecraft(['check', small]);
    expect({ code, out }).toEqual({ code: 0, out: `${small}: ok: space small, 10 architectures\n` });
    expect(err).toMatch(
      /small\.space:7:41: warning: the layout is ambiguous: C has several derivations[^]*C\? {2}\(C\|T\)\?[^]*\^{11}/,
    );
    expect(err).toMatch(/small\.space:9:9: warning: `params <= 1G` removes nothing/);
    expect(
      (jsonLines(stagecraft(['check', small, '--json']).out)[0]!['diagnostics'] as unknown[]).length,
    ).toBe(2);
  });
  it('refuses hostile sizes at once, by their first place', () => {
    const line = '  stage 2 width 16 ';
    const with2 = (layout: string): string =>
      put('hostile.space', readFileSync(small, 'utf8').replace('  head', `${line}${layout}\n  head`));
    const refused = (file: string, message: RegExp): void =>
      expect(stagecraft(['check', file])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(message) as string,
      });
    refused(
      with2(`${'('.repeat(10_000)}C${')'.repeat(10_000)}`),
      /hostile\.space:8:\d+: error: brackets may be nested at most 64 deep/,
    );
    refused(
      with2('C{1,1000000000}'),
      /hostile\.space:8:24: error: a repetition bound must be an integer in 0\.\.256, got 1000000000/,
    );
    refused(
      put('large.space', '#'.repeat(10_000_000)),
      /large\.space: a space file may hold at most 262144 characters, got 10000000 bytes/,
    );
  });
});

describe('fmt', () => {
  it('prints the canonical form, keeps comments, and --check and --write agree on it', () => {
    const { code, out } = stagecraft(['fmt', small]);
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "# a comment above
      space small
        input 8x8x3
        classes 2
        block C = fused-mbconv(expand: {1, 2})
        block T = transformer(head-dim: 8)
        stem conv(width: 8)
        stage 1  width 16  downsample conv  C? (C | T)?  # beside
        head pool-linear
        where params <= 1G
      "
    `);
    const file = put('rewritten.space', readFileSync(small, 'utf8'));
    expect(stagecraft(['fmt', '--check', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('every file must be in canonical form') as string,
    });
    expect(stagecraft(['fmt', '--write', file])).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(file, 'utf8')).toBe(out);
    expect(stagecraft(['fmt', '--check', file]).code).toBe(0);
    expect(stagecraft(['count', file, '-q']).out).toBe(stagecraft(['count', small, '-q']).out);
  });
  it('leaves a file with mistakes as it is', () => {
    const file = put('wrong.space', 'space wrong\n  stage 1 width\n');
    expect(stagecraft(['fmt', '--write', file])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/wrong\.space:2:16: error/) as string,
    });
    expect(readFileSync(file, 'utf8')).toBe('space wrong\n  stage 1 width\n');
  });
});

describe('stats', () => {
  it('counts every member once in each measure, and draws the same as a picture', () => {
    const figure = join(folder, 'spread.svg');
    const { code, out } = stagecraft([
      'stats',
      'search-spaces/ascan-cpu.space',
      '--json',
      '--figure',
      figure,
    ]);
    expect(code).toBe(0);
    const sums = new Map<string, number>();
    for (const { measure, count } of jsonLines(out))
      sums.set(measure as string, (sums.get(measure as string) ?? 0) + Number(count));
    expect(Object.fromEntries(sums)).toEqual({
      blocks: 125,
      'blocks C': 125,
      'blocks T': 125,
      asymmetry: 125,
      params: 125,
      macs: 125,
    });
    const svg = readFileSync(figure, 'utf8');
    expect(svg).toMatch(/^<svg [^]*ascan-cpu: 125 members[^]*blocks T[^]*<\/svg>\n$/);
    expect(svg.match(/<title>/g)!.length).toBe(jsonLines(out).length);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(
      stagecraft(['stats', 'search-spaces/ascan-cpu.space', '--figure', join(folder, 'spread.gif')]),
    ).toMatchObject({ code: 2, err: expect.stringContaining('written as .svg or .png') as string });
  });
  it('draws bars in the terminal', () =>
    expect(stagecraft(['stats', 'search-spaces/coatnet.space']).out).toMatch(
      /blocks T\n(?: +\d+ {2}█{40} +1\n){5}/,
    ));
});

describe('classes', () => {
  it('counts functions and lists their members', () => {
    const [head, ...classes] = jsonLines(
      stagecraft(['classes', 'search-spaces/nas-bench-macro.space', '--json', '-n', '3', '--least', '3']).out,
    );
    expect(head).toEqual({ members: '6561', classes: '3969' });
    expect(classes.length).toBe(3);
    for (const { size, members } of classes as { size: number; members: { layout: string }[] }[]) {
      expect(members.length).toBe(size);
      // Past the first block of a stage an identity is nothing.
      expect(
        new Set(
          members.map(({ layout }) =>
            layout
              .split('-')
              .map((stage) => stage[0]! + stage.slice(1).replaceAll('I', ''))
              .join('-'),
          ),
        ).size,
      ).toBe(1);
    }
    expect(stagecraft(['classes', 'search-spaces/ascan-cpu.space']).out).toBe(
      '125 members are 125 different functions\n',
    );
  });
});

describe('diff', () => {
  const [a, b] = [
    'search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT',
    'search-spaces/ascan-cpu.space@C-CCTT-CCTT-CCTT',
  ];
  it('aligns layouts, names what differs and what it costs', () => {
    expect(stagecraft(['diff', a, b]).out).toMatchInlineSnapshot(`
      "A  C-CCCT-CCTT-CTTT  b4d9cd892ecb
      B  C-CCTT-CCTT-CCTT  678efaed32ea

      where            A                 B
      stage 2 block 3  C = fused-mbconv  T = transformer
      stage 4 block 2  T = transformer   C = fused-mbconv

      cost              A       B  B against A
      params         683k    810k        +19 %
      MACs          12.3M   11.9M       −2.9 %
      live memory  148 kB  148 kB         same
      asymmetry      0.33    0.00
      "
    `);
    expect(stagecraft(['diff', a, a]).out).toMatch(/^the same architecture: C-CCCT-CCTT-CTTT/);
    const { differences } = JSON.parse(stagecraft(['diff', a, b, '--json']).out) as {
      differences: { place: string }[];
    };
    expect(differences.map(({ place }) => place)).toEqual(['stage 2 block 3', 'stage 4 block 2']);
  });
});

describe('sample and list --by-weight', () => {
  it('say the probability of each', () => {
    const all = jsonLines(stagecraft(['list', 'search-spaces/grammar.space', '--json', '--by-weight']).out);
    expect(all.reduce((sum, { probability }) => sum + (probability as number), 0)).toBeCloseTo(1, 9);
    const drawn = jsonLines(
      stagecraft(['sample', 'search-spaces/grammar.space', '--json', '--by-weight', '-n', '5', '--seed', '2'])
        .out,
    );
    for (const { id, probability } of drawn)
      expect(all.find((member) => member['id'] === id)!['probability']).toBe(probability);
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(5);
  });
});
