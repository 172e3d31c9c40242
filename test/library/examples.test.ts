/** The examples of docs/library.md, extracted and run against the build, as a program of a user would. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '../import-graph.js';
import { temporaryFolder } from '../setup/fakes.js';

const page = readFileSync(join(repository, 'docs/library.md'), 'utf8');
const examples = [...page.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1]!);
/** Files that an example says it is; the others are programs. */
const fileOf = (code: string): string | undefined => /^\/\/ (\S+\.mjs)\n/.exec(code)?.[1];
const programs = examples.filter((code) => fileOf(code) === undefined);

const { folder, remove } = temporaryFolder();
afterAll(remove);
beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(repository, join(folder, 'node_modules/stagecraft'), 'dir');
  for (const code of examples) {
    const file = fileOf(code);
    if (file !== undefined) writeFileSync(join(folder, file), code);
  }
});

function node(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
const run = (code: string): ReturnType<typeof node> => {
  writeFileSync(join(folder, 'program.mjs'), code);
  return node('program.mjs');
};
const programWith = (text: string): string => programs.find((code) => code.includes(text))!;
const stagecraft = (...args: string[]): ReturnType<typeof node> =>
  node(join(repository, 'dist/cli/main.js'), ...args);

describe('docs/library.md', () => {
  it('builds and draws from a space', () => {
    const { out, err } = run(programWith("from 'stagecraft';\nimport { block, conditions"));
    expect(err).toBe('');
    const [count, ...rows] = out.trim().split('\n');
    expect(count).toBe('{ exact: true, count: 24n }');
    const drawn = rows.map((row) => row.split(' '));
    expect(new Set(drawn.map(([layout]) => layout)).size).toBe(3);
    for (const [layout, kind, ...costs] of drawn) {
      expect(layout).toMatch(/^C{1,2}-C{0,3}T{1,3}$/);
      expect(['symmetric', 'asymmetric', 'unmixed']).toContain(kind);
      expect(costs.map(Number).every((cost) => cost > 0)).toBe(true);
    }
  });

  it('counts and costs a block of one’s own', () => {
    const { out, err } = run(programWith('gated.count()'));
    expect(err).toBe('');
    expect(out).toMatch(/^\{ exact: true, count: 8n \} \{\n? *params: \d+,/);
  });

  it('takes definitions of one’s own in the builders', () => {
    const { out, err } = run(`
import { block, head, loadBlocks, oneOf, openSpace, repeated, space, stage, stem, downsample } from 'stagecraft';
import { gatedConv } from './my-blocks.mjs';
import { maxLinear, poolAndConv, twoConvStem } from './my-parts.mjs';
await loadBlocks('my-blocks.mjs', 'my-parts.mjs');
const own = openSpace(
  space('own', {
    input: [16, 16, 3],
    classes: 4,
    blocks: { G: block(gatedConv, { kernel: oneOf(3, 5) }) },
    stem: stem(twoConvStem, { width: 8 }),
    stages: [
      stage({ width: 8 }, repeated('G', 1, 2)),
      stage({ width: 16, downsample: downsample(poolAndConv) }, repeated('G', 1, 1)),
    ],
    head: head(maxLinear),
  }),
);
console.log(own.count().count, own.text);`);
    expect(err).toBe('');
    expect(out).toMatch(/^12n space own/);
    expect(out).toMatch(/stem two-conv\(width: 8\)[^]*downsample pool-and-conv[^]*head max-linear/);
  });

  it('measures and trains parts of one’s own in child processes', () => {
    const { out, err } = run(programWith('await profile('));
    expect(err).toBe('');
    const [times, scores] = out.trim().split('\n');
    const [step, low, high] = times!.split(' ').map(Number);
    expect(step).toBeGreaterThan(0);
    expect(high).toBeGreaterThanOrEqual(low!);
    expect(scores).toMatch(/^\[ [\d.]+, [\d.]+ \] \d+$/);
  });

  it('runs an experiment, reads and analyses it', () => {
    const { out, err } = run(programWith('await runExperiment('));
    expect(err).toBe('');
    expect(out).toMatch(/name: 'tiny'/);
    expect(out).toMatch(/\[ 'C-C[CT]', \d+ \]/);
    expect(out).toMatch(/value: -?[\d.e-]+,\s+low: -?[\d.e-]+,\s+high: [\d.e-]+,\s+samples: 2/);
  });

  it('types every example', () => {
    programs.forEach((code, index) => writeFileSync(join(folder, `example${index}.mts`), code));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          module: 'NodeNext',
          strict: true,
          noEmit: true,
          types: ['node'],
          typeRoots: [join(repository, 'node_modules/@types')],
          skipLibCheck: true,
        },
        include: ['*.mts'],
      }),
    );
    const { status, stdout } = spawnSync(join(repository, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

describe('--blocks', () => {
  const space = `space gated
  input 16x16x3
  classes 4
  block G = gated-conv
  stem conv(width: 8)
  stage 1  width 8  G{1,3}
  head pool-linear
`;
  beforeAll(() => {
    writeFileSync(join(folder, 'gated.space'), space);
    writeFileSync(join(folder, 'none.mjs'), 'export const value = 1;');
  });

  it('makes the block known to a command', () => {
    expect(stagecraft('count', 'gated.space', '--blocks', 'my-blocks.mjs').out).toMatch(/^3\n/);
    expect(stagecraft('--blocks=my-blocks.mjs', 'blocks', 'gated-conv').out).toMatch(
      /^gated-conv {2}block G:/,
    );
    expect(stagecraft('show', 'block', 'gated-conv', '--blocks', 'my-blocks.mjs').code).toBe(0);
  });
  it('is asked for where the block is missing', () => {
    const { code, err } = stagecraft('count', 'gated.space');
    expect(code).toBe(2);
    expect(err).toContain('unknown block "gated-conv"');
    expect(err).toContain('a block of your own needs its module: --blocks FILE, or STAGECRAFT_BLOCKS');
  });
  it.each([
    [['--blocks', 'absent.mjs'], /^STAGECRAFT_BLOCKS: must name modules, got no file ".*absent\.mjs"\n/],
    [
      ['--blocks', 'none.mjs'],
      /none\.mjs: the module must export a block, stem, downsampling layer or head, got value\n/,
    ],
    [['--blocks'], /^--blocks: must name a module, got nothing\n/],
  ])('%j is a mistake with its rule', (args, message) => {
    const { code, err } = stagecraft('count', 'gated.space', ...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
