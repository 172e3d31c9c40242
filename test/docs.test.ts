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

/** Names in a table of the source: keys of its object, or keywords of its settings. */
const keysOf = (file: string, pattern: RegExp): string[] =>
  [...readFileSync(join(repository, file), 'utf8').matchAll(pattern)].map(([, name]) => name!);

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

  it('docs/experiments.md names every setting and stopping rule, src/data/README.md every data set', () => {
    const experiments = readFileSync(join(repository, 'docs/experiments.md'), 'utf8');
    const settings = readdirSync(join(repository, 'src/lab/settings'))
      .filter((file) => file.endsWith('-setting.ts'))
      .flatMap((file) => keysOf(`src/lab/settings/${file}`, /^ {2}keyword: '([a-z-]+)'/gm));
    const rules = keysOf('src/search/stopping/stopping-rules.ts', /stoppingRules = \{ (.+) \}/g)[0]!.split(
      ', ',
    );
    expect(settings).toContain('space');
    expect(rules).toContain('median');
    expect([...settings, ...rules].filter((name) => !experiments.includes(`\`${name}`))).toEqual([]);
    const table = keysOf('src/data/dataset-table.ts', /datasets = \{([^}]+)\}/g)[0]!;
    const datasets = [...table.matchAll(/^ +([a-z0-9]+)[:,]/gm)].map(([, name]) => name!);
    expect(datasets).toEqual(expect.arrayContaining(['cifar10', 'folder']));
    const data = readFileSync(join(repository, 'src/data/README.md'), 'utf8');
    expect(datasets.filter((name) => !data.includes(`\`${name}\``))).toEqual([]);
  });
});
