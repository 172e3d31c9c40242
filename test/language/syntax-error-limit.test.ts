/** Texts with thousands of errors: the rest of the file is not read, and the last diagnostic says so. */
import { expect, it } from 'vitest';
import { limits } from '../../src/language/limits.js';
import { parseSpaceFile } from '../../src/language/parse.js';

it.each([
  ['statements without their condition', ' where'.repeat(40_000)],
  ['quoted texts without an end', '"a\n'.repeat(60_000)],
  ['signs of no meaning', ' $a'.repeat(60_000)],
])('parseSpaceFile of %s lists some errors, then that there are more, in under 2 s of CPU', (_, text) => {
  const start = process.cpuUsage();
  const { ast, diagnostics } = parseSpaceFile(`space s\n${text}`, 'a.space');
  const { user, system } = process.cpuUsage(start);
  expect(ast).toBeUndefined();
  expect(diagnostics).toHaveLength(limits.diagnostics + 1);
  expect(diagnostics.at(-1)!.message).toBe('a file lists at most 50 problems, got more from here on');
  expect((user + system) / 1e6).toBeLessThan(2);
});

it('parseSpaceFile reads a sound text after one with too many errors', () => {
  parseSpaceFile(`space s\n${' where'.repeat(1000)}`, 'a.space');
  const { ast, diagnostics } = parseSpaceFile('space s\n input 32x32x3\n', 'b.space');
  expect(diagnostics).toEqual([]);
  expect(ast?.name.name).toBe('s');
});
