/** Holds the documents: paths and links that they name exist, and the README stays short. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from './import-graph.js';

const folders = [
  '',
  '.github',
  'bench',
  'docs',
  'engine',
  'experiments',
  'reports',
  'scripts',
  'search-spaces',
  'src',
  'test',
];

const documents = folders.flatMap((folder) =>
  readdirSync(join(repository, folder), { recursive: folder !== '', withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules')),
);

/** `src/data/README.md`, `bench/`, `.ci/run`, with or without a glob or a line behind it. */
const REPOSITORY_PATH = /^(\.ci|\.github|bench|docs|engine|experiments|scripts|search-spaces|src|test)\//;

/** Paths in backticks that start at the root of the repository; made-up names and patterns are left out. */
function namedPaths(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => REPOSITORY_PATH.test(path) && !/[*…{}<>@#]|\b[A-Z]{4,}\b(?!\.md)/.test(path));
}

/** Targets of Markdown links within the repository. */
function linkTargets(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

describe('documents', () => {
  it.each(documents)('%s names paths that exist', (file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    const folder = join(repository, dirname(file));
    const paths = namedPaths(text).filter((path) => !existsSync(join(repository, path)));
    const links = linkTargets(text).filter((target) => !existsSync(resolve(folder, target)));
    expect([...paths, ...links]).toEqual([]);
  });

  it('README.md has at most 900 words', () => {
    const words = readFileSync(join(repository, 'README.md'), 'utf8').split(/\s+/).filter(Boolean);
    expect(words.length).toBeLessThanOrEqual(900);
  });

  it.each(['package.json', '.ci/run', '.github/workflows/ci.yml', 'README.md', 'CONTRIBUTING.md'])(
    '%s names npm scripts that exist',
    (file) => {
      const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      const named = [
        ...readFileSync(join(repository, file), 'utf8').matchAll(/npm run (?:--silent )?([a-z:]+)/g),
      ];
      expect(named.map(([, name]) => name).filter((name) => !Object.hasOwn(scripts, name!))).toEqual([]);
    },
  );
});
