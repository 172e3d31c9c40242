/** Holds the layer table of the README: a file imports only from lower layers or its own folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** Folder → layer. Same-layer folders do not import each other. */
const layers: Readonly<Record<string, number>> = {
  util: 0,
  tensor: 1,
  blocks: 2,
  architecture: 3,
  network: 4,
  language: 5,
  space: 6,
  runtime: 7,
  profile: 8,
  train: 8,
  store: 9,
  analysis: 10,
  search: 11,
  lab: 12,
  report: 13,
  explore: 13,
  cli: 14,
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(join(folder, entry.name))
      : /\.tsx?$/.test(entry.name)
        ? [join(folder, entry.name)]
        : [],
  );
}

/** Every `import … from './x.js'`, type imports and dynamic ones included. */
function relativeImports(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(
    (match) => resolve(dirname(file), match[1]!),
  );
}

const folderOf = (path: string): string => relative(src, path).split(sep)[0]!;

describe('layers', () => {
  const files = sources(src);
  it('every folder of src stands in the table', () => {
    expect(files.map(folderOf).filter((folder) => !(folder in layers))).toEqual([]);
  });
  it('a file imports only from lower layers or its own folder', () => {
    const wrong = files.flatMap((file) =>
      relativeImports(file)
        .filter(
          (target) =>
            folderOf(target) !== folderOf(file) && layers[folderOf(target)]! >= layers[folderOf(file)]!,
        )
        .map((target) => `${relative(src, file)} -> ${relative(src, target)}`),
    );
    expect(wrong).toEqual([]);
  });
});
