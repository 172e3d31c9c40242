import { describe, expect, it } from 'vitest';
import { externalImport, testFiles, unitTests } from './unit-tests.js';

describe('unitTests', () => {
  it('holds the tests of pure rooms and no test that needs the engine, SQLite, a browser or a build', () => {
    const rooms = new Set(unitTests.map((test) => test.split('/')[1]));
    expect([...rooms]).toEqual(
      expect.arrayContaining(['analysis', 'architecture', 'blocks', 'language', 'space']),
    );
    expect(unitTests.length).toBeGreaterThan(testFiles.length / 4);
    for (const test of ['test/runtime/compiled.test.ts', 'test/cli/cli.test.ts', 'test/store/store.test.ts'])
      expect(unitTests).not.toContain(test);
  });
  it('names what keeps a test out', () => {
    expect(externalImport('test/store/store.test.ts')).toMatch(/better-sqlite3|node:child_process|dist/);
    expect(externalImport('test/unit-tests.test.ts')).toBeUndefined();
  });
});
