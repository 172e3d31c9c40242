/**
 * Enforces the table of rooms in docs/architecture.md: a file imports only from lower layers or its own folder.
 * Also limits the width of lines, since the formatter does not break texts and comments.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, repository, sourceFiles } from './import-graph.js';

const src = join(repository, 'src');

/** Folder → layer, read from the table: a row begins with `| 3 | `name` |`. */
const layers: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ...readFileSync(join(repository, 'docs/architecture.md'), 'utf8').matchAll(
      /^\| (\d+) +\| `([a-z-]+)` +\|/gm,
    ),
  ].map(([, layer, folder]) => [folder!, Number(layer)]),
);

const files = sourceFiles(src);

/** Imported files of `src`, types and dynamic imports included. */
const imports = new Map(
  files.map((file) => [
    file,
    importsOf(file, { types: true }).files.filter((target) => files.includes(target)),
  ]),
);
const roomOf = (file: string): string => relative(src, file).split(sep)[0]!;
const folderOf = (file: string): string => relative(src, dirname(file));

/** Groups of two and more nodes that reach each other (strongly connected components, Tarjan 1972). */
function circles(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  const [index, low, stack, found] = [
    new Map<string, number>(),
    new Map<string, number>(),
    [] as string[],
    [] as string[][],
  ];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

describe('layers', () => {
  it('the table lists the folders of src and no others', () => {
    expect(Object.keys(layers).sort()).toEqual([...new Set(files.map(roomOf))].sort());
  });
  it('a file imports only from lower layers or its own folder', () => {
    const wrong = files.flatMap((file) =>
      imports
        .get(file)!
        .filter(
          (target) => roomOf(target) !== roomOf(file) && layers[roomOf(target)]! >= layers[roomOf(file)]!,
        )
        .map((target) => `${relative(src, file)} -> ${relative(src, target)}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('circles', () => {
  it('files do not import each other in a cycle', () => {
    expect(circles(imports).map((circle) => circle.map((file) => relative(src, file)))).toEqual([]);
  });
  it('folders do not import each other in a cycle, except with their own sub-folders', () => {
    const folders = new Map<string, Set<string>>(files.map((file) => [folderOf(file), new Set()]));
    for (const [file, targets] of imports)
      for (const target of targets) {
        const [from, to] = [folderOf(file), folderOf(target)];
        const nested = from === to || from.startsWith(to + sep) || to.startsWith(from + sep);
        if (!nested) folders.get(from)!.add(to);
      }
    expect(circles(folders)).toEqual([]);
  });
});

describe('width of lines', () => {
  it('no line of src has more than 110 columns, except for URLs and migrations, which never change', () => {
    const wide = files
      .filter((file) => !relative(src, file).startsWith(join('store', 'migrations')))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            [...line].length > 110 && !/https?:\/\/\S{40}/.test(line)
              ? [`${relative(src, file)}:${index + 1}`]
              : [],
          ),
      );
    expect(wide).toEqual([]);
  });
});
