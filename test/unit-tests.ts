/**
 * Splits the tests into two vitest projects by what they import. A unit test reaches no native engine, no
 * SQLite, no browser, no child process and no build in `dist`, so `npm ci --ignore-scripts` is all it needs.
 * Every other test is an integration test: a new or moved test always belongs to one of the two.
 */
import { join, relative, sep } from 'node:path';
import { importsOf, repository, sourceFiles } from './import-graph.js';

/** Packages and modules that a unit test must not reach. */
const EXTERNAL = /^(@tensorflow\/|better-sqlite3$|playwright-core$|node:child_process$|node:worker_threads$)/;

const folder = join(repository, 'test');

/** All test files, relative to the repository, with `/` between folders. */
export const testFiles = sourceFiles(folder)
  .filter((file) => /\.test\.tsx?$/.test(file))
  .map((file) => relative(repository, file).split(sep).join('/'));

/** The first external package that `test` reaches, or undefined for a unit test. */
export function externalImport(test: string): string | undefined {
  const reached = new Set([join(repository, test)]);
  for (const file of reached) {
    if (!/\.tsx?$/.test(file)) continue;
    const { files, packages, readsBuild } = importsOf(file, { types: false });
    const external = packages.find((name) => EXTERNAL.test(name));
    if (external !== undefined) return external;
    if (readsBuild) return 'dist';
    for (const next of files) reached.add(next);
  }
  return undefined;
}

export const unitTests = testFiles.filter((test) => externalImport(test) === undefined);
